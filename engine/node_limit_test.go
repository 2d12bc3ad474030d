package engine

import (
	"net/netip"
	"testing"
	"time"

	"peerscope/engine/community"
	"peerscope/engine/wire"
)

// With max_peers 3, the fourth peer is still answered and the fifth is not; the
// flag is set one peer earlier (IPv8 reference, 8.3, 8.4 and Q24).
func TestNodeLimitOfIncomingRequests(t *testing.T) {
	d := drive(t, func(c *nodeConfig) { c.MaxPeers = 3 })
	for i, test := range []struct {
		want community.Reason
		flag bool
	}{
		{community.Accepted, false},
		{community.Accepted, false},
		{community.Accepted, true},
		{community.Accepted, true},
		{community.PeerLimit, false},
		{community.PeerLimit, false},
	} {
		if got := d.request(newStranger(i), community.DiscoveryCommunityID, 0); got != test.want {
			t.Errorf("request %d: %v, want %v", i+1, got, test.want)
		}
		answer, ok := d.hearAnswer().(wire.IntroductionResponse)
		if ok != (test.want == community.Accepted) {
			t.Errorf("request %d: answered %v, want %v", i+1, ok, !ok)
		}
		if got := answer.Flags.PeerLimitReached(); got != test.flag {
			t.Errorf("request %d: peer limit reached %v, want %v", i+1, got, test.flag)
		}
	}
	if got := d.network.Len(); got != 4 {
		t.Errorf("%d verified peers, want 4", got)
	}
}

// A peer that is known is not answered either once there are too many, by any
// kind of request; pings and similarity requests always are.
func TestNodeFullNodeStillPongs(t *testing.T) {
	d := drive(t, func(c *nodeConfig) { c.MaxPeers = 1 })
	first, second := newStranger(1), newStranger(2)
	for _, s := range []stranger{first, second} {
		if got := d.requestNew(s, community.DiscoveryCommunityID); got != community.Accepted {
			t.Fatalf("request below the limit: %v", got)
		}
	}
	d.hear()
	if got := d.requestNew(first, community.DiscoveryCommunityID); got != community.PeerLimit {
		t.Errorf("request of a known peer when full: %v, want %v", got, community.PeerLimit)
	}
	if got := d.hear(); len(got) != 0 {
		t.Errorf("answered %v, want nothing", got)
	}
	for _, p := range []wire.Payload{wire.Ping{Identifier: 5}, wire.SimilarityRequest{Identifier: 6}} {
		s := newStranger(3)
		if got := d.receive(s.addr, pack(t, s.key, community.DiscoveryCommunityID, 1, p)); got != community.Accepted {
			t.Errorf("%v when full: %v, want it accepted", p.ID(), got)
		}
		if got := d.hear(); len(got) != 1 || got[0].to != s.addr {
			t.Errorf("answers to a %v: %v, want one", p.ID(), got)
		}
	}
}

// The limit is each community's own: one that is full leaves the other open.
func TestNodeLimitOfEachCommunity(t *testing.T) {
	d := drive(t, func(c *nodeConfig) {
		c.MaxPeers = 1
		c.Communities = []Community{{ID: communityID(1)}}
	})
	d.meet(community.DiscoveryCommunityID, 3)
	s := newStranger(1)
	if got := d.request(s, community.DiscoveryCommunityID, 0); got != community.PeerLimit {
		t.Errorf("request in the full community: %v, want %v", got, community.PeerLimit)
	}
	if got := d.request(s, communityID(1), 0); got != community.Accepted {
		t.Errorf("request in the other: %v, want %v", got, community.Accepted)
	}
}

// What we asked for is taken whatever the limit: responses verify (8.5, 4).
func TestNodeLimitOfOutgoingRequests(t *testing.T) {
	d := drive(t, func(c *nodeConfig) { c.MaxPeers = 1 })
	d.meet(community.DiscoveryCommunityID, 3)
	s := newStranger(1)
	d.network.DiscoverUnintroduced(s.addr, community.DiscoveryCommunityID, false)
	d.advance(5 * time.Second)
	var asked wire.IntroductionRequest
	for _, m := range d.hear() {
		if p, ok := m.Payload.(wire.IntroductionRequest); ok && m.to == s.addr {
			asked = p
		}
	}
	if asked.Identifier == 0 {
		t.Fatal("the full node did not walk to the address")
	}
	got := d.receive(s.addr, pack(t, s.key, community.DiscoveryCommunityID, 1, wire.IntroductionResponse{
		DestinationAddress: netip.MustParseAddrPort("192.0.2.1:8470"), Identifier: asked.Identifier,
	}))
	if _, ok := d.network.ByMid(s.key.Public().Mid()); got != community.Accepted || !ok {
		t.Errorf("response: %v, verified %v, want it accepted and verified", got, ok)
	}
}
