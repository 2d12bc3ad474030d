package simnet

import (
	"math/rand/v2"
	"net/netip"
	"time"
)

// Link is what happens to datagrams on the way from one address to another. The zero
// Link delivers at once and loses nothing.
type Link struct {
	Delay     time.Duration // one way
	Jitter    time.Duration // up to this much more, evenly; datagrams overtake each other
	Loss      float64       // probability of losing a datagram
	Duplicate float64       // probability that one arrives twice, each with its own jitter
}

// DefaultDelay is the one-way delay between hosts where Config sets no links.
const DefaultDelay = 10 * time.Millisecond

// uniform is the network without configured links.
func uniform(src, dst netip.Addr) Link { return Link{Delay: DefaultDelay} }

// draw decides when the copies of a datagram arrive, after how long: none when it is
// lost. It always draws the same number of times, so that one link's settings do not
// change what happens on another.
func (l Link) draw(rng *rand.Rand) (delays [2]time.Duration, copies int) {
	lost, twice := rng.Float64() < l.Loss, rng.Float64() < l.Duplicate
	for i := range delays {
		jitter := rng.Float64() * float64(l.Jitter)
		delays[i] = max(0, l.Delay+time.Duration(jitter))
	}
	switch {
	case lost:
		return delays, 0
	case twice:
		return delays, 2
	}
	return delays, 1
}
