package strategy

import (
	"slices"
	"testing"
	"time"

	"peerscope/engine/peer"
)

const never = -1

// silentPeer has last answered, and was last pinged in vain, at these seconds.
func silentPeer(response, lost float64) *peer.Peer {
	p := newPeer(1, at(0))
	if response != never {
		p.LastResponse = at(response)
	}
	if lost != never {
		p.LastLost = at(lost)
	}
	return p
}

func TestQuietAndDropTimes(t *testing.T) {
	for _, test := range []struct {
		interval    time.Duration
		peers       int
		quiet, drop float64
	}{
		{0, 1, 28, 60}, // 1.4 and 3 of the default 20 s
		{10 * time.Second, 1, 27.5, 57.5},
		{time.Minute, 1, 84, 180},
		{0, 40_000, 140, 300}, // stretched to 100 s
	} {
		overlay := &manyPeers{verified: test.peers}
		s := NewPeriodicPing(overlay, newRand(), PingConfig{Interval: test.interval})
		if got := s.QuietAfter(); got != seconds(test.quiet) {
			t.Errorf("interval %v: QuietAfter %v, want %v s", s.Interval(), got, test.quiet)
		}
		if got := s.DropAfter(); got != seconds(test.drop) {
			t.Errorf("interval %v: DropAfter %v, want %v s", s.Interval(), got, test.drop)
		}
		p := silentPeer(100, 101)
		quiet, drop := at(100+test.quiet), at(100+test.drop)
		if s.Quiet(quiet, p) || !s.Quiet(quiet.Add(1), p) {
			t.Errorf("interval %v: Quiet at exactly %v s or not just after it", s.Interval(), test.quiet)
		}
		if s.droppable(drop, p) || !s.droppable(drop.Add(1), p) {
			t.Errorf("interval %v: droppable at exactly %v s or not just after it", s.Interval(), test.drop)
		}
	}
}

func TestDroppable(t *testing.T) {
	for _, test := range []struct {
		name           string
		response, lost float64
		isolated       bool
		back           float64
		now            float64
		want           bool
	}{
		{name: "silent and pinged in vain", response: 0, lost: 20, back: never, now: 61, want: true},
		{name: "not silent for long enough", response: 0, lost: 20, back: never, now: 60, want: false},
		{name: "no ping lost", response: 0, lost: never, back: never, now: 600, want: false},
		{name: "lost ping before the last answer", response: 30, lost: 20, back: never, now: 600, want: false},
		{name: "lost ping at the last answer", response: 20, lost: 20, back: never, now: 600, want: false},
		{name: "never answered", response: never, lost: 20, back: never, now: 61, want: true},
		{name: "never answered, new", response: never, lost: 20, back: never, now: 60, want: false},
		{name: "isolated", response: 0, lost: 20, isolated: true, back: never, now: 600, want: false},
		{name: "ping lost in isolation", response: 0, lost: 20, back: 500, now: 600, want: false},
		{name: "ping lost after isolation", response: 0, lost: 510, back: 500, now: 561, want: true},
		{name: "isolation counts for silence", response: 0, lost: 510, back: 500, now: 560, want: false},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newPingWorld(t, PingConfig{})
			w.isolated = test.isolated
			if test.back != never {
				w.ping.Back(at(test.back))
			}
			if got := w.ping.droppable(at(test.now), silentPeer(test.response, test.lost)); got != test.want {
				t.Errorf("droppable %v, want %v", got, test.want)
			}
		})
	}
}

func TestSilentPeersAreDropped(t *testing.T) {
	w := newPingWorld(t, PingConfig{})
	peers := w.add(100)
	w.run(5 * time.Minute)
	silent := peers[:30]
	for _, p := range silent {
		w.peers[p] = false
	}
	w.run(3 * time.Minute)
	for _, p := range silent {
		at, ok := w.removed[p]
		if !ok {
			t.Errorf("%v is silent since %v and not dropped", p.Address(), p.LastResponse)
			continue
		}
		// A turn of its own, so that a peer is not dropped up to an interval late.
		if after := at.Sub(p.LastResponse); after <= time.Minute || after > time.Minute+200*time.Millisecond {
			t.Errorf("dropped after %v of silence, want just after 1m0s", after)
		}
		if pings := w.pings[p]; len(pings) > 0 && pings[len(pings)-1].After(at) {
			t.Error("pinged after it was dropped")
		}
	}
	if len(w.removed) != len(silent) {
		t.Errorf("%d peers dropped, want the %d silent ones", len(w.removed), len(silent))
	}
	w.wantGaps(peers[30:], start.Add(time.Minute), 16*time.Second, 24*time.Second+100*time.Millisecond)
}

