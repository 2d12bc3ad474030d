package engine

import (
	"net/netip"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"peerscope/engine/event"
)

// The wall clock may drift a little; more than that within one look is a leap.
func TestFaultClockLeap(t *testing.T) {
	for _, test := range []struct {
		wall, monotonic time.Duration
		by              time.Duration
		jumped          bool
	}{
		{time.Second, time.Second, 0, false},
		{3 * time.Second, time.Second, 2 * time.Second, false},
		{3*time.Second + 1, time.Second, 2*time.Second + 1, true},
		{-time.Second, time.Second, -2 * time.Second, false},
		{-time.Second - 1, time.Second, -2*time.Second - 1, true},
		{8 * time.Hour, time.Second, 8*time.Hour - time.Second, true}, // it slept
		{time.Hour, time.Hour, 0, false},                              // busy, but no leap
	} {
		by, jumped := leap(test.wall, test.monotonic)
		if by != test.by || jumped != test.jumped {
			t.Errorf("leap(%v, %v) = %v, %v, want %v, %v", test.wall, test.monotonic, by, jumped, test.by, test.jumped)
		}
	}
}

// Each leap is seen once, the first look is none, and slow drift never is one.
func TestFaultClockObserve(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var offset time.Duration
		c := clock{wall: func() time.Time { return time.Now().Add(offset).Round(0) }}
		for i, step := range []struct {
			adjust time.Duration
			jumped bool
		}{
			{time.Hour, false}, {0, false}, {time.Hour, true}, {0, false}, {-2 * time.Hour, true}, {0, false},
			{time.Second, false}, {time.Second, false}, {time.Second, false},
		} {
			time.Sleep(time.Second)
			offset += step.adjust
			if by, jumped := c.observe(time.Now()); jumped != step.jumped || by != step.adjust && i > 0 {
				t.Errorf("look %d after an adjustment by %v: %v, %v, want a leap: %v", i, step.adjust, by, jumped, step.jumped)
			}
		}
		real := clock{} // the process's own clocks run alike
		for range 3 {
			if by, jumped := real.observe(time.Now()); jumped {
				t.Errorf("leap by %v of clocks that nobody touched", by)
			}
			time.Sleep(time.Hour)
		}
	})
}

// A wallClock is a wall clock that may be set.
type wallClock struct{ offset atomic.Int64 } // nanoseconds

func (w *wallClock) read() time.Time { return time.Now().Add(time.Duration(w.offset.Load())).Round(0) }

// startWithClock starts an observer whose wall clock the test sets.
func (s *sim) startWithClock(options ...option) (*simNode, *wallClock) {
	s.t.Helper()
	w := new(wallClock)
	n := s.newNode(append([]option{observer}, options...)...)
	n.prepare = func(e *Engine) { e.line.clock.wall = w.read }
	n.start()
	return n, w
}

// Somebody sets the clock, by an hour either way: nobody is lost, nothing stops,
// and no sample is wrong.
func TestFaultWallClockSet(t *testing.T) {
	for _, by := range []time.Duration{time.Hour, -time.Hour} {
		t.Run(by.String(), func(t *testing.T) {
			simulate(t, 30, func(s *sim) {
				s.startTracker()
				o, wall := s.startWithClock()
				nodes := s.startMany(8)
				s.within(2*time.Minute, "all nodes verified", func() bool { return o.knows(nodes...) })
				before := time.Now()
				wall.offset.Add(int64(by))
				s.sleep(3 * time.Minute)
				if got := o.engine.Stats().ClockJumps; got != 1 {
					t.Errorf("%d leaps of the clock, want 1", got)
				}
				o.wantVerified(nodes...)
				o.wantRTTs(nodes...)
				o.wantUndisturbed(before, len(nodes))
			})
		})
	}
}

// wantUndisturbed fails if somebody was removed, a ping counts as lost by a peer,
// or fewer pings were answered since than in three minutes.
func (n *simNode) wantUndisturbed(since time.Time, peers int) {
	t := n.sim.t
	t.Helper()
	for _, e := range eventsOf[event.PeerRemoved](n) {
		t.Errorf("%+v %v after the leap, want nobody removed", e.Data, e.Time.Sub(since))
	}
	for _, l := range eventsOf[event.PingLost](n) {
		if !l.Data.Isolated {
			t.Errorf("ping sent %v after the leap counts as lost by the peer", l.Data.SentAt.Sub(since))
		}
	}
	if got, least := len(eventsAfter[event.PongReceived](n, since)), 7*peers; got < least {
		t.Errorf("%d pings answered since, want at least %d", got, least)
	}
}

// A laptop is shut and opened hours later. Its monotonic clock stood still, but
// what was on its way then never arrives: that is not the peers' fault. They go
// on as if nothing had been, although they have dropped the observer.
func TestFaultSuspend(t *testing.T) {
	simulate(t, 31, func(s *sim) {
		s.startTracker()
		o, wall := s.startWithClock(configure(func(c *Config) { c.PingInterval = 2 * time.Second }))
		nodes := s.startMany(8)
		s.within(2*time.Minute, "all nodes verified", func() bool { return o.knows(nodes...) })
		s.sleep(10 * time.Second)
		own := o.addr().Addr()
		s.net.Partition(func(src, dst netip.Addr) bool { return src == own || dst == own })
		s.sleep(3 * time.Second) // these pings are under way when it falls asleep
		asleep := time.Now()
		wall.offset.Add(int64(8 * time.Hour))
		s.heal()
		s.sleep(3 * time.Minute)

		if got := o.engine.Stats().ClockJumps; got != 1 {
			t.Errorf("%d leaps of the clock, want 1", got)
		}
		excused := 0
		for _, l := range eventsOf[event.PingLost](o) {
			if l.Data.SentAt.Before(asleep) {
				excused++
			}
		}
		if excused < len(nodes)/2 {
			t.Errorf("%d pings were under way, want more for this test", excused)
		}
		o.wantVerified(nodes...)
		o.wantRTTs(nodes...)
		o.wantUndisturbed(asleep, len(nodes))
		if o.snapshot().Isolated {
			t.Error("isolated after waking up")
		}
	})
}
