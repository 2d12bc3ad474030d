package strategy

import (
	"slices"
	"testing"
	"time"

	"peerscope/engine/peer"
)

// The simulated network answers after worldRTT; a ping is given up after lossAfter, as engine/requestcache does.
const (
	worldRTT  = 50 * time.Millisecond
	lossAfter = 5 * time.Second
)

// pingWorld is a network of peers on a simulated clock that drives a PeriodicPing by its deadlines, as the engine does.
type pingWorld struct {
	*testing.T
	ping *PeriodicPing
	now  time.Time

	peers    map[*peer.Peer]bool // the verified ones, and whether they answer
	next     int
	isolated bool
	refuse   func(p *peer.Peer) bool // nil for unlimited budget

	pings   map[*peer.Peer][]time.Time
	sent    []time.Time // all pings
	asked   int         // calls of Ping, refused ones too
	removed map[*peer.Peer]time.Time
	pongs   []outcome
	losses  []outcome
}

// outcome is what becomes of a ping, and when.
type outcome struct {
	at   time.Time
	sent time.Time
	peer *peer.Peer
}

func newPingWorld(t *testing.T, config PingConfig) *pingWorld {
	w := &pingWorld{T: t, now: start, peers: map[*peer.Peer]bool{}, pings: map[*peer.Peer][]time.Time{},
		removed: map[*peer.Peer]time.Time{}}
	w.ping = NewPeriodicPing(w, newRand(), config)
	return w
}

func (w *pingWorld) Ping(now time.Time, p *peer.Peer) bool {
	w.asked++
	if !now.Equal(w.now) {
		w.Fatalf("Ping at %v, want %v", now, w.now)
	}
	if w.refuse != nil && w.refuse(p) {
		return false
	}
	w.sent = append(w.sent, now)
	w.pings[p] = append(w.pings[p], now)
	if w.peers[p] && !w.isolated {
		w.pongs = append(w.pongs, outcome{now.Add(worldRTT), now, p})
	} else {
		w.losses = append(w.losses, outcome{now.Add(lossAfter), now, p})
	}
	return true
}

func (w *pingWorld) Remove(now time.Time, p *peer.Peer) {
	if !w.Verified(p) {
		w.Fatal("Remove of a peer that is not verified")
	}
	w.remove(p)
	w.removed[p] = now
}

func (w *pingWorld) Verified(p *peer.Peer) bool { _, ok := w.peers[p]; return ok }
func (w *pingWorld) Isolated() bool             { return w.isolated }
func (w *pingWorld) Len() int                   { return len(w.peers) }
func (w *pingWorld) remove(p *peer.Peer)        { delete(w.peers, p) }

// add verifies n new peers that answer.
func (w *pingWorld) add(n int) (added []*peer.Peer) {
	for range n {
		p := newPeer(w.next, w.now)
		p.LastResponse = w.now
		w.next++
		w.peers[p] = true
		w.ping.Added(w.now, p)
		added = append(added, p)
	}
	return added
}

// run lets d pass.
func (w *pingWorld) run(d time.Duration) {
	w.Helper()
	end, idle := w.now.Add(d), 0
	for {
		next, ok := w.ping.Deadline()
		for _, queue := range [][]outcome{w.pongs, w.losses} {
			if len(queue) > 0 && (!ok || queue[0].at.Before(next)) {
				next, ok = queue[0].at, true
			}
		}
		if !ok || next.After(end) {
			break
		}
		if idle++; next.After(w.now) {
			w.now, idle = next, 0
		}
		if idle > 1000 {
			w.Fatalf("busy loop at %v: the deadline is %v", w.now, next)
		}
		w.deliver()
		w.ping.TakeStep(w.now)
	}
	w.now = end
}

// deliver lets the pings that are answered or lost by now be so.
func (w *pingWorld) deliver() {
	due := func(o outcome) bool { return o.at.After(w.now) }
	for _, o := range take(&w.pongs, due) {
		o.peer.LastResponse = w.now
		o.peer.Pings.Add(w.now.Sub(o.sent))
	}
	for _, o := range take(&w.losses, due) {
		o.peer.LastLost = o.sent
	}
}

// take cuts off what comes before the first outcome that is later.
func take(queue *[]outcome, later func(outcome) bool) []outcome {
	n := slices.IndexFunc(*queue, later)
	if n < 0 {
		n = len(*queue)
	}
	taken := (*queue)[:n]
	*queue = (*queue)[n:]
	return taken
}

// gaps returns the times between two pings of a peer, from a moment on.
func (w *pingWorld) gaps(p *peer.Peer, from time.Time) (gaps []time.Duration) {
	pings := w.pings[p]
	for i := 1; i < len(pings); i++ {
		if !pings[i-1].Before(from) {
			gaps = append(gaps, pings[i].Sub(pings[i-1]))
		}
	}
	return gaps
}

// wantGaps wants each peer pinged at intervals between least and most from a moment on, at least once more.
func (w *pingWorld) wantGaps(peers []*peer.Peer, from time.Time, least, most time.Duration) {
	w.Helper()
	for _, p := range peers {
		gaps := w.gaps(p, from)
		if len(gaps) == 0 || slices.Min(gaps) < least || slices.Max(gaps) > most {
			w.Errorf("%v: pinged after %v, want every %v to %v", p.Address(), gaps, least, most)
			return
		}
	}
}
