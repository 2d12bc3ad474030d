package engine

import (
	"math/rand/v2"
	"time"

	"peerscope/engine/event"
	"peerscope/engine/peer"
	"peerscope/engine/strategy"
)

const (
	// pingShare is the part of the packet budget that pings may use, so that walks
	// and similarity requests are never starved, and strangersShare the part of it
	// that the peers which answered us leave to strangers in any case.
	pingShare      = 0.8
	strangersShare = 0.125
	// pingBurst is how far pings of strangers may run ahead of the budget.
	pingBurst = 100 * time.Millisecond
)

// pingSchedules pings every verified peer, on one of two schedules. Those that
// ever answered us share nearly all of the pings among themselves. Strangers, whom
// we know by nothing but a signed request, are pinged with what the others leave:
// whoever signs requests with thousands of keys a second cannot keep us from
// pinging the peers that are there.
type pingSchedules struct {
	n         *node
	answering *strategy.PeriodicPing
	strangers *strategy.PeriodicPing
	answered  int // peers on the first schedule

	period time.Duration // between two pings, of all that there may be; 0 is no bound
	paid   time.Time     // when all pings so far are paid for
}

func newPingSchedules(n *node, rng *rand.Rand, cfg Config) *pingSchedules {
	s := &pingSchedules{n: n}
	c := strategy.PingConfig{Interval: cfg.PingInterval, DropTime: cfg.patience.drop, MaxPerSecond: -1}
	known := c
	if cfg.MaxPackets > 0 {
		c.MaxPerSecond = pingShare * float64(cfg.MaxPackets)
		known.MaxPerSecond = (1 - strangersShare) * c.MaxPerSecond
		s.period = time.Duration(float64(time.Second) / c.MaxPerSecond)
	}
	s.answering = strategy.NewPeriodicPing(answeringPings{s}, rng, known)
	s.strangers = strategy.NewPeriodicPing(strangerPings{s}, rng, c)
	return s
}

// ping pings a peer and pays for it.
func (s *pingSchedules) ping(now time.Time, p *peer.Peer) bool {
	if !s.n.discovery.SendPing(now, p) {
		return false
	}
	if s.paid.Before(now) {
		s.paid = now
	}
	s.paid = s.paid.Add(s.period)
	return true
}

// spare tells whether there is a ping that nobody else needs.
func (s *pingSchedules) spare(now time.Time) bool { return s.paid.Sub(now) < pingBurst }

// of is the schedule that a peer is on.
func (s *pingSchedules) of(p *peer.Peer) *strategy.PeriodicPing {
	if p.Answered {
		return s.answering
	}
	return s.strangers
}

// Added is told of a new peer, Answered of its first answer.
func (s *pingSchedules) Added(now time.Time, p *peer.Peer) { s.strangers.Added(now, p) }

func (s *pingSchedules) Answered(now time.Time, p *peer.Peer) {
	s.answered++
	s.answering.Added(now, p)
}

// Back is told that an isolation of ours ended.
func (s *pingSchedules) Back(now time.Time) {
	s.answering.Back(now)
	s.strangers.Back(now)
}

// TakeStep sends the pings that are due; those who answer come first.
func (s *pingSchedules) TakeStep(now time.Time) {
	s.answering.TakeStep(now)
	s.strangers.TakeStep(now)
}

// Deadline is when a ping is due next.
func (s *pingSchedules) Deadline() (time.Time, bool) {
	next, ok := s.answering.Deadline()
	if t, due := s.strangers.Deadline(); due && (!ok || t.Before(next)) {
		return t, true
	}
	return next, ok
}

// Quiet tells whether a peer has been silent for long.
func (s *pingSchedules) Quiet(now time.Time, p *peer.Peer) bool { return s.of(p).Quiet(now, p) }

func (s *pingSchedules) remove(now time.Time, p *peer.Peer) {
	if p.Answered {
		s.answered--
	}
	s.n.host.Remove(now, p, event.Silent)
}

// answeringPings is the node as the first schedule sees it.
type answeringPings struct{ *pingSchedules }

func (a answeringPings) Ping(now time.Time, p *peer.Peer) bool { return a.ping(now, p) }
func (a answeringPings) Remove(now time.Time, p *peer.Peer)    { a.remove(now, p) }
func (a answeringPings) Verified(p *peer.Peer) bool            { return a.n.network.Has(p) }
func (a answeringPings) Isolated() bool                        { return a.n.host.Isolated() }
func (a answeringPings) Len() int                              { return a.pingSchedules.answered }

// strangerPings is the node as the second schedule sees it: a peer leaves it with
// its first answer.
type strangerPings struct{ *pingSchedules }

func (a strangerPings) Ping(now time.Time, p *peer.Peer) bool {
	return a.spare(now) && a.ping(now, p)
}
func (a strangerPings) Remove(now time.Time, p *peer.Peer) { a.remove(now, p) }
func (a strangerPings) Verified(p *peer.Peer) bool         { return !p.Answered && a.n.network.Has(p) }
func (a strangerPings) Isolated() bool                     { return a.n.host.Isolated() }
func (a strangerPings) Len() int                           { return a.n.network.Len() - a.pingSchedules.answered }
