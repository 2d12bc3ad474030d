package strategy

import (
	"math/rand/v2"
	"net/netip"
	"time"

	"peerscope/engine/peer"
)

// py-ipv8's numbers (ipv8/peerdiscovery/churn.py, RandomChurn.__init__).
const (
	ChurnSampleSize   = 8
	ChurnPingInterval = 10 * time.Second
	ChurnInactiveTime = 27500 * time.Millisecond
	ChurnDropTime     = 57500 * time.Millisecond
)

const (
	churnSamples = 5       // a peer with fewer ping samples is pinged although it is not silent
	maxPinged    = 1 << 16 // pinged addresses remembered, the oldest makes room
)

// ChurnOverlay is what [RandomChurn] needs of the overlay.
type ChurnOverlay interface {
	// Sample returns min(k, n) distinct random peers of all n verified ones of the network.
	Sample(rng *rand.Rand, k int) []*peer.Peer
	// Ping sends a ping to the peer's preferred address; false means that the budget does not allow it now.
	Ping(now time.Time, p *peer.Peer) bool
	// Remove drops a peer that does not answer any more.
	Remove(now time.Time, p *peer.Peer)
}

// ChurnConfig sets up a [RandomChurn]. Zero values mean py-ipv8's numbers.
type ChurnConfig struct {
	SampleSize   int
	PingInterval time.Duration // least time between two pings to an address
	InactiveTime time.Duration // silence after which a peer is pinged
	DropTime     time.Duration // silence after which a pinged peer is dropped
}

// RandomChurn pings new and silent peers and drops those that stay silent.
type RandomChurn struct {
	overlay ChurnOverlay
	rng     *rand.Rand
	config  ChurnConfig
	pinged  addressTimes // last ping by address; py-ipv8 keeps these for ever, we keep the latest maxPinged
}

// NewRandomChurn returns a strategy over the overlay that draws from rng.
func NewRandomChurn(overlay ChurnOverlay, rng *rand.Rand, config ChurnConfig) *RandomChurn {
	if config.SampleSize <= 0 {
		config.SampleSize = ChurnSampleSize
	}
	if config.PingInterval <= 0 {
		config.PingInterval = ChurnPingInterval
	}
	if config.InactiveTime <= 0 {
		config.InactiveTime = ChurnInactiveTime
	}
	if config.DropTime <= 0 {
		config.DropTime = ChurnDropTime
	}
	return &RandomChurn{overlay: overlay, rng: rng, config: config, pinged: newAddressTimes()}
}

// TakeStep looks at a random sample of the verified peers (IPv8 reference, 10.3).
func (c *RandomChurn) TakeStep(now time.Time) {
	for _, p := range c.overlay.Sample(c.rng, c.config.SampleSize) {
		address := p.Address()
		if c.silentFor(now, p, c.config.DropTime) && c.pinged.has(address) {
			c.overlay.Remove(now, p)
			c.pinged.remove(address)
			continue
		}
		if c.silentFor(now, p, c.config.InactiveTime) || p.Pings.Len() < churnSamples {
			c.ping(now, p, address)
		}
	}
}

// silentFor reports whether the peer's last answer is more than limit ago. A peer that never answered is not silent
// here, as in py-ipv8; the engine sets LastResponse when it verifies (Q8).
func (c *RandomChurn) silentFor(now time.Time, p *peer.Peer, limit time.Duration) bool {
	return !p.LastResponse.IsZero() && now.Sub(p.LastResponse) > limit
}

func (c *RandomChurn) ping(now time.Time, p *peer.Peer, address netip.AddrPort) {
	if last, ok := c.pinged.at(address); ok && now.Sub(last) <= c.config.PingInterval {
		return
	}
	if !c.overlay.Ping(now, p) {
		return
	}
	c.pinged.set(address, now)
	if oldest, ok := c.pinged.oldest(); ok && c.pinged.len() > maxPinged {
		c.pinged.remove(oldest.address)
	}
}
