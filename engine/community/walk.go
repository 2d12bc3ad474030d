package community

import (
	"math/rand/v2"
	"net/netip"
	"time"

	"peerscope/engine/peer"
	"peerscope/engine/requestcache"
	"peerscope/engine/wire"
)

// keepAliveChance is how often a walk asks a bootstrap server instead of a peer
// (IPv8 reference, 8.7).
const keepAliveChance = 0.05

// WalkTo sends an introduction request to an address: new style if the address
// is known to understand it or is IPv6 (IPv8 reference, 8.2). False means that
// nothing was sent: the budget is spent or the address is not for us.
func (c *Community) WalkTo(now time.Time, to netip.AddrPort) bool {
	s := style(c.host.network.IsNewStyle(to) || to.Addr().Is6())
	return c.request(now, to, peer.Mid{}, s)
}

// RequestIntroduction asks a peer for an introduction at its preferred address.
func (c *Community) RequestIntroduction(now time.Time, p *peer.Peer) bool {
	to := p.Address()
	return c.request(now, to, p.Mid, style(p.NewStyleIntro || to.Addr().Is6()))
}

// request sends an introduction request and remembers that it did. who is the
// peer that is asked, zero if it may be anyone.
func (c *Community) request(now time.Time, to netip.AddrPort, who peer.Mid, s style) bool {
	h := c.host
	if !h.mayRequest(now, to) {
		return false
	}
	pending := &requestcache.IntroductionRequestCache{
		Address: to, Community: c.id, Mid: who, SentAt: now, OnLost: c.onIntroductionLost,
	}
	t, ok := h.expect(now, pending, c.key, &pending.Identifier)
	if !ok {
		return false
	}
	p := c.CreateIntroductionRequest(to, pending.Identifier, s)
	return h.sendRequest(Packet{To: to}, c.id, c.key, t&0xffff, pending, p)
}

// CreateIntroductionRequest builds the payload of a request, as py-ipv8's
// create_introduction_request does: flags 0x01 in old style, 0 in new.
func (c *Community) CreateIntroductionRequest(to netip.AddrPort, identifier uint16, s style) wire.Payload {
	h := c.host
	if s == newStyle {
		return wire.NewIntroductionRequest{
			DestinationAddress: to, SourceLANAddress: h.MyLAN(true), SourceWANAddress: h.myPreferred(),
			Identifier: identifier,
		}
	}
	return wire.IntroductionRequest{
		DestinationAddress: to, SourceLANAddress: h.MyLAN(true), SourceWANAddress: h.MyWAN(),
		Flags: wire.RequestAdvice, Identifier: identifier,
	}
}

// onIntroductionLost tells of a bootstrap server or peer that did not answer. An
// address where nobody was ever met often does not.
func (c *Community) onIntroductionLost(now time.Time, lost *requestcache.IntroductionRequestCache) {
	h := c.host
	if h.network.Blacklisted(lost.Address) || c.Verified(lost.Address) {
		h.lost(now, lost.SentAt)
	}
	if p, ok := h.network.ByMid(lost.Mid); ok {
		h.missed(p, lost.SentAt)
	}
}

// NewIntroduction asks somebody for an introduction: a bootstrap server while
// the community has no peers and now and then later, else a random peer
// (py-ipv8's get_new_introduction).
func (c *Community) NewIntroduction(now time.Time) {
	p, ok := c.host.network.RandomPeer(c.id, c.host.random, nil)
	switch {
	case !ok:
		c.Bootstrap(now)
	case c.bootstrap != nil && c.host.random.Float64() < keepAliveChance && c.bootstrap.KeepAlive(now, c):
	default:
		c.RequestIntroduction(now, p)
	}
}

// Bootstrap asks the bootstrap servers for introductions in this community.
func (c *Community) Bootstrap(now time.Time) {
	if c.bootstrap != nil {
		c.bootstrap.Bootstrap(now, c)
	}
}

// Walkable draws an address to walk to.
func (c *Community) Walkable(rng *rand.Rand, skip func(netip.AddrPort) bool) (netip.AddrPort, bool) {
	return c.host.network.RandomWalkable(c.id, rng, skip)
}

// Verified tells whether a verified peer has the address.
func (c *Community) Verified(a netip.AddrPort) bool {
	_, ok := c.host.network.ByAddress(a)
	return ok
}

// Forget drops an address that did not answer. It drops no verified peer: that
// is for those who ping.
func (c *Community) Forget(a netip.AddrPort) {
	if !c.Verified(a) {
		c.host.network.RemoveByAddress(a)
	}
}
