package requestcache

import (
	"net/netip"
	"time"

	"peerscope/engine/peer"
)

// SimilarityRequestCache is a similarity request (1) that waits for its response (2).
type SimilarityRequestCache struct {
	Address    netip.AddrPort // the address that was asked
	Identifier uint16
	Mid        peer.Mid         // who is expected to answer; zero while unknown
	Community  peer.CommunityID // the community it was asked in (the DiscoveryCommunity, or its stand-in)
	SentAt     time.Time
	// OnLost is called when no response came in time; nil means nobody wants to know.
	OnLost func(now time.Time, lost *SimilarityRequestCache)
}

// Key implements [Request].
func (r *SimilarityRequestCache) Key() Key { return Key{KindSimilarity, r.Address, r.Identifier} }

// TimeoutDelay implements [Request]: [AnswerTimeout].
func (r *SimilarityRequestCache) TimeoutDelay() time.Duration { return AnswerTimeout }

// OnTimeout implements [Request].
func (r *SimilarityRequestCache) OnTimeout(now time.Time) {
	if r.OnLost != nil {
		r.OnLost(now, r)
	}
}
