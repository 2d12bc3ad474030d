package strategy

import (
	"math/rand/v2"
	"time"

	"peerscope/engine/peer"
)

// The numbers of [PeriodicPing].
const (
	PingInterval     = 20 * time.Second // between two pings of a peer
	PingJitter       = 0.2              // share of the interval by which it varies, up and down
	PingMaxPerSecond = 400              // of the 500 packets a second that the engine sends by default
	PingFirstWithin  = time.Second      // a new peer's first ping
	// PingQuietTime and PingDropTime are the least times of silence; they are RandomChurn's, so that a peer is not
	// judged sooner than py-ipv8 would.
	PingQuietTime = ChurnInactiveTime
	PingDropTime  = ChurnDropTime
)

const (
	quietIntervals = 1.4 // a peer that answers every ping is never silent for longer than 1.2 intervals and one RTT
	dropIntervals  = 3
	pingRetry      = 100 * time.Millisecond  // after the budget refused a ping
	pingAnswer     = 5100 * time.Millisecond // by then an unanswered ping has been counted as lost
	pingLongest    = 24 * time.Hour          // the interval is not stretched further
	pingsPerStep   = 1024                    // peers dealt with in one step, so that it stays short
)

// PingOverlay is what [PeriodicPing] needs of the overlay.
type PingOverlay interface {
	// Ping sends a ping to the peer's preferred address; false means that the budget does not allow it now.
	Ping(now time.Time, p *peer.Peer) bool
	// Remove drops a peer that does not answer any more.
	Remove(now time.Time, p *peer.Peer)
	// Verified reports whether this very object is in the table of verified peers.
	Verified(p *peer.Peer) bool
	// Isolated reports whether nobody answers at the moment, so that silence says nothing about a peer.
	Isolated() bool
	// Len is the number of verified peers.
	Len() int
}

// PingConfig sets up a [PeriodicPing]. Zero values mean the constants above.
type PingConfig struct {
	Interval    time.Duration // between two pings of a peer, while there are few enough of them
	Jitter      float64       // share of the interval, below 1; negative means none
	FirstWithin time.Duration // how soon a new peer is pinged first
	QuietTime   time.Duration // least silence of a quiet peer
	DropTime    time.Duration // least silence of a dropped peer
	// MaxPerSecond is this strategy's share of the packet budget. With more peers than it can ping in an interval, the
	// interval is stretched. Negative means no limit but what the overlay refuses.
	MaxPerSecond float64
}

func (c PingConfig) withDefaults() PingConfig {
	if c.Interval <= 0 {
		c.Interval = PingInterval
	}
	if c.Jitter == 0 {
		c.Jitter = PingJitter
	}
	c.Jitter = min(max(c.Jitter, 0), 1)
	if c.FirstWithin <= 0 {
		c.FirstWithin = PingFirstWithin
	}
	if c.QuietTime <= 0 {
		c.QuietTime = PingQuietTime
	}
	if c.DropTime <= 0 {
		c.DropTime = PingDropTime
	}
	if c.MaxPerSecond == 0 {
		c.MaxPerSecond = PingMaxPerSecond
	}
	return c
}

// PeriodicPing pings every verified peer at an even pace and drops those that stay silent. py-ipv8 has nothing like it:
// its RandomChurn pings only peers that are new or silent, which leaves no latency history.
//
// The schedule is a heap by due time, on a clock of its own that slows down as the interval is stretched: so a change in
// the number of peers needs no new schedule, and the pings stay spread. Peers that are gone are discarded when their
// turn comes.
type PeriodicPing struct {
	overlay PingOverlay
	rng     *rand.Rand
	config  PingConfig
	queue   pingHeap
	clock   scheduleClock
	pace    pace
	retryAt time.Time // no ping before, because the budget refused one
	back    time.Time // the last time that we were known to be isolated
}

// NewPeriodicPing returns a strategy over the overlay that draws from rng.
func NewPeriodicPing(overlay PingOverlay, rng *rand.Rand, config PingConfig) *PeriodicPing {
	config = config.withDefaults()
	return &PeriodicPing{overlay: overlay, rng: rng, config: config, pace: newPace(config.MaxPerSecond)}
}

