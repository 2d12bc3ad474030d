package engine

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"peerscope/engine/community"
	"peerscope/engine/wire"
)

// pingWorld are peers of a driven node: some answer pings, the others never do.
type pingWorld struct {
	*drivenNode
	answering map[netip.AddrPort]int // pings so far
	strangers int                    // pings to those who do not answer
}

// introduce has the n-th peer send an introduction request.
func (w *pingWorld) introduce(n int) (netip.AddrPort, community.Reason) {
	from := netip.AddrPortFrom(netip.AddrFrom4([4]byte{198, 18, byte(n >> 8), byte(n)}), 8470)
	return from, w.receive(from, signed(nodeKey(1000+n), 1, askIntroduction(from.Addr(), 1)))
}

// live lets time pass and has the answering peers answer.
func (w *pingWorld) live(length time.Duration) {
	for end := w.now.Add(length); w.now.Before(end); w.advance(20 * time.Millisecond) {
		for _, p := range w.sent {
			id := wire.MessageID(p.Data[wire.PrefixLen])
			_, answers := w.answering[p.To]
			switch {
			case id == wire.PingID && answers:
				w.answering[p.To]++
				ping, err := readPacket(p.Data)
				if err != nil {
					w.t.Fatal(err)
				}
				w.receive(p.To, unsigned(1, wire.Pong(ping.(wire.Ping))))
			case id == wire.PingID:
				w.strangers++
			}
		}
		w.sent = nil
	}
}

// Many strangers, of whom nobody answers, take no pings from the peers that do,
// and are gone after a while.
func TestFloodOfStrangersLeavesPings(t *testing.T) {
	const peers, strangers, maxPackets = 20, 1500, 50
	w := &pingWorld{answering: make(map[netip.AddrPort]int)}
	w.drivenNode = drive(t, func(c *nodeConfig) { c.MaxPackets, c.PingInterval = maxPackets, time.Second })
	for i := range peers {
		from, reason := w.introduce(i)
		if reason != community.Accepted {
			t.Fatalf("peer %d: %v", i, reason)
		}
		w.answering[from] = 0
	}
	w.live(5 * time.Second)
	clear(w.answering)
	for i := range peers {
		w.answering[netip.AddrPortFrom(netip.AddrFrom4([4]byte{198, 18, 0, byte(i)}), 8470)] = 0
	}
	w.strangers = 0
	for i := range strangers {
		if _, reason := w.introduce(peers + i); reason != community.Accepted {
			t.Fatalf("stranger %d: %v", i, reason)
		}
	}
	const length = 60
	w.live(length * time.Second)
	if got := w.ping.answering.Interval(); got != time.Second {
		t.Errorf("the interval became %v, want 1s", got)
	}
	total := w.strangers
	for a, n := range w.answering {
		total += n
		if n < 0.8*length {
			t.Errorf("%v got %d pings in %d s, want about one a second", a, n, length)
		}
	}
	if most := int(pingShare*maxPackets*length) + 10; total > most {
		t.Errorf("%d pings were sent, want at most %d", total, most)
	}
	if w.strangers < 0.9*length*(pingShare*maxPackets-peers) {
		t.Errorf("strangers got %d pings in %d s, want what is left of %v a second", w.strangers, length, pingShare*maxPackets)
	}
	for _, a := range w.known() {
		if _, answers := w.answering[a]; !answers {
			t.Errorf("%v is remembered, who never answered", a)
		}
	}
	w.live(5 * time.Minute)
	if got := w.network.Len(); got != peers {
		t.Errorf("%d peers are left, want the %d that answer", got, peers)
	}
	if got := w.ping.answered; got != peers {
		t.Errorf("%d peers are counted as answering, want %d", got, peers)
	}
}

// Peers that answer and use up all pings leave some to those who are new.
func TestFloodOfPeersLeavesPingsToStrangers(t *testing.T) {
	const peers = 400 // 200 would use up the pings
	w := &pingWorld{answering: make(map[netip.AddrPort]int)}
	w.drivenNode = drive(t, func(c *nodeConfig) { c.MaxPackets, c.PingInterval = 250, time.Second })
	for i := range peers {
		from, _ := w.introduce(i)
		w.answering[from] = 0
	}
	w.live(30 * time.Second)
	if got := w.ping.answered; got != peers {
		t.Errorf("%d of %d peers are known to answer", got, peers)
	}
	var late []netip.AddrPort
	for i := range 50 {
		from, _ := w.introduce(peers + i)
		w.answering[from] = 0
		late = append(late, from)
	}
	w.live(4 * time.Second)
	unasked := slices.DeleteFunc(late, func(a netip.AddrPort) bool { return w.answering[a] > 0 })
	if len(unasked) > 0 {
		t.Errorf("%d of 50 new peers were not pinged within 4 s", len(unasked))
	}
}

// A peer that is removed and comes back starts as a stranger.
func TestFloodCountsOfAnswering(t *testing.T) {
	w := &pingWorld{answering: make(map[netip.AddrPort]int)}
	w.drivenNode = drive(t, nil)
	from, _ := w.introduce(1)
	another, _ := w.introduce(2) // or we would call ourselves isolated
	w.answering[from], w.answering[another] = 0, 0
	w.live(2 * time.Second)
	p, ok := w.network.ByAddress(from)
	if !ok || !p.Answered || w.ping.answered != 2 {
		t.Fatalf("after a pong: peer %v, %d answering", p, w.ping.answered)
	}
	delete(w.answering, from)
	w.live(2 * time.Minute)
	if _, ok := w.network.ByAddress(from); ok || w.ping.answered != 1 {
		t.Fatalf("after two minutes of silence: known %v, %d answering", ok, w.ping.answered)
	}
	if _, reason := w.introduce(1); reason != community.Accepted {
		t.Fatal(reason)
	}
	if p, _ := w.network.ByAddress(from); p == nil || p.Answered || w.ping.answered != 1 {
		t.Errorf("back again: %v, %d answering, want a stranger", p, w.ping.answered)
	}
}
