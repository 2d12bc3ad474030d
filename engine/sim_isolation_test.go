package engine

import (
	"net/netip"
	"testing"
	"time"

	"peerscope/engine/event"
)

// isolate cuts a node off from everybody, heal connects it again.
func (n *simNode) isolate() {
	own := n.addr().Addr()
	n.sim.net.Partition(func(src, dst netip.Addr) bool { return src == own || dst == own })
}

func (s *sim) heal() { s.net.Partition(nil) }

// When the observer's own line is down, nobody is dropped: the lost samples are
// marked, and the sessions go on when the line is back, though the others have
// dropped the observer by then.
func TestSimIsolation(t *testing.T) {
	simulate(t, 11, func(s *sim) {
		s.startTracker()
		o := s.startObserver()
		nodes := s.startMany(12)
		s.within(2*time.Minute, "all nodes verified", func() bool { return o.knows(nodes...) })
		s.sleep(time.Minute)
		o.isolate()
		cut := time.Now()
		s.sleep(10 * time.Minute)
		if !o.snapshot().Isolated {
			t.Fatal("the observer does not call itself isolated after ten minutes without an answer")
		}
		o.wantVerified(nodes...)
		s.heal()
		healed := time.Now()
		s.sleep(5 * time.Minute)

		o.wantVerified(nodes...)
		for _, e := range eventsOf[event.PeerRemoved](o) {
			t.Errorf("%v after the cut: %+v, want nobody removed", e.Time.Sub(cut), e.Data)
		}
		for _, n := range nodes {
			if p, _ := o.peer(n); p.LastResponse.Before(healed) {
				t.Errorf("node %d not heard of since the line is back", n.number)
			}
		}
		began, ended := eventsOf[event.ObserverIsolated](o), eventsOf[event.ObserverBack](o)
		if len(began) != 1 || len(ended) != 1 {
			t.Fatalf("%d isolations, %d ends, want one of each", len(began), len(ended))
		}
		o.wantIsolation(began[0], ended[0], cut, healed)
	})
}

// wantIsolation checks an isolation against what really happened.
func (n *simNode) wantIsolation(began stamped[event.ObserverIsolated], ended stamped[event.ObserverBack], cut, healed time.Time) {
	t := n.sim.t
	t.Helper()
	if got := began.Time.Sub(cut); got < 15*time.Second || got > 30*time.Second {
		t.Errorf("isolated %v after the cut, want 20s or little more", got)
	}
	if got := cut.Sub(began.Data.Since); got < -time.Second || got > 5*time.Second {
		t.Errorf("isolated since %v before the cut, want about 0", got)
	}
	if !ended.Data.Since.Equal(began.Data.Since) {
		t.Errorf("back from an isolation since %v, want since %v", ended.Data.Since, began.Data.Since)
	}
	if got := ended.Time.Sub(healed); got < 0 || got > 10*time.Second {
		t.Errorf("back %v after the line was, want at once", got)
	}
	marked := 0
	for _, l := range eventsOf[event.PingLost](n) {
		during := l.Seq > began.Seq && l.Seq < ended.Seq
		switch {
		case l.Data.SentAt.Before(cut.Add(-time.Second)) && l.Data.Isolated:
			t.Errorf("ping of %v before the cut marked as lost by our own fault", cut.Sub(l.Data.SentAt))
		case during && !l.Data.Isolated:
			t.Errorf("ping lost %v after the cut not marked", l.Time.Sub(cut))
		case during:
			marked++
		}
	}
	if marked == 0 {
		t.Error("no ping was lost during the isolation, want many")
	}
}

// A partition that leaves the observer half of the network is no isolation: the
// other half is dropped, and found again.
func TestSimPartition(t *testing.T) {
	simulate(t, 12, func(s *sim) {
		s.startTracker()
		o := s.startObserver()
		nodes := s.startMany(12)
		s.within(2*time.Minute, "all nodes verified", func() bool { return o.knows(nodes...) })
		here, there := nodes[:6], nodes[6:]
		far := make(map[netip.Addr]bool)
		for _, n := range there {
			far[n.addr().Addr()] = true
		}
		s.net.Partition(func(src, dst netip.Addr) bool { return far[src] != far[dst] })
		s.sleep(2 * time.Minute)
		o.wantVerified(here...)
		s.heal()
		s.within(3*time.Minute, "all nodes verified again", func() bool { return o.knows(nodes...) })
		if got := len(eventsOf[event.ObserverIsolated](o)); got != 0 {
			t.Errorf("%d isolations, want none", got)
		}
	})
}
