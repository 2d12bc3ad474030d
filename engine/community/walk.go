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

// probe asks a known peer at an address where it was not known to be. Its
// answer from there moves it.
func (c *Community) probe(now time.Time, p *peer.Peer, at netip.AddrPort) {
	if c.host.probes.due(now, p.Mid) {
		c.request(now, at, p.Mid, style(p.NewStyleIntro || at.Addr().Is6()))
	}
}

// request sends an introduction request and remembers that it did. who is the
// peer that has to answer, zero if it may be anyone.
func (c *Community) request(now time.Time, to netip.AddrPort, who peer.Mid, s style) bool {
	h := c.host
	if !h.mayRequest(now, to) {
		return false
	}
	t := c.claimGlobalTime() & 0xffff
	pending := &requestcache.IntroductionRequestCache{
		Address: to, Identifier: uint16(t), Community: c.id, Mid: who, SentAt: now, OnLost: c.onIntroductionLost,
	}
	if h.requests.Add(now, pending) != nil {
		return false
	}
	return c.pack(Packet{To: to}, t, c.CreateIntroductionRequest(to, uint16(t), s)) == Accepted
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

func (c *Community) onIntroductionLost(now time.Time, lost *requestcache.IntroductionRequestCache) {
	c.host.lost(now, lost.SentAt)
	if p, ok := c.host.network.ByMid(lost.Mid); ok {
		p.LastLost = later(p.LastLost, lost.SentAt)
	}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// NewIntroduction asks somebody for an introduction: a bootstrap server while
// the community has no peers and now and then later, else a random peer
// (py-ipv8's get_new_introduction).
func (c *Community) NewIntroduction(now time.Time) {
	p, ok := c.host.network.RandomPeer(c.id, c.host.random, func(*peer.Peer) bool { return true })
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

// Forget drops an address that did not answer.
func (c *Community) Forget(a netip.AddrPort) { c.host.network.RemoveByAddress(a) }
