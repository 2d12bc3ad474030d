package network

import (
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	"peerscope/engine/peer"
)

func midOf(i int) (m peer.Mid) {
	binary.BigEndian.PutUint32(m[:], uint32(i+1))
	return m
}

func communityOf(i int) (c peer.CommunityID) {
	binary.BigEndian.PutUint32(c[:], uint32(i+1))
	return c
}

func ipv4Of(i int) netip.AddrPort {
	var ip [4]byte
	binary.BigEndian.PutUint32(ip[:], 10<<24+uint32(i))
	return netip.AddrPortFrom(netip.AddrFrom4(ip), 7759)
}

// peerOf is the i-th peer, at the i-th address.
func peerOf(i int) *peer.Peer {
	p := &peer.Peer{Mid: midOf(i)}
	p.AddAddress(ipv4Of(i))
	return p
}

func mustAdd(t testing.TB, n *Network, p *peer.Peer) {
	t.Helper()
	if _, res := n.AddVerifiedPeer(p); res != Added {
		t.Fatalf("verifying %v: got %v, want %v", p.Mid, res, Added)
	}
}

func TestFullTableOfPeersRefuses(t *testing.T) {
	n := New(Config{VerifiedPeers: 2})
	mustAdd(t, n, peerOf(0))
	mustAdd(t, n, peerOf(1))
	if p, res := n.AddVerifiedPeer(peerOf(2)); p != nil || res != RefusedFull {
		t.Errorf("third peer: got %v, %v, want nil, %v", p, res, RefusedFull)
	}
	if _, res := n.AddVerifiedPeer(peerOf(1)); res != Known {
		t.Errorf("known peer: got %v, want %v", res, Known)
	}
	n.RemovePeer(peerOf(0))
	mustAdd(t, n, peerOf(2))
	checkInvariants(t, n)
}

func TestFullTableOfAddresses(t *testing.T) {
	n := New(Config{Addresses: 3})
	mustAdd(t, n, peerOf(0))
	for i := 1; i < 20; i++ {
		if !n.DiscoverAddress(peerOf(0), ipv4Of(100+i), communityOf(0), false) {
			t.Fatalf("introduction %d: not recorded, although an unverified address could go", i)
		}
		checkInvariants(t, n)
	}
	if got := n.Stats(); got.Addresses != 3 || got.Walkable != 2 || got.Evicted != 17 {
		t.Errorf("got %+v, want 3 addresses, 2 walkable, 17 evicted", got)
	}
	mustAdd(t, n, peerOf(1))
	mustAdd(t, n, peerOf(2))
	if _, res := n.AddVerifiedPeer(peerOf(3)); res != RefusedFull {
		t.Errorf("peer without room for its address: got %v, want %v", res, RefusedFull)
	}
	if n.DiscoverAddress(peerOf(0), ipv4Of(200), communityOf(0), false) {
		t.Error("introduction recorded, although all addresses are those of verified peers")
	}
	if n.AddAddress(n.At(0), netip.MustParseAddrPort("[2001:db8::1]:1")) {
		t.Error("address added, although there is no room")
	}
	if got := n.Len(); got != 3 {
		t.Errorf("verified: got %d, want 3", got)
	}
	checkInvariants(t, n)
}

func TestKeysPerAddress(t *testing.T) {
	n := New(Config{KeysPerAddress: 2})
	shared := ipv4Of(1000)
	at := func(i int) *peer.Peer {
		p := &peer.Peer{Mid: midOf(i)}
		p.AddAddress(shared)
		return p
	}
	mustAdd(t, n, at(0))
	mustAdd(t, n, at(1))
	if _, res := n.AddVerifiedPeer(at(2)); res != RefusedAddressFull {
		t.Errorf("third key at an address: got %v, want %v", res, RefusedAddressFull)
	}
	mustAdd(t, n, peerOf(3))
	if p, _ := n.ByMid(midOf(3)); n.AddAddress(p, shared) || p.Address() != ipv4Of(3) {
		t.Errorf("moved to a full address: now at %v", p.Address())
	}
	p, _ := n.ByMid(midOf(3))
	n.SetLAN(p, shared)
	if p.LAN() != shared {
		t.Errorf("LAN address: got %v, want %v", p.LAN(), shared)
	}
	checkInvariants(t, n)
	if got := len(n.RemoveByAddress(shared)); got != 2 {
		t.Errorf("removed by address: got %d peers, want the 2 that are found by it", got)
	}
	checkInvariants(t, n)
}