// Added puts a newly verified peer on the schedule: its first ping comes soon, the second at a random phase of the
// interval, so that peers found together are not pinged together. It must be called once for each verified object.
func (s *PeriodicPing) Added(now time.Time, p *peer.Peer) {
	s.advance(now)
	soon := s.scheduled(time.Duration(s.rng.Int64N(int64(s.config.FirstWithin))))
	s.queue.push(scheduledPing{due: s.clock.elapsed + soon, peer: p})
	s.discardSome()
}

// TakeStep sends the pings that are due, as far as the budget allows, and drops silent peers.
func (s *PeriodicPing) TakeStep(now time.Time) {
	s.advance(now)
	if s.overlay.Isolated() {
		s.back = now
	}
	if now.Before(s.retryAt) {
		return
	}
	for range pingsPerStep {
		if len(s.queue) == 0 || s.queue[0].due > s.clock.elapsed || !s.handleFirst(now) {
			return
		}
	}
}

// handleFirst deals with the first peer of the schedule and returns false if no more can be sent now.
func (s *PeriodicPing) handleFirst(now time.Time) bool {
	first := &s.queue[0]
	p := first.peer
	switch {
	case !s.overlay.Verified(p):
		s.queue.remove(0)
	case s.droppable(now, p):
		s.queue.remove(0)
		s.overlay.Remove(now, p)
	case first.due < first.ping: // it was only time to look whether it has to be dropped
		first.due = first.ping
		s.queue.fix(0)
	case !s.pace.allows(now):
		return false
	case !s.overlay.Ping(now, p):
		s.postpone(now, first)
		return false
	default:
		s.pace.take(now)
		s.reschedule(now, first)
	}
	return true
}

// postpone puts the first peer behind all others that are due, so that one that cannot be pinged does not hold them up.
func (s *PeriodicPing) postpone(now time.Time, e *scheduledPing) {
	s.retryAt = now.Add(pingRetry)
	e.due = s.clock.elapsed + 1
	if e.ping != 0 {
		e.ping = e.due
	}
	s.queue.fix(0)
}

// reschedule sets the next turn of the first peer, which was just pinged.
func (s *PeriodicPing) reschedule(now time.Time, e *scheduledPing) {
	share := 1 + s.config.Jitter*(2*s.rng.Float64()-1)
	if e.ping == 0 {
		share = s.rng.Float64()
	}
	e.ping = s.clock.elapsed + max(1, time.Duration(share*float64(s.config.Interval)))
	e.due = min(e.ping, s.clock.elapsed+s.scheduled(s.dropCheck(now, e.peer)))
	s.queue.fix(0)
}

// Deadline returns when TakeStep has something to do next, and false if there is no peer.
func (s *PeriodicPing) Deadline() (time.Time, bool) {
	if len(s.queue) == 0 {
		return time.Time{}, false
	}
	at := s.clock.when(s.queue[0].due, s.stretch())
	return later(at, later(s.retryAt, s.pace.next())), true
}

// Interval is the time between two pings of a peer at present: the configured one, or what it takes to ping all
// verified peers within the budget if that is longer.
func (s *PeriodicPing) Interval() time.Duration {
	if s.config.MaxPerSecond < 0 {
		return s.config.Interval
	}
	all := float64(s.overlay.Len()) / s.config.MaxPerSecond * float64(time.Second)
	return max(s.config.Interval, time.Duration(min(all, float64(pingLongest))))
}

func (s *PeriodicPing) stretch() float64 { return float64(s.Interval()) / float64(s.config.Interval) }

func (s *PeriodicPing) advance(now time.Time) { s.clock.advance(now, s.stretch()) }

// scheduled converts a duration to the clock of the schedule, rounding up.
func (s *PeriodicPing) scheduled(d time.Duration) time.Duration {
	return time.Duration(float64(d)/s.stretch()) + 1
}

// discardSome looks at a few entries when more than half of them belong to peers that are gone, which keeps the schedule
// bounded by twice the number of peers without ever going through all of it.
func (s *PeriodicPing) discardSome() {
	const slack, looks = 64, 4
	for range looks {
		if len(s.queue) <= 2*s.overlay.Len()+slack {
			return
		}
		if i := s.rng.IntN(len(s.queue)); !s.overlay.Verified(s.queue[i].peer) {
			s.queue.remove(i)
		}
	}
}
