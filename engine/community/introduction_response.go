package community

import (
	"net/netip"
	"time"

	"peerscope/engine/event"
	"peerscope/engine/peer"
	"peerscope/engine/requestcache"
	"peerscope/engine/wire"
)

// response is what old and new introduction responses have in common.
type response struct {
	destination, sourceWAN netip.AddrPort
	lan, wan               netip.AddrPort // of the introduced peer
	identifier             uint16
	style                  style
	speaksNew, introNew    bool
}

func oldResponse(p wire.IntroductionResponse) response {
	return response{
		p.DestinationAddress, p.SourceWANAddress, p.LANIntroductionAddress, p.WANIntroductionAddress,
		p.Identifier, oldStyle, p.Flags.SupportsNewStyle(), p.Flags.IntroSupportsNewStyle(),
	}
}

func newResponse(p wire.NewIntroductionResponse) response {
	return response{
		p.DestinationAddress, p.SourceWANAddress, p.LANIntroductionAddress, p.WANIntroductionAddress,
		p.Identifier, newStyle, true, p.Flags.IntroSupportsNewStyle(),
	}
}

// OnIntroductionResponse takes 245 and 233 (IPv8 reference, 8.5), but only as
// the answer to a request of ours: py-ipv8 lets any response verify its sender,
// teach addresses and set the WAN estimate (Q17, Q18).
func (c *Community) OnIntroductionResponse(now time.Time, m *Message, r response) Reason {
	h := c.host
	asked, reason := h.finishIntroduction(now, m, c.id, r.identifier)
	if reason != Accepted {
		return reason
	}
	h.answered(now)
	h.observeWAN(m.Source, r.destination)
	p, reason := c.responder(now, m, asked)
	if reason != Accepted {
		return reason
	}
	if p != nil && r.speaksNew {
		p.NewStyleIntro = true
	}
	h.discoverServices(now, m.Mid, []peer.CommunityID{c.id}, false)
	if p != nil && r.style == newStyle {
		c.switchInterface(now, p, m, r)
	}
	c.discoverIntroduced(now, m, r)
	if c.introductionResponseCallback != nil {
		c.introductionResponseCallback(now, m)
	}
	return Accepted
}

// finishIntroduction finds the request that a response answers: one to its
// source, whoever is there by now, or one to its signer at another address of
// his (a dual-stack peer answers by its preferred family).
func (h *Host) finishIntroduction(now time.Time, m *Message, community peer.CommunityID, identifier uint16) (*requestcache.IntroductionRequestCache, Reason) {
	r, ok := h.pending(requestcache.KindIntroduction, m, identifier)
	if !ok {
		return nil, h.unasked(requestcache.KindIntroduction, m.Source, identifier)
	}
	asked := r.(*requestcache.IntroductionRequestCache)
	if asked.Community != community {
		return nil, UnaskedResponse
	}
	h.requests.Pop(asked.Key())
	if p, ok := h.network.ByMid(asked.Mid); ok && asked.Mid != m.Mid {
		h.missed(p, asked.SentAt) // another key has the address now
	}
	return asked, Accepted
}

// pending looks a request up by the response's source, then by the addresses
// that its signer is known by.
func (h *Host) pending(kind requestcache.Kind, m *Message, identifier uint16) (requestcache.Request, bool) {
	if r, ok := h.requests.Get(requestcache.Key{Kind: kind, Address: m.Source, Identifier: identifier}); ok {
		return r, true
	}
	p, ok := h.network.ByMid(m.Mid)
	if !ok {
		return nil, false
	}
	for _, a := range [...]netip.AddrPort{p.IPv4(), p.IPv6()} {
		if r, ok := h.requests.Get(requestcache.Key{Kind: kind, Address: a, Identifier: identifier}); ok {
			return r, true
		}
	}
	return nil, false
}

// unasked tells apart why a response matched no request.
func (h *Host) unasked(kind requestcache.Kind, from netip.AddrPort, identifier uint16) Reason {
	if h.requests.Outcome(requestcache.Key{Kind: kind, Address: from, Identifier: identifier}) == requestcache.Answered {
		return DuplicateResponse
	}
	return UnaskedResponse
}

