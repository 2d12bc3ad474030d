package engine

import (
	"net/netip"
	"testing"
	"time"

	"peerscope/engine/community"
	"peerscope/engine/peer"
	"peerscope/engine/wire"
)

// Which style a request is answered in (IPv8 reference, 8.3, and 9 for the
// DiscoveryCommunity, where 246 is always answered with 245).
func TestNodeAnswersInStyle(t *testing.T) {
	other := communityID(1)
	for _, test := range []struct {
		name  string
		id    peer.CommunityID
		new   bool
		flags wire.IntroductionRequestFlags
		want  wire.MessageID
	}{
		{"discovery, old", community.DiscoveryCommunityID, false, 0, wire.IntroductionResponseID},
		{"discovery, old and understands new", community.DiscoveryCommunityID, false, wire.RequestSupportsNewStyle, wire.IntroductionResponseID},
		{"discovery, new", community.DiscoveryCommunityID, true, 0, wire.NewIntroductionResponseID},
		{"other, old", other, false, 0, wire.IntroductionResponseID},
		{"other, old and understands new", other, false, wire.RequestSupportsNewStyle, wire.NewIntroductionResponseID},
		{"other, new", other, true, 0, wire.NewIntroductionResponseID},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := drive(t, func(c *nodeConfig) { c.Communities = []Community{{ID: other}} })
			s, got := newStranger(1), community.Accepted
			if test.new {
				got = d.requestNew(s, test.id)
			} else {
				got = d.request(s, test.id, test.flags)
			}
			answer := d.hearAnswer()
			if got != community.Accepted || answer == nil {
				t.Fatalf("request: %v, answer %v, want one", got, answer)
			}
			if answer.ID() != test.want {
				t.Errorf("answer is a %v, want %v", answer.ID(), test.want)
			}
			if old, ok := answer.(wire.IntroductionResponse); ok && !old.Flags.SupportsNewStyle() {
				t.Error("the old-style answer does not say that we speak the new one")
			}
		})
	}
}

// A peer is asked in the old style until it said that it understands the new one.
func TestNodeAsksInStyle(t *testing.T) {
	for _, test := range []struct {
		name  string
		flags wire.IntroductionResponseFlags
		want  wire.MessageID
	}{
		{"speaks old only", 0, wire.IntroductionRequestID},
		{"speaks new", wire.ResponseSupportsNewStyle, wire.NewIntroductionRequestID},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := drive(t, nil)
			s := newStranger(1)
			d.network.DiscoverUnintroduced(s.addr, community.DiscoveryCommunityID, false)
			first := d.hearRequest(s.addr)
			old, ok := first.(wire.IntroductionRequest)
			if !ok {
				t.Fatalf("first request is a %v, want %v", first.ID(), wire.IntroductionRequestID)
			}
			got := d.receive(s.addr, pack(t, s.key, community.DiscoveryCommunityID, 1, wire.IntroductionResponse{
				DestinationAddress: netip.MustParseAddrPort("192.0.2.1:8470"), Identifier: old.Identifier, Flags: test.flags,
			}))
			if got != community.Accepted {
				t.Fatalf("response: %v", got)
			}
			d.hear()
			if got := d.hearRequest(s.addr); got.ID() != test.want {
				t.Errorf("second request is a %v, want %v", got.ID(), test.want)
			}
		})
	}
}

// hearRequest lets time pass until the node asks an address for an introduction.
func (d *drivenNode) hearRequest(to netip.AddrPort) wire.Payload {
	d.t.Helper()
	for range 20 {
		d.advance(time.Second)
		for _, m := range d.hear() {
			if id := m.ID(); m.to == to && (id == wire.IntroductionRequestID || id == wire.NewIntroductionRequestID) {
				return m.Payload
			}
		}
	}
	d.t.Fatalf("no introduction request to %v", to)
	return nil
}