func TestByAddressPrefersWhoIsThere(t *testing.T) {
	n := New(Config{})
	for i := range 3 {
		p := peerOf(i)
		p.SetLAN(ipv4Of(9))
		mustAdd(t, n, p)
	}
	mustAdd(t, n, peerOf(9))
	p := peerOf(5)
	p.SetLAN(ipv4Of(9))
	mustAdd(t, n, p)
	if p, ok := n.ByAddress(ipv4Of(9)); !ok || p.Mid != midOf(9) {
		t.Errorf("got %v, want the peer whose address it is", p)
	}
	checkInvariants(t, n)
}

func TestServicesPerPeer(t *testing.T) {
	n := New(Config{ServicesPerPeer: 3})
	var ids []peer.CommunityID
	for i := range 1000 {
		ids = append(ids, communityOf(i))
	}
	if got := n.DiscoverServices(midOf(0), ids); !slices.Equal(got, ids[:3]) {
		t.Errorf("got %d services, want the first 3", len(got))
	}
	if got := n.DiscoverServices(midOf(0), ids[3:]); got != nil {
		t.Errorf("got %v, want none", got)
	}
	if got := n.Stats().Communities; got != 3 {
		t.Errorf("communities: got %d, want 3", got)
	}
	checkInvariants(t, n)
}

func TestCommunitiesAndMemberships(t *testing.T) {
	n := New(Config{Communities: 2, Memberships: 3})
	n.DiscoverServices(midOf(0), []peer.CommunityID{communityOf(0), communityOf(1), communityOf(2)})
	n.DiscoverServices(midOf(1), []peer.CommunityID{communityOf(2), communityOf(1), communityOf(0)})
	if got, want := n.ServicesOf(midOf(0)), []peer.CommunityID{communityOf(0), communityOf(1)}; !slices.Equal(got, want) {
		t.Errorf("got %v, want the two communities there was room for", got)
	}
	if got, want := n.ServicesOf(midOf(1)), []peer.CommunityID{communityOf(1)}; !slices.Equal(got, want) {
		t.Errorf("got %v, want the one membership there was room for", got)
	}
	if n.DiscoverAddress(peerOf(3), ipv4Of(100), communityOf(7), false) {
		t.Error("introduction under a service that there is no room for was recorded")
	}
	checkInvariants(t, n)
}

func TestIntroductionsPerKey(t *testing.T) {
	n := New(Config{Introductions: 2})
	n.RegisterService(communityOf(0))
	for i := range 4 {
		n.DiscoverAddress(peerOf(0), ipv4Of(100+i), communityOf(0), false)
	}
	if got, want := n.IntroductionsFrom(midOf(0)), []netip.AddrPort{ipv4Of(102), ipv4Of(103)}; !slices.Equal(got, want) {
		t.Errorf("got %v, want the latest, %v", got, want)
	}
	if got := n.WalkableLen(communityOf(0)); got != 4 {
		t.Errorf("walkable: got %d, want all 4", got)
	}
	checkInvariants(t, n)
}

func TestUnverifiedKeysOldestOut(t *testing.T) {
	n := New(Config{UnverifiedKeys: 2})
	for i := range 3 {
		n.DiscoverServices(midOf(i), []peer.CommunityID{communityOf(0)})
	}
	for i, want := range []int{0, 1, 1} {
		if got := len(n.ServicesOf(midOf(i))); got != want {
			t.Errorf("services of key %d: got %d, want %d", i, got, want)
		}
	}
	// A removed peer that introduced somebody counts as well.
	mustAdd(t, n, peerOf(5))
	n.DiscoverAddress(peerOf(5), ipv4Of(100), communityOf(0), false)
	n.RemovePeer(peerOf(5))
	if got := len(n.ServicesOf(midOf(1))); got != 0 {
		t.Errorf("services of the oldest key: got %d, want 0", got)
	}
	n.DiscoverServices(midOf(6), []peer.CommunityID{communityOf(0)})
	n.DiscoverServices(midOf(7), []peer.CommunityID{communityOf(0)})
	if got := n.IntroductionsFrom(midOf(5)); len(got) != 0 {
		t.Errorf("introductions of a forgotten key: got %v, want none", got)
	}
	if !n.Listed(ipv4Of(100)) {
		t.Error("what a forgotten key introduced is not listed any more")
	}
	checkInvariants(t, n)
}

