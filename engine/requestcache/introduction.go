package requestcache

import (
	"net/netip"
	"time"

	"peerscope/engine/peer"
)

// AnswerTimeout is how long an answer to an introduction or similarity request counts. py-ipv8 does not keep track of
// these; we do, because answers that we did not ask for verify nobody (IPv8 reference, Q18).
const AnswerTimeout = 10 * time.Second

// IntroductionRequestCache is an introduction request (246 or 234) that waits for its response (245 or 233).
type IntroductionRequestCache struct {
	Address    netip.AddrPort // the address that was asked
	Identifier uint16
	Community  peer.CommunityID // the community it was asked in
	Mid        peer.Mid         // who is expected to answer; zero while unknown
	SentAt     time.Time
	Timeout    time.Duration // zero means AnswerTimeout; a tracker waits 5 s
	// OnLost is called when no response came in time; nil means nobody wants to know.
	OnLost func(now time.Time, lost *IntroductionRequestCache)
}

// Key implements [Request].
func (r *IntroductionRequestCache) Key() Key { return Key{KindIntroduction, r.Address, r.Identifier} }

// TimeoutDelay implements [Request].
func (r *IntroductionRequestCache) TimeoutDelay() time.Duration {
	if r.Timeout > 0 {
		return r.Timeout
	}
	return AnswerTimeout
}

// OnTimeout implements [Request].
func (r *IntroductionRequestCache) OnTimeout(now time.Time) {
	if r.OnLost != nil {
		r.OnLost(now, r)
	}
}
