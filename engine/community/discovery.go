package community

import (
	"fmt"
	"net/netip"
	"time"

	"peerscope/engine/peer"
	"peerscope/engine/wire"
)

// DiscoveryCommunityID is the community that every IPv8 node is in.
var DiscoveryCommunityID = peer.CommunityID{
	0x7e, 0x31, 0x36, 0x85, 0xc1, 0x91, 0x2a, 0x14, 0x12, 0x79,
	0xf8, 0x24, 0x8f, 0xc8, 0xdb, 0x58, 0x99, 0xc5, 0xdf, 0x5a,
}

// Version is the protocol version, the second byte of every packet.
const Version = 2

// A DiscoveryCommunity is the community in which peers tell each other which
// communities they are in, and ping (py-ipv8's ipv8/peerdiscovery/community.py).
type DiscoveryCommunity struct {
	*Community
}

// NewDiscoveryCommunity makes the discovery overlay and registers it with the
// host. A zero id in the settings means [DiscoveryCommunityID].
func NewDiscoveryCommunity(h *Host, s Settings) *DiscoveryCommunity {
	if s.ID == (peer.CommunityID{}) {
		s.ID = DiscoveryCommunityID
	}
	d := &DiscoveryCommunity{newCommunity(h, s)}
	d.introductionResponseCallback = d.IntroductionResponseCallback
	h.register(d)
	return d
}

// AvailableStrategies names the strategies that belong to this community, in
// addition to those that walk any of them.
func (d *DiscoveryCommunity) AvailableStrategies() []string {
	return []string{"PeriodicSimilarity", "PeriodicPing", "RandomChurn"}
}

// Unload ends the community: pending pings first, so that no timeout fires into
// what is gone, then everything else that waits.
func (d *DiscoveryCommunity) Unload() { d.host.requests.Shutdown() }

// Receive handles the messages of this community.
func (d *DiscoveryCommunity) Receive(now time.Time, m *Message) Reason {
	switch p := m.Payload.(type) {
	case oldIntroductionRequest:
		return d.OnOldIntroductionRequest(now, m, p)
	case wire.SimilarityRequest:
		return d.OnSimilarityRequest(now, m, p)
	case wire.SimilarityResponse:
		return d.OnSimilarityResponse(now, m, p)
	case wire.Ping:
		return d.OnPing(now, m, p)
	case wire.Pong:
		return d.OnPong(now, m, p)
	}
	return d.Community.Receive(now, m)
}

// oldIntroductionRequest is a 246 as this community reads it.
type oldIntroductionRequest struct {
	wire.IntroductionRequest
	// introduceTo is whom a 2014 client wants to meet; nil in today's form.
	introduceTo *peer.Mid
}

// parseOldIntroductionRequest tries the 2014 form first, then today's. Unlike
// py-ipv8 it looks at the 2014 form's marker, so that 21 extra bytes do not
// turn one form into the other (Q3).
func parseOldIntroductionRequest(payload []byte) (wire.Payload, error) {
	p, to, err := wire.ParseDiscoveryIntroductionRequest(payload)
	if err != nil {
		return nil, fmt.Errorf("introduction request: %w", err)
	}
	r := oldIntroductionRequest{IntroductionRequest: p}
	if to != nil {
		r.introduceTo = (*peer.Mid)(to)
	}
	return r, nil
}

// OnOldIntroductionRequest answers 246 (IPv8 reference, 9): always with 245 to
// where it came from; neither its LAN address nor its new-style flag is used.
// Over IPv6, where a 245 cannot name the requester, the answer is a 233. A 2014
// client's introduce_to is honoured when that peer is in this community;
// py-ipv8 means to, but compares the wrong things.
func (d *DiscoveryCommunity) OnOldIntroductionRequest(now time.Time, m *Message, p oldIntroductionRequest) Reason {
	if d.full() {
		return PeerLimit
	}
	known := d.host.verify(now, m)
	if known == nil {
		return Refused
	}
	d.host.discoverServices(now, known.Mid, []peer.CommunityID{d.id}, false)
	if !known.HasAddress(m.Source) {
		d.probe(now, known, m.Source)
	}
	r := oldRequest(p.IntroductionRequest)
	return d.answer(now, m, r, style(m.Source.Addr().Is6()))
}

// IntroductionResponseCallback follows every introduction response, a tracker's
// too, with a similarity request.
func (d *DiscoveryCommunity) IntroductionResponseCallback(now time.Time, m *Message) {
	d.SendSimilarityRequest(now, m.Source)
}

// MyOverlays groups our community ids by the key that advertises them, keys and
// ids in registration order (py-ipv8's get_my_overlays).
func (d *DiscoveryCommunity) MyOverlays() []Advertised {
	return d.host.advertised
}

// myAddresses are the estimates that similarity requests carry, IPv4 only.
func (d *DiscoveryCommunity) myAddresses() (lan, wan netip.AddrPort) {
	return ipv4OrNone(d.host.MyLAN(true)), d.host.MyWAN()
}
