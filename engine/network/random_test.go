package network

import (
	"math/rand/v2"
	"net/netip"
	"testing"

	"peerscope/engine/peer"
)

// wantEven fails unless each of want's keys was drawn about equally often: five
// standard deviations of a fair draw are allowed.
func wantEven[K comparable](t *testing.T, drawn map[K]int, kinds, draws int) {
	t.Helper()
	if len(drawn) != kinds {
		t.Fatalf("drawn: got %d different ones, want %d", len(drawn), kinds)
	}
	mean := float64(draws) / float64(kinds)
	for k, got := range drawn {
		if d := float64(got) - mean; d*d > 25*mean {
			t.Errorf("%v: drawn %d times, want about %.0f", k, got, mean)
		}
	}
}

func introduce(n *Network, count int) {
	n.RegisterService(communityOf(0))
	for i := range count {
		n.DiscoverAddress(peerOf(0), ipv4Of(1000+i), communityOf(0), false)
	}
}

func TestRandomWalkableIsEven(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, count := range []int{2, 64, 200} {
		n := New(Config{})
		introduce(n, count)
		drawn := map[netip.AddrPort]int{}
		skip := func(a netip.AddrPort) bool { return a.Addr().As4()[3]%2 == 0 }
		for range 20_000 {
			a, ok := n.RandomWalkable(communityOf(0), rng, skip)
			if !ok || skip(a) {
				t.Fatalf("%d walkable: got %v, %v, want one not skipped", count, a, ok)
			}
			drawn[a]++
		}
		wantEven(t, drawn, count/2, 20_000)
	}
}

func TestRandomWalkableAsksABoundedNumber(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct{ count, max int }{{0, 0}, {1, 1}, {64, 64}, {65, pickTries + pickExact}, {2000, pickTries + pickExact}} {
		n := New(Config{})
		introduce(n, c.count)
		asked := 0
		_, ok := n.RandomWalkable(communityOf(0), rng, func(netip.AddrPort) bool { asked++; return true })
		if ok || asked != c.max {
			t.Errorf("%d walkable, all refused: got %v after %d questions, want none after %d", c.count, ok, asked, c.max)
		}
	}
}

func TestRandomWalkableFindsTheLastOne(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	n := New(Config{})
	introduce(n, 64)
	for range 100 {
		a, ok := n.RandomWalkable(communityOf(0), rng, func(a netip.AddrPort) bool { return a != ipv4Of(1040) })
		if !ok || a != ipv4Of(1040) {
			t.Fatalf("got %v, %v, want the only one not skipped", a, ok)
		}
	}
}

func TestRandomPeer(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	n := New(Config{})
	if _, ok := n.RandomPeer(communityOf(0), rng, nil); ok {
		t.Error("got a peer of an unknown service")
	}
	if _, ok := n.RandomVerified(rng); ok {
		t.Error("got a peer of an empty network")
	}
	for i := range 30 {
		mustAdd(t, n, peerOf(i))
		if i < 10 {
			n.DiscoverServices(midOf(i), []peer.CommunityID{communityOf(0)})
		}
	}
	members, others, all := map[peer.Mid]int{}, map[peer.Mid]int{}, map[peer.Mid]int{}
	for range 20_000 {
		p, _ := n.RandomPeer(communityOf(0), rng, nil)
		members[p.Mid]++
		p, _ = n.RandomPeer(communityOf(0), rng, func(p *peer.Peer) bool { return p.Mid != midOf(3) })
		others[p.Mid]++
		p, _ = n.RandomVerified(rng)
		all[p.Mid]++
	}
	wantEven(t, members, 10, 20_000)
	wantEven(t, others, 9, 20_000)
	wantEven(t, all, 30, 20_000)
}

func TestSampleVerified(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	n := New(Config{})
	for i := range 20 {
		mustAdd(t, n, peerOf(i))
	}
	for _, c := range []struct{ k, want int }{{-1, 0}, {0, 0}, {8, 8}, {20, 20}, {50, 20}} {
		seen := map[*peer.Peer]bool{}
		for _, p := range n.SampleVerified(rng, c.k) {
			seen[p] = true
		}
		if len(seen) != c.want {
			t.Errorf("sample of %d: got %d different peers, want %d", c.k, len(seen), c.want)
		}
	}
	drawn := map[peer.Mid]int{}
	for range 5000 {
		for _, p := range n.SampleVerified(rng, 4) {
			drawn[p.Mid]++
		}
	}
	wantEven(t, drawn, 20, 20_000)
}
