package strategy

import (
	"time"

	"peerscope/engine/peer"
)

// QuietAfter is the silence after which a peer counts as quiet: max(27.5 s, 1.4 intervals).
func (s *PeriodicPing) QuietAfter() time.Duration {
	return max(s.config.QuietTime, time.Duration(quietIntervals*float64(s.Interval())))
}

// DropAfter is the silence after which a peer may be dropped: max(57.5 s, 3 intervals).
func (s *PeriodicPing) DropAfter() time.Duration {
	return max(s.config.DropTime, dropIntervals*s.Interval())
}

// Quiet reports whether the peer has been silent for longer than [PeriodicPing.QuietAfter].
func (s *PeriodicPing) Quiet(now time.Time, p *peer.Peer) bool {
	return now.Sub(lastHeard(p)) > s.QuietAfter()
}

// Back tells the strategy that the observer was isolated until now. Steps taken during an isolation notice by
// themselves; this is for one that falls between two steps.
func (s *PeriodicPing) Back(now time.Time) { s.back = later(s.back, now) }

// droppable reports whether the peer has been silent for too long and did not answer a ping either that was sent after
// its last answer. The time that we were isolated does not count as its silence, nor do pings sent in it.
func (s *PeriodicPing) droppable(now time.Time, p *peer.Peer) bool {
	heard := later(lastHeard(p), s.back)
	return p.LastLost.After(heard) && now.Sub(heard) > s.DropAfter() && !s.overlay.Isolated()
}

// dropCheck is how long after now, when the peer is pinged, it may have become droppable. A peer that answers is pinged
// again before that, so only silent ones take a turn in between.
func (s *PeriodicPing) dropCheck(now time.Time, p *peer.Peer) time.Duration {
	heard := later(lastHeard(p), s.back)
	check := heard.Add(s.DropAfter()).Sub(now)
	if !p.LastLost.After(heard) {
		check = max(check, pingAnswer)
	}
	return max(check, pingRetry)
}

// lastHeard is when the peer last answered, or when it was made if it never did (IPv8 reference, Q8).
func lastHeard(p *peer.Peer) time.Time {
	if p.LastResponse.IsZero() {
		return p.CreatedAt
	}
	return p.LastResponse
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
