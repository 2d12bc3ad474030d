package engine

import (
	"fmt"
	"testing"
	"time"

	"peerscope/engine/event"
)

// Nodes that are killed are dropped when the rules say so, those that answer
// never are, and those that come back are verified again.
func TestSimChurn(t *testing.T) {
	simulate(t, 9, func(s *sim) {
		s.startTracker()
		o := s.startObserver()
		nodes := s.startMany(20)
		s.within(2*time.Minute, "all nodes verified", func() bool { return o.knows(nodes...) })
		s.sleep(time.Minute)

		dead, alive := nodes[:6], nodes[6:]
		for _, n := range dead {
			n.kill()
			s.sleep(1500 * time.Millisecond)
		}
		killed := time.Now()
		heard := make(map[*simNode]time.Time)
		for _, n := range dead {
			p, _ := o.peer(n)
			heard[n] = p.LastResponse
		}
		s.sleep(2 * time.Minute)
		o.wantVerified(alive...)
		for _, n := range dead {
			o.wantDropped(n, heard[n])
		}
		if got := len(eventsOf[event.PeerRemoved](o)); got != len(dead) {
			t.Errorf("%d peers removed, want the %d that were killed", got, len(dead))
		}

		for _, n := range dead {
			n.restart()
		}
		back := time.Now()
		s.within(time.Minute, "those that came back verified", func() bool { return o.knows(nodes...) })
		again := eventsAfter[event.PeerVerified](o, killed)
		if len(again) != len(dead) || again[0].Time.Before(back) {
			t.Errorf("%d peers verified after the deaths, want %d, and none before they were up again", len(again), len(dead))
		}
	})
}

// wantDropped fails unless a silent node was removed once, after 57.5 s to
// 57.5 s and one interval of silence, and its unanswered pings were recorded.
func (n *simNode) wantDropped(o *simNode, heard time.Time) {
	t := n.sim.t
	t.Helper()
	const tolerance = 2 * time.Second
	removed := n.removals(o.mid())
	if len(removed) != 1 || removed[0].Data.Reason != event.Silent {
		t.Errorf("node %d: removals %+v, want one as silent", o.number, removed)
		return
	}
	least, most := 57500*time.Millisecond, 57500*time.Millisecond+n.snapshot().PingInterval+tolerance
	if got := removed[0].Time.Sub(heard); got < least || got > most {
		t.Errorf("node %d dropped after %v of silence, want %v to %v", o.number, got, least, most)
	}
	lost := 0
	for _, l := range eventsAfter[event.PingLost](n, heard) {
		if l.Data.Peer == o.mid() && l.Data.SentAt.After(heard) {
			lost++
		}
	}
	if lost < 2 || lost > 4 {
		t.Errorf("node %d: %d pings lost before it was dropped, want about three", o.number, lost)
	}
}

// Nodes come and go for a while: the observer's list follows, and whoever is up
// all the time stays on it.
func TestSimSteadyChurn(t *testing.T) {
	simulate(t, 10, func(s *sim) {
		s.startTracker()
		o := s.startObserver()
		steady, moving := s.startMany(5), s.startMany(8)
		s.within(2*time.Minute, "all nodes verified", func() bool { return o.knows(steady...) && o.knows(moving...) })
		start := time.Now()
		for round := range 2 * len(moving) {
			n := moving[round%len(moving)]
			if n.running {
				n.kill()
			} else {
				n.restart()
			}
			s.sleep(15 * time.Second)
		}
		s.sleep(90 * time.Second)
		o.wantVerified(append(steady, moving...)...)
		for _, n := range steady {
			if got := o.removals(n.mid()); len(got) != 0 {
				t.Errorf("node %d removed %v after the start, want it kept: it was up all the time", n.number, got[0].Time.Sub(start))
			}
		}
		for _, n := range moving {
			if got := len(o.removals(n.mid())); got != 1 {
				t.Errorf("node %d removed %d times, want once", n.number, got)
			}
		}
	})
}

// When all peers die and the bootstrap server lives, it is not the observer that
// is isolated: they are dropped as they would be one by one.
func TestSimEverybodyDies(t *testing.T) {
	for _, k := range []int{1, wantedPeers + 2} {
		t.Run(fmt.Sprint(k), func(t *testing.T) {
			simulate(t, 19, func(s *sim) {
				s.startTracker()
				o := s.startObserver()
				nodes := s.startMany(k)
				s.within(3*time.Minute, "all nodes verified", func() bool { return o.knows(nodes...) })
				s.sleep(30 * time.Second)
				for _, n := range nodes {
					n.kill()
				}
				heard := make(map[*simNode]time.Time)
				for _, n := range nodes {
					p, _ := o.peer(n)
					heard[n] = p.LastResponse
				}
				s.sleep(90 * time.Second)
				for _, n := range nodes {
					o.wantDropped(n, heard[n])
				}
				if got := len(eventsOf[event.ObserverIsolated](o)); got != 0 {
					t.Errorf("isolated %d times, want never: the bootstrap server answered", got)
				}
			})
		})
	}
}
