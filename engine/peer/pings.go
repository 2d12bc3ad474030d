package peer

import (
	"slices"
	"time"
)

// pingsKept is how many round-trip times a peer remembers; py-ipv8's Peer keeps
// as many (ipv8/peer.py). The history proper is the store's.
const pingsKept = 5

// Pings is the ring of a peer's last five round-trip times. The zero value is
// empty and ready for use. Methods that need a sample report false without one.
type Pings struct {
	rtts  [pingsKept]time.Duration
	next  uint8 // where the next sample goes
	count uint8
}

// Add records a round-trip time; the sixth one pushes out the oldest.
func (p *Pings) Add(rtt time.Duration) {
	p.rtts[p.next] = rtt
	p.next = (p.next + 1) % pingsKept
	p.count = min(p.count+1, pingsKept)
}

// Len is the number of samples held, five at most.
func (p *Pings) Len() int { return int(p.count) }

// Last is the newest sample.
func (p *Pings) Last() (rtt time.Duration, ok bool) {
	if p.count == 0 {
		return 0, false
	}
	return p.rtts[(p.next+pingsKept-1)%pingsKept], true
}

// Median is the middle sample, or the mean of the two middle ones.
func (p *Pings) Median() (rtt time.Duration, ok bool) {
	if p.count == 0 {
		return 0, false
	}
	sorted := p.rtts // a copy; samples fill the ring from its start
	s := sorted[:p.count]
	slices.Sort(s)
	mid := len(s) / 2
	if len(s)%2 == 1 {
		return s[mid], true
	}
	return s[mid-1] + (s[mid]-s[mid-1])/2, true
}

// Average is the arithmetic mean of the samples.
func (p *Pings) Average() (rtt time.Duration, ok bool) {
	if p.count == 0 {
		return 0, false
	}
	var sum time.Duration
	for _, r := range p.rtts[:p.count] {
		sum += r
	}
	return sum / time.Duration(p.count), true
}
