package network

import (
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"runtime"
	"testing"
	"time"

	"peerscope/engine/keyvault"
	"peerscope/engine/peer"
)

// keyedPeer is a peer with a key of its own, as a packet brings it.
func keyedPeer(i int) *peer.Peer {
	blob := append([]byte("LibNaCLPK:"), make([]byte, 64)...)
	binary.BigEndian.PutUint64(blob[10:], uint64(i))
	key, err := keyvault.ParsePublicKey(blob)
	if err != nil {
		panic(err)
	}
	return peer.NewPeer(key, ipv4Of(i), time.Unix(int64(i), 0))
}

// populated is a network of count peers, each with an IPv4 address and two
// communities of some.
func populated(count int) *Network {
	n := New(Config{})
	n.RegisterService(communityOf(0))
	for i := range count {
		p, _ := n.AddVerifiedPeer(keyedPeer(i))
		n.DiscoverServices(p.Mid, []peer.CommunityID{communityOf(0), communityOf(1 + i%50)})
	}
	return n
}

func heapInUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func bytesPerPeer(count int) (float64, *Network) {
	before := heapInUse()
	n := populated(count)
	return float64(heapInUse()-before) / float64(count), n
}

func TestBytesPerPeer(t *testing.T) {
	const count = 200_000
	got, n := bytesPerPeer(count)
	t.Logf("%.0f bytes per peer of %d", got, count)
	if got > 1024 {
		t.Errorf("got %.0f bytes per peer, want at most 1024", got)
	}
	if n.Len() != count {
		t.Errorf("got %d peers, want %d", n.Len(), count)
	}
	runtime.KeepAlive(n)
}

// TestHotPathAllocatesNothing holds what every packet asks to no allocation.
func TestHotPathAllocatesNothing(t *testing.T) {
	n := populated(100)
	rng := rand.New(rand.NewPCG(1, 2))
	addr, ids := ipv4Of(7), []peer.CommunityID{communityOf(0)}
	p, _ := n.ByAddress(addr)
	n.DiscoverUnintroduced(ipv4Of(1000), communityOf(0), false)
	for name, f := range map[string]func(){
		"ByAddress":        func() { n.ByAddress(addr) },
		"ByMid":            func() { n.ByMid(p.Mid) },
		"AddVerifiedPeer":  func() { n.AddVerifiedPeer(p) },
		"AddAddress":       func() { n.AddAddress(p, addr) },
		"DiscoverServices": func() { n.DiscoverServices(p.Mid, ids) },
		"DiscoverAddress":  func() { n.DiscoverAddress(p, ipv4Of(1001), communityOf(0), false) },
		"RandomPeer":       func() { n.RandomPeer(communityOf(0), rng, func(q *peer.Peer) bool { return q != p }) },
		"RandomWalkable":   func() { n.RandomWalkable(communityOf(0), rng, func(netip.AddrPort) bool { return false }) },
	} {
		if got := testing.AllocsPerRun(100, f); got != 0 {
			t.Errorf("%s: got %v allocations, want 0", name, got)
		}
	}
}

// forSizes runs a benchmark on networks of growing size: what it costs must
// hardly depend on it.
func forSizes(b *testing.B, bench func(b *testing.B, n *Network, rng *rand.Rand)) {
	for _, c := range []struct {
		name  string
		peers int
	}{{"200", 200}, {"10k", 10_000}, {"1M", 1_000_000}} {
		b.Run(c.name, func(b *testing.B) {
			if testing.Short() && c.peers > 10_000 {
				b.Skip("short")
			}
			n := sized(c.peers)
			b.ReportAllocs()
			b.ResetTimer()
			bench(b, n, rand.New(rand.NewPCG(1, 2)))
		})
	}
}

var sizes = map[int]*Network{}

// sized keeps the networks between benchmarks; each leaves them as it found them.
func sized(count int) *Network {
	if sizes[count] == nil {
		sizes[count] = populated(count)
	}
	return sizes[count]
}

func BenchmarkBytesPerPeer(b *testing.B) {
	for b.Loop() {
		got, n := bytesPerPeer(1_000_000)
		b.ReportMetric(got, "B/peer")
		runtime.KeepAlive(n)
	}
}

func BenchmarkByAddress(b *testing.B) {
	forSizes(b, func(b *testing.B, n *Network, rng *rand.Rand) {
		for b.Loop() {
			p, ok := n.ByAddress(ipv4Of(rng.IntN(n.Len())))
			if !ok {
				b.Fatal("not found")
			}
			p.NewStyleIntro = true // the caller always touches the peer
		}
	})
}

func BenchmarkByMid(b *testing.B) {
	forSizes(b, func(b *testing.B, n *Network, rng *rand.Rand) {
		mids := make([]peer.Mid, 1<<16) // read in order: does not count
		for i := range mids {
			mids[i] = n.At(rng.IntN(n.Len())).Mid
		}
		i := 0
		for b.Loop() {
			i++
			p, ok := n.ByMid(mids[i%len(mids)])
			if !ok {
				b.Fatal("not found")
			}
			p.NewStyleIntro = true
		}
	})
}

func BenchmarkRandomPeer(b *testing.B) {
	forSizes(b, func(b *testing.B, n *Network, rng *rand.Rand) {
		for b.Loop() {
			if _, ok := n.RandomPeer(communityOf(0), rng, func(p *peer.Peer) bool { return p.Address().Addr().Is4() }); !ok {
				b.Fatal("none")
			}
		}
	})
}

func BenchmarkAddVerifiedPeer(b *testing.B) {
	b.Run("known", func(b *testing.B) {
		forSizes(b, func(b *testing.B, n *Network, rng *rand.Rand) {
			for b.Loop() {
				p, _ := n.ByAddress(ipv4Of(rng.IntN(n.Len())))
				n.AddVerifiedPeer(p)
			}
		})
	})
	b.Run("new", func(b *testing.B) { // and removed again
		forSizes(b, func(b *testing.B, n *Network, rng *rand.Rand) {
			for b.Loop() {
				p := peerOf(1<<23 + rng.IntN(1<<16))
				n.AddVerifiedPeer(p)
				n.DiscoverServices(p.Mid, []peer.CommunityID{communityOf(0)})
				n.RemovePeer(p)
			}
		})
	})
}

func BenchmarkDiscoverServices(b *testing.B) {
	forSizes(b, func(b *testing.B, n *Network, rng *rand.Rand) {
		mids := make([]peer.Mid, 1<<16)
		for i := range mids {
			mids[i] = n.At(rng.IntN(n.Len())).Mid
		}
		ids := []peer.CommunityID{communityOf(0)}
		i := 0
		for b.Loop() {
			i++
			n.DiscoverServices(mids[i%len(mids)], ids)
		}
	})
}

func BenchmarkRandomWalkable(b *testing.B) {
	forSizes(b, func(b *testing.B, n *Network, rng *rand.Rand) {
		size := n.Len()
		for i := range size { // as many walkable addresses as peers
			n.DiscoverUnintroduced(ipv4Of(1<<22+i), communityOf(0), false)
		}
		for b.Loop() {
			if _, ok := n.RandomWalkable(communityOf(0), rng, func(netip.AddrPort) bool { return false }); !ok {
				b.Fatal("none")
			}
		}
		b.StopTimer()
		for i := range size {
			n.RemoveByAddress(ipv4Of(1<<22 + i))
		}
	})
}