// TestDropAfterTheFirstPingInVain: a peer that could not be pinged while it was silent is dropped once a ping is lost.
func TestDropAfterTheFirstPingInVain(t *testing.T) {
	w := newPingWorld(t, PingConfig{})
	p := w.add(1)[0]
	w.peers[p] = false
	w.refuse = func(*peer.Peer) bool { return true }
	w.run(5 * time.Minute)
	if len(w.removed) != 0 {
		t.Fatal("dropped without a ping")
	}
	w.refuse = nil
	w.run(10 * time.Second)
	if len(w.sent) != 1 || w.removed[p].Sub(w.sent[0]) < lossAfter || w.removed[p].Sub(w.sent[0]) > 5500*time.Millisecond {
		t.Errorf("pinged at %v, dropped at %v; want that 5 s later", w.sent, w.removed[p])
	}
}

// TestLookingIsNotPinging: a turn that only looks whether a silent peer must be dropped does not ping it.
func TestLookingIsNotPinging(t *testing.T) {
	w := newPingWorld(t, PingConfig{})
	peers := w.add(50)
	w.run(time.Minute)
	looked := 0
	for _, p := range peers {
		w.peers[p] = false
		answered := len(w.pings[p])
		for len(w.pings[p]) < answered+2 { // two pings are lost
			w.run(100 * time.Millisecond)
		}
		if first := slices.IndexFunc(w.ping.queue, func(e scheduledPing) bool { return e.peer == p }); first >= 0 &&
			w.ping.queue[first].due < w.ping.queue[first].ping {
			looked++
		}
		w.peers[p] = true
		p.LastResponse = w.now // a packet of its own accord
		w.run(time.Minute)
		w.wantGaps([]*peer.Peer{p}, w.pings[p][1], 16*time.Second, 24*time.Second+100*time.Millisecond)
	}
	if looked == 0 || len(w.removed) != 0 {
		t.Errorf("%d of 50 had a turn before their ping and %d were dropped, want some and none", looked, len(w.removed))
	}
}

func TestIsolationDropsNobody(t *testing.T) {
	w := newPingWorld(t, PingConfig{})
	peers := w.add(50)
	w.run(2 * time.Minute)
	w.isolated = true
	w.run(10 * time.Minute)
	if len(w.removed) != 0 {
		t.Fatalf("%d peers dropped while nobody answers", len(w.removed))
	}
	w.isolated = false
	gone := peers[0] // went away in the meantime
	w.peers[gone] = false
	back := w.now
	w.run(59 * time.Second)
	if len(w.removed) != 0 {
		t.Fatalf("%d peers dropped within a minute after the isolation", len(w.removed))
	}
	w.run(2 * time.Minute)
	at, ok := w.removed[gone]
	if !ok || len(w.removed) != 1 {
		t.Fatalf("dropped: %v, want exactly the one that is gone", w.removed)
	}
	if after := at.Sub(back); after > 90*time.Second {
		t.Errorf("dropped %v after the isolation, want it within 90 s", after)
	}
}

func TestBackBetweenSteps(t *testing.T) {
	w := newPingWorld(t, PingConfig{})
	p := w.add(1)[0]
	p.LastResponse, p.LastLost = at(0), at(10)
	w.now = at(600)
	w.ping.Back(at(590)) // isolated from 15 s to 590 s without a step
	w.ping.TakeStep(w.now)
	if len(w.removed) != 0 || len(w.sent) != 1 {
		t.Errorf("%d dropped and %d pinged, want 0 and 1", len(w.removed), len(w.sent))
	}
}
