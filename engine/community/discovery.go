package community

import (
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
	h.register(d, d.key)
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
	case wire.IntroductionRequest:
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

// OnOldIntroductionRequest answers 246 (IPv8 reference, 9): always with 245 to
// where it came from; neither its LAN address nor its new-style flag is used.
// Over IPv6, where a 245 cannot name the requester, the answer is a 233. Whom a
// client of 2014 asks to meet does not matter: in py-ipv8 it matches nobody.
func (d *DiscoveryCommunity) OnOldIntroductionRequest(now time.Time, m *Message, p wire.IntroductionRequest) Reason {
	if d.full() {
		return PeerLimit
	}
	known, reason := d.host.admit(now, m, netip.AddrPort{})
	if reason != Accepted {
		return reason
	}
	d.host.discoverServices(now, known.Mid, []peer.CommunityID{d.id}, false)
	d.probe(now, known, m.Source)
	return d.answer(m, oldRequest(p), style(m.Source.Addr().Is6()))
}

// IntroductionResponseCallback follows every introduction response, a tracker's
// too, with a similarity request.
func (d *DiscoveryCommunity) IntroductionResponseCallback(now time.Time, m *Message) {
	d.SendSimilarityRequest(now, m.Source)
}

// MyOverlays groups our community ids by the key that advertises them, keys and
// ids in registration order (py-ipv8's get_my_overlays).
func (d *DiscoveryCommunity) MyOverlays() []Advertised {
	list := make([]Advertised, len(d.host.keys))
	for i, k := range d.host.keys {
		list[i] = Advertised{k.private, k.communities}
	}
	return list
}
