package network

import (
	"slices"
	"testing"

	"peerscope/engine/peer"
)

func TestRemoveService(t *testing.T) {
	n := New(Config{})
	a, b := peer.CommunityID{1}, peer.CommunityID{2}
	var mids []peer.Mid
	for i := range 3 {
		p := &peer.Peer{Mid: peer.Mid{byte(i + 1)}}
		p.AddAddress(ipv4Of(i))
		if _, result := n.AddVerifiedPeer(p); result != Added {
			t.Fatalf("got %v, want Added", result)
		}
		n.DiscoverServices(p.Mid, []peer.CommunityID{a, b})
		mids = append(mids, p.Mid)
	}
	if !n.RemoveService(mids[0], a) || n.RemoveService(mids[0], a) {
		t.Error("removing a service twice: want true, then false")
	}
	if n.RemoveService(peer.Mid{9}, a) || n.RemoveService(mids[1], peer.CommunityID{9}) {
		t.Error("an unknown key or service was removed")
	}
	if got, want := n.ServicesOf(mids[0]), []peer.CommunityID{b}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	var members []peer.Mid
	for i := range n.PeersForService(a).Len() {
		members = append(members, n.PeersForService(a).At(i).Mid)
	}
	if slices.Contains(members, mids[0]) || len(members) != 2 {
		t.Errorf("members of a are %v, want the other two", members)
	}
	n.RemoveService(mids[0], b)
	if got := n.ServicesOf(mids[0]); len(got) != 0 || n.PeersForService(b).Len() != 2 {
		t.Errorf("got %v and %d members of b, want none and 2", got, n.PeersForService(b).Len())
	}
}
