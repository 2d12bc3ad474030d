package engine

import (
	"testing"
	"time"

	"peerscope/engine/event"
	"peerscope/engine/simnet"
)

// One packet of twenty is lost, which is one ping or pong of ten. Nobody is
// dropped for that, and what was measured stays right.
func TestSimLoss(t *testing.T) {
	simulate(t, 2, func(s *sim) {
		s.changeLinks(func(l simnet.Link) simnet.Link { l.Loss = 0.05; return l })
		s.startTracker()
		o := s.startObserver(configure(func(c *Config) { c.PingInterval = 5 * time.Second }))
		nodes := s.startMany(12)
		s.within(2*time.Minute, "all nodes verified", func() bool { return o.knows(nodes...) })
		s.sleep(longer(5*time.Minute, time.Hour))
		o.wantVerified(nodes...)
		o.wantRTTs(nodes...)
		if got := eventsOf[event.PeerRemoved](o); len(got) != 0 {
			t.Errorf("%d peers removed, the first %+v, want none", len(got), got[0].Data)
		}
		lost, answered := eventsOf[event.PingLost](o), len(eventsOf[event.PongReceived](o))
		if got := float64(len(lost)) / float64(len(lost)+answered); got < 0.06 || got > 0.14 {
			t.Errorf("%.3f of the pings lost, want 0.0975: two ways of 5 %%", got)
		}
		for _, l := range lost {
			if l.Data.Isolated {
				t.Errorf("ping to %v at %v counts as lost by our own fault", l.Data.Address, l.Data.SentAt)
			}
			if took := l.Time.Sub(l.Data.SentAt); took != 5*time.Second {
				t.Errorf("ping counted as lost after %v, want 5s", took)
			}
		}
	})
}
