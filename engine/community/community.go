package community

import (
	"net/netip"
	"time"

	"peerscope/engine/keyvault"
	"peerscope/engine/peer"
	"peerscope/engine/wire"
)

// DefaultMaxPeers is py-ipv8's max_peers.
const DefaultMaxPeers = 30

// A Community is the part that every IPv8 community has: it finds peers and is
// found, by introductions and punctures (py-ipv8's ipv8/community.py).
type Community struct {
	host     *Host
	id       peer.CommunityID
	key      *ownKey
	maxPeers int

	bootstrap Bootstrapper
	// introductionResponseCallback is called after each introduction response;
	// nil does nothing.
	introductionResponseCallback func(now time.Time, m *Message)
}

// A Bootstrapper knows servers to ask for a first introduction.
type Bootstrapper interface {
	// Bootstrap asks for introductions in the community, as often as it sees fit.
	Bootstrap(now time.Time, c *Community)
	// KeepAlive asks one server again, so that it does not forget us.
	KeepAlive(now time.Time, c *Community) bool
	// Answered is told who answered, and after how long.
	Answered(now time.Time, server netip.AddrPort, rtt time.Duration)
}

// Settings make a community.
type Settings struct {
	ID peer.CommunityID
	// Key is the identity to speak with.
	Key *keyvault.PrivateKey
	// MaxPeers is how many peers of the community are accepted; negative is no
	// limit. A request is refused once there are more (IPv8 reference, 8.3).
	MaxPeers int
	// Bootstrap may be nil.
	Bootstrap Bootstrapper
}

// NewCommunity makes a community and registers it with the host.
func NewCommunity(h *Host, s Settings) *Community {
	c := newCommunity(h, s)
	h.register(c, c.key)
	return c
}

func newCommunity(h *Host, s Settings) *Community {
	return &Community{host: h, id: s.ID, key: h.ownKey(s.Key), maxPeers: s.MaxPeers, bootstrap: s.Bootstrap}
}

// CommunityID is the id that the community listens to.
func (c *Community) CommunityID() peer.CommunityID { return c.id }

// Key is the identity that the community speaks with.
func (c *Community) Key() *keyvault.PrivateKey { return c.key.private }

// Receive handles a message that every community has.
func (c *Community) Receive(now time.Time, m *Message) Reason {
	switch p := m.Payload.(type) {
	case wire.IntroductionRequest:
		return c.OnIntroductionRequest(now, m, oldRequest(p))
	case wire.NewIntroductionRequest:
		return c.OnIntroductionRequest(now, m, newRequest(p))
	case wire.IntroductionResponse:
		return c.OnIntroductionResponse(now, m, oldResponse(p))
	case wire.NewIntroductionResponse:
		return c.OnIntroductionResponse(now, m, newResponse(p))
	case wire.PunctureRequest:
		return c.OnPunctureRequest(now, m, walker{p.LANWalkerAddress, p.WANWalkerAddress, p.Identifier, oldStyle})
	case wire.NewPunctureRequest:
		return c.OnPunctureRequest(now, m, walker{p.LANWalkerAddress, p.WANWalkerAddress, p.Identifier, newStyle})
	case wire.Puncture, wire.NewPuncture:
		return c.OnPuncture(now, m)
	}
	return UnknownMessage
}

// full tells whether the community has more peers than it may have; the sender
// of the packet at hand is not counted extra, known or not.
func (c *Community) full() bool {
	return c.maxPeers >= 0 && c.peers() > c.maxPeers
}

func (c *Community) peers() int { return c.host.network.PeersForService(c.id).Len() }

// pack signs and queues a message with the community's key.
func (c *Community) pack(to Packet, globalTime uint64, p wire.Payload) Reason {
	return c.host.send(to, c.id, c.key, globalTime, p)
}

// claimGlobalTime advances the Lamport clock of the community's key.
func (c *Community) claimGlobalTime() uint64 { return c.key.claimGlobalTime() }
