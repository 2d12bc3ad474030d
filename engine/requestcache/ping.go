package requestcache

import (
	"net/netip"
	"time"

	"peerscope/engine/peer"
)

// PingTimeout is how long a pong counts (py-ipv8 ipv8/peerdiscovery/community.py, PingRequestCache: 5.0 s).
const PingTimeout = 5 * time.Second

// PingRequestCache is a ping that waits for its pong. A pong in time ends it with Finish; without one OnLost is called.
// It never drops the peer: that is for the strategies to decide.
type PingRequestCache struct {
	Peer       *peer.Peer
	Address    netip.AddrPort // the address that was pinged; only a pong from there counts
	Identifier uint16
	// SentAt is when the ping was handed on for sending; the owner may set it again to the time it reached the socket.
	SentAt time.Time
	// Sent, if not nil, knows better than SentAt when the ping left (it returns the zero time until then).
	Sent func() time.Time
	// OnLost is called when no pong came in time; nil means nobody wants to know.
	OnLost func(now time.Time, lost *PingRequestCache)
}

// Key implements [Request].
func (p *PingRequestCache) Key() Key { return Key{KindPing, p.Address, p.Identifier} }

// TimeoutDelay implements [Request]: [PingTimeout].
func (p *PingRequestCache) TimeoutDelay() time.Duration { return PingTimeout }

// OnTimeout implements [Request].
func (p *PingRequestCache) OnTimeout(now time.Time) {
	if p.OnLost != nil {
		p.OnLost(now, p)
	}
}

// SendTime is when the ping left, as exactly as is known.
func (p *PingRequestCache) SendTime() time.Time {
	if p.Sent != nil {
		if at := p.Sent(); !at.IsZero() {
			return at
		}
	}
	return p.SentAt
}

// Finish returns the round-trip time of a pong that arrived at now, never less than zero. More than [PingTimeout] means
// that the pong came too late and only found the entry because the loop was busy: it does not count.
func (p *PingRequestCache) Finish(now time.Time) time.Duration {
	return max(0, now.Sub(p.SendTime()))
}