func TestBlacklistIsBounded(t *testing.T) {
	n := New(Config{Blacklist: 1})
	for i, want := range []bool{true, false} {
		if got := n.Blacklist(ipv4Of(i)); got != want || n.Blacklisted(ipv4Of(i)) != want {
			t.Errorf("blacklisting address %d: got %v, want %v", i, got, want)
		}
		if got := n.BlacklistMid(midOf(i)); got != want || n.BlacklistedMid(midOf(i)) != want {
			t.Errorf("blacklisting mid %d: got %v, want %v", i, got, want)
		}
	}
	if !n.Blacklist(ipv4Of(0)) || !n.BlacklistMid(midOf(0)) {
		t.Error("what is blacklisted already was refused")
	}
}

func TestRegisteredServicesAreBounded(t *testing.T) {
	n := New(Config{})
	n.DiscoverAddress(peerOf(0), ipv4Of(100), communityOf(62), false)
	for i := range 65 {
		if got, want := n.RegisterService(communityOf(i)), i < maxRegistered; got != want {
			t.Errorf("service %d: got %v, want %v", i, got, want)
		}
	}
	if !n.RegisterService(communityOf(3)) || n.RegisterService(peer.CommunityID{}) {
		t.Error("a registered service was refused, or the zero id was not")
	}
	if got := n.WalkableLen(communityOf(62)); got != 1 {
		t.Errorf("walkable for the last service: got %d, want 1", got)
	}
	if got := n.WalkableLen(communityOf(63)); got != 0 {
		t.Errorf("walkable for a refused service: got %d, want 0", got)
	}
	checkInvariants(t, n)
}

// TestTightCapsHold does random things to networks whose every table is too
// small, and checks them by scans after each.
func TestTightCapsHold(t *testing.T) {
	for seed := range 30 {
		rng := rand.New(rand.NewPCG(uint64(seed), 3))
		n := New(Config{
			VerifiedPeers: 4 + rng.IntN(4), Addresses: 3 + rng.IntN(10), ServicesPerPeer: 1 + rng.IntN(3),
			Introductions: 1 + rng.IntN(3), KeysPerAddress: 1 + rng.IntN(3), UnverifiedKeys: 1 + rng.IntN(4),
			Communities: 2 + rng.IntN(3), Memberships: 4 + rng.IntN(8),
		})
		n.RegisterService(communityOf(0))
		for range 300 {
			tightStep(n, rng)
			checkInvariants(t, n)
		}
	}
}

func tightStep(n *Network, rng *rand.Rand) {
	p := &peer.Peer{Mid: midOf(rng.IntN(12))}
	p.AddAddress(ipv4Of(rng.IntN(8)))
	if rng.IntN(2) == 0 {
		p.SetLAN(ipv4Of(rng.IntN(8)))
	}
	if rng.IntN(3) == 0 {
		p.AddAddress(netip.AddrPortFrom(netip.MustParseAddr("2001:db8::1"), uint16(1+rng.IntN(8))))
	}
	known, ok := n.ByMid(p.Mid)
	service := communityOf(rng.IntN(5))
	switch rng.IntN(9) {
	case 0, 1:
		n.AddVerifiedPeer(p)
	case 2, 3:
		n.DiscoverAddress(p, ipv4Of(rng.IntN(20)), service, false)
	case 4:
		n.DiscoverServices(p.Mid, []peer.CommunityID{service, communityOf(rng.IntN(5))})
	case 5:
		n.RemovePeer(p)
	case 6:
		n.RemoveByAddress(p.Address())
	case 7:
		if ok {
			n.ReplaceAddress(known, p.Address())
			n.SetLAN(known, p.LAN())
		}
	case 8:
		n.RandomWalkable(communityOf(0), rng, nil)
	}
}
