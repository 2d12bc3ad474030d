package community

import (
	"net/netip"
	"time"

	"peerscope/engine/peer"
	"peerscope/engine/wire"
)

// A style is the form of a message: old (IPv4 only) or new.
type style bool

const (
	oldStyle style = false
	newStyle style = true
)

// request is what old and new introduction requests have in common.
type request struct {
	destination, lan netip.AddrPort
	identifier       uint16
	style            style
	// speaksNew is set when the sender understands new style.
	speaksNew bool
}

func oldRequest(p wire.IntroductionRequest) request {
	return request{p.DestinationAddress, p.SourceLANAddress, p.Identifier, oldStyle, p.Flags.SupportsNewStyle()}
}

func newRequest(p wire.NewIntroductionRequest) request {
	return request{p.DestinationAddress, p.SourceLANAddress, p.Identifier, newStyle, true}
}

// OnIntroductionRequest answers 246 and 234 (IPv8 reference, 8.3): the sender
// becomes a verified peer of this community and is introduced to another.
//
// The answer goes where the request came from. py-ipv8 sends it to the peer's
// preferred address, which any earlier packet may have set. Over IPv6 it is in
// new style, the only one that can name the requester.
func (c *Community) OnIntroductionRequest(now time.Time, m *Message, r request) Reason {
	if c.full() {
		return PeerLimit
	}
	p, reason := c.host.admit(now, m, r.lan)
	if reason != Accepted {
		return reason
	}
	if r.speaksNew {
		p.NewStyleIntro = true
	}
	c.host.discoverServices(now, p.Mid, []peer.CommunityID{c.id}, false)
	c.probe(now, p, m.Source)
	return c.answer(m, r, style(p.NewStyleIntro || m.Source.Addr().Is6()))
}

// answer sends the introduction response, and before it the puncture request to
// whom it introduces. The response claims its global time first, as py-ipv8's
// does (IPv8 reference, 8.4).
func (c *Community) answer(m *Message, r request, s style) Reason {
	introduced := c.choose(m, s)
	t := c.claimGlobalTime()
	if introduced != nil {
		c.sendPunctureRequest(introduced, m, r, s)
	}
	return c.sendIntroductionResponse(m, t, r.identifier, introduced, s)
}

// choose picks whom to introduce to a message's sender: any other peer of this
// community, with an IPv4 address if the answer can carry no other.
func (c *Community) choose(m *Message, s style) *peer.Peer {
	p, ok := c.host.network.RandomPeer(c.id, c.host.random, func(p *peer.Peer) bool {
		return p.Mid != m.Mid && p.Address() != m.Source && (s == newStyle || p.Address().Addr().Is4())
	})
	if !ok {
		return nil
	}
	return p
}

// sendPunctureRequest asks the introduced peer to open its NAT for the
// requester. The LAN address in it is the requester's: py-ipv8 writes its own
// there, which sends the puncture to the introducer when the two peers share a
// WAN address (Q5). A requester that names none gets py-ipv8's.
func (c *Community) sendPunctureRequest(introduced *peer.Peer, m *Message, r request, s style) {
	lan := r.lan
	if !lan.Addr().Is4() || !Sendable(lan) {
		lan = r.destination
	}
	to := Packet{To: introduced.Address()}
	t := c.claimGlobalTime()
	if s == oldStyle && lan.Addr().Is4() && m.Source.Addr().Is4() {
		c.pack(to, t, wire.PunctureRequest{LANWalkerAddress: lan, WANWalkerAddress: m.Source, Identifier: r.identifier})
		return
	}
	c.pack(to, t, wire.NewPunctureRequest{LANWalkerAddress: lan, WANWalkerAddress: m.Source, Identifier: r.identifier})
}

// sendIntroductionResponse answers in the given style; introduced may be nil.
func (c *Community) sendIntroductionResponse(m *Message, globalTime uint64, identifier uint16, introduced *peer.Peer, s style) Reason {
	h := c.host
	lan, wan := h.introductionAddresses(introduced)
	introNew := introduced != nil && introduced.NewStyleIntro
	to := Packet{To: m.Source, From: m.Local}
	t := globalTime & 0xffff
	if s == newStyle {
		return c.pack(to, t, wire.NewIntroductionResponse{
			DestinationAddress: m.Source, SourceLANAddress: h.MyLAN(true), SourceWANAddress: h.myPreferred(),
			LANIntroductionAddress: lan, WANIntroductionAddress: wan, Identifier: identifier,
			Flags: newResponseFlags(introNew),
		})
	}
	return c.pack(to, t, wire.IntroductionResponse{
		DestinationAddress: m.Source, SourceLANAddress: h.MyLAN(true), SourceWANAddress: h.MyWAN(),
		LANIntroductionAddress: lan, WANIntroductionAddress: wan, Identifier: identifier,
		Flags: c.oldResponseFlags(introNew),
	})
}

func newResponseFlags(introNew bool) (f wire.NewIntroductionResponseFlags) {
	if introNew {
		f |= wire.NewResponseIntroSupportsNewStyle
	}
	return f
}

// oldResponseFlags always announces new style. The limit counts as reached one
// peer earlier than [Community.full] (Q24).
func (c *Community) oldResponseFlags(introNew bool) wire.IntroductionResponseFlags {
	f := wire.ResponseSupportsNewStyle
	if introNew {
		f |= wire.ResponseIntroSupportsNewStyle
	}
	if c.maxPeers >= 0 && c.peers() >= c.maxPeers {
		f |= wire.ResponsePeerLimitReached
	}
	return f
}

// introductionAddresses are the LAN and WAN addresses to introduce a peer by.
// One that runs on this host is named by our WAN address and its own port.
func (h *Host) introductionAddresses(p *peer.Peer) (lan, wan netip.AddrPort) {
	if p == nil {
		return unspecified4, unspecified4
	}
	address := p.Address()
	if address.Addr().Is4() && h.onThisHost(address.Addr()) {
		if wan := h.MyWAN(); !isNone(wan) {
			return address, netip.AddrPortFrom(wan.Addr(), address.Port())
		}
		return address, unspecified4 // and not 0.0.0.0 with a port (Q14)
	}
	return ipv4OrNone(p.LAN()), address
}
