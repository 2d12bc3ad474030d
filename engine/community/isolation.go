package community

import "time"

const (
	// isolatedAfter is how long nobody may answer before we call ourselves
	// isolated: longer than two rounds of pings to a single peer would be too
	// late, since a peer counts as quiet after 27.5 s.
	isolatedAfter = 20 * time.Second
	// isolatedLosses is how many requests must have run out of time since the
	// last answer: one peer that fell silent is not our outage.
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
