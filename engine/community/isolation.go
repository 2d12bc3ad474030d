package community

import (
	"time"

	"peerscope/engine/event"
	"peerscope/engine/peer"
)

const (
	// isolatedAfter is how long nobody may answer before we call ourselves
	// isolated. A peer counts as quiet after 27.5 s, so it must be before that.
	isolatedAfter = 20 * time.Second
	// isolatedLosses is how many requests, to bootstrap servers or verified
	// peers, must have run out of time since the last answer.
	isolatedLosses = 3
)

// isolation tells our own outage from that of others: nobody answers, neither
// bootstrap servers nor peers (product rule; py-ipv8 has no such notion).
type isolation struct {
	heard    time.Time // last answer, or the start
	losses   int       // requests lost that were sent after it
	isolated bool
	excused  time.Time // requests sent before it are lost by our own fault
}

// answered notes an answer and returns whether an isolation ended with it.
func (i *isolation) answered(now time.Time) (ended bool) {
	ended = i.isolated
	*i = isolation{heard: now, excused: i.excused}
	return ended
}

// lost notes a request without an answer and returns whether an isolation began.
func (i *isolation) lost(now, sent time.Time) (began bool) {
	if i.ours(sent) || sent.Before(i.heard) {
		return false
	}
	i.losses++
	i.isolated = i.losses >= isolatedLosses && now.Sub(i.heard) >= isolatedAfter
	return i.isolated
}

// ours tells whether a request sent at a time was lost by our own fault.
func (i *isolation) ours(sent time.Time) bool { return i.isolated || sent.Before(i.excused) }

// answered notes that somebody answered a request of ours.
func (h *Host) answered(now time.Time) {
	since := h.isolation.heard
	if h.isolation.answered(now) {
		h.cfg.Emit(now, event.ObserverBack{Since: since})
	}
}

// lost notes that somebody who should answer left a request unanswered.
func (h *Host) lost(now, sent time.Time) {
	if h.isolation.lost(now, sent) {
		h.cfg.Emit(now, event.ObserverIsolated{Since: h.isolation.heard})
	}
}

// missed notes that a request went unanswered by a peer, unless that is our
// fault.
func (h *Host) missed(p *peer.Peer, sent time.Time) {
	if sent.After(p.LastLost) && !h.isolation.ours(sent) {
		p.LastLost = sent
	}
}

// Isolated tells whether nobody answers at present.
func (h *Host) Isolated() bool { return h.isolation.isolated }

// Excuse marks the requests that are under way: the machine slept or its clock
// was set meanwhile, so that a missing answer is not the peer's fault.
func (h *Host) Excuse(now time.Time) { h.isolation.excused = now }