// responder verifies who answered. A tracker, whose address is blacklisted,
// never is: nil without being refused.
func (c *Community) responder(now time.Time, m *Message, asked *requestcache.IntroductionRequestCache) (*peer.Peer, Reason) {
	h := c.host
	if h.network.Blacklisted(m.Source) {
		if c.bootstrap != nil {
			c.bootstrap.Answered(now, m.Source, m.At.Sub(asked.SentAt))
		}
		return nil, Accepted
	}
	p := h.verify(now, m, netip.AddrPort{})
	if p == nil {
		return nil, Refused
	}
	c.locate(now, p, asked.Address, m.Source)
	return p, Accepted
}

// locate takes an answer from the address that was asked as proof that the peer
// is there. One from elsewhere has to be asked for there.
func (c *Community) locate(now time.Time, p *peer.Peer, asked, answered netip.AddrPort) {
	if asked == answered {
		c.host.moved(now, p, answered)
		return
	}
	c.probe(now, p, answered)
}

// observeWAN lets a responder vote for our IPv4 WAN address.
func (h *Host) observeWAN(from, ours netip.AddrPort) {
	if ours.Addr().Is4() && Sendable(ours) && !isPrivate(ours.Addr()) {
		h.wan.vote(from.Addr(), ours)
	}
}

// discoverIntroduced makes the introduced addresses walkable. Which of the two
// counts depends on whether the introduced peer shares our WAN address
// (IPv8 reference, 8.5); what we would not send to is left out (Q14).
func (c *Community) discoverIntroduced(now time.Time, m *Message, r response) {
	if isNone(r.lan) && isNone(r.wan) {
		return
	}
	for _, a := range c.host.introducedAddresses(r) {
		if c.introducible(a) {
			c.discoverAddress(m, a, r.introNew)
		}
	}
	if c.introducible(r.wan) {
		c.host.cfg.Emit(now, event.Introduced{By: m.Mid, Address: r.wan, Community: c.id})
	}
}

// introducedAddresses are those by which we may reach the introduced peer; the
// invalid address stands for none.
func (h *Host) introducedAddresses(r response) [2]netip.AddrPort {
	sameWAN := r.wan.Addr() == h.MyWAN().Addr()
	switch {
	case !isNone(r.wan) && !sameWAN:
		return [2]netip.AddrPort{r.lan, r.wan}
	case !isNone(r.lan) && sameWAN:
		return [2]netip.AddrPort{r.lan}
	case !isNone(r.wan):
		return [2]netip.AddrPort{r.wan, netip.AddrPortFrom(h.MyLAN(true).Addr(), r.wan.Port())}
	}
	return [2]netip.AddrPort{}
}

func (c *Community) introducible(a netip.AddrPort) bool {
	return c.host.usable(a) && !c.host.network.Blacklisted(a)
}

// discoverAddress records an address with its introducer, a tracker being none.
func (c *Community) discoverAddress(m *Message, a netip.AddrPort, speaksNew bool) {
	if p, ok := c.host.network.ByMid(m.Mid); ok {
		c.host.network.DiscoverAddress(p, a, c.id, speaksNew)
		return
	}
	c.host.network.DiscoverUnintroduced(a, c.id, speaksNew)
}

// switchInterface follows a new-style peer to its other address family: we walk
// to it there, and ask it for a puncture towards our address of that family.
// Only global addresses count; the field is unreliable otherwise (Q7).
func (c *Community) switchInterface(now time.Time, p *peer.Peer, m *Message, r response) {
	h := c.host
	other := r.sourceWAN
	if other.Addr().Is4() == m.Source.Addr().Is4() || !other.Addr().IsGlobalUnicast() || !h.usable(other) {
		return
	}
	h.network.DiscoverAddress(p, other, c.id, true)
	ours := h.MyLAN(other.Addr().Is4())
	if other.Addr().Is4() && !isNone(h.MyWAN()) {
		ours = h.MyWAN()
	}
	if isNone(ours) || !h.mayRequest(now, m.Source) {
		return
	}
	c.pack(Packet{To: m.Source, From: m.Local}, c.claimGlobalTime(), wire.NewPunctureRequest{
		LANWalkerAddress: unspecified4, WANWalkerAddress: ours, Identifier: r.identifier,
	})
}
