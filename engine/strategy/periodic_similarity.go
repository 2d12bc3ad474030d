package strategy

import (
	"math/rand/v2"
	"net/netip"
	"time"

	"peerscope/engine/peer"
)

// SimilarityInterval is py-ipv8's least time between two steps (ipv8/peerdiscovery/community.py, PeriodicSimilarity).
const SimilarityInterval = time.Second

// SimilarityOverlay is what [PeriodicSimilarity] needs of the overlay.
type SimilarityOverlay interface {
	// RandomVerified returns a uniformly random verified peer of the network, in whichever community, false if none.
	RandomVerified(rng *rand.Rand) (*peer.Peer, bool)
	// SendSimilarityRequest asks for the communities of whoever is at the address, once per own key.
	SendSimilarityRequest(now time.Time, address netip.AddrPort)
}

// SimilarityConfig sets up a [PeriodicSimilarity].
type SimilarityConfig struct {
	// Interval is the least time between two requests; zero means SimilarityInterval.
	Interval time.Duration
}

// PeriodicSimilarity asks random verified peers which communities they are in.
type PeriodicSimilarity struct {
	overlay SimilarityOverlay
	rng     *rand.Rand
	config  SimilarityConfig
	asked   bool
	last    time.Time
}

// NewPeriodicSimilarity returns a strategy over the overlay that draws from rng.
func NewPeriodicSimilarity(overlay SimilarityOverlay, rng *rand.Rand, config SimilarityConfig) *PeriodicSimilarity {
	if config.Interval <= 0 {
		config.Interval = SimilarityInterval
	}
	return &PeriodicSimilarity{overlay: overlay, rng: rng, config: config}
}

// TakeStep asks one peer, if the last time is long enough ago (IPv8 reference, 10.4).
func (s *PeriodicSimilarity) TakeStep(now time.Time) {
	if s.asked && now.Sub(s.last) < s.config.Interval {
		return
	}
	p, ok := s.overlay.RandomVerified(s.rng)
	if !ok {
		return
	}
	s.asked, s.last = true, now
	if address := p.Address(); address.Port() != 0 { // a peer with only a LAN address has no preferred one
		s.overlay.SendSimilarityRequest(now, address)
	}
}
