package strategy

import (
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"peerscope/engine/keyvault"
	"peerscope/engine/peer"
)

type similarityOverlay struct {
	peers []*peer.Peer
	asked []netip.AddrPort
	times []time.Time
}

func (o *similarityOverlay) RandomVerified(rng *rand.Rand) (*peer.Peer, bool) {
	if len(o.peers) == 0 {
		return nil, false
	}
	return o.peers[rng.IntN(len(o.peers))], true
}

func (o *similarityOverlay) SendSimilarityRequest(now time.Time, address netip.AddrPort) {
	o.asked, o.times = append(o.asked, address), append(o.times, now)
}

func TestPeriodicSimilarityOncePerSecond(t *testing.T) {
	overlay := &similarityOverlay{}
	for n := range 4 {
		overlay.peers = append(overlay.peers, newPeer(n, start))
	}
	s := NewPeriodicSimilarity(overlay, newRand(), SimilarityConfig{})
	for ms := range 100_000 / 7 {
		s.TakeStep(start.Add(time.Duration(ms) * 7 * time.Millisecond))
	}
	for i := 1; i < len(overlay.times); i++ {
		if gap := overlay.times[i].Sub(overlay.times[i-1]); gap < time.Second {
			t.Fatalf("requests %v apart, want at least 1s", gap)
		}
	}
	if got := len(overlay.times); got < 99 || got > 101 {
		t.Errorf("%d requests in 100 s, want about 100", got)
	}
	counts := map[netip.AddrPort]int{}
	for _, address := range overlay.asked {
		counts[address]++
	}
	for _, p := range overlay.peers {
		if counts[p.Address()] < 10 {
			t.Errorf("%v was asked %d times of 100, want about 25", p.Address(), counts[p.Address()])
		}
	}
}

func TestPeriodicSimilarityBoundary(t *testing.T) {
	overlay := &similarityOverlay{}
	s := NewPeriodicSimilarity(overlay, newRand(), SimilarityConfig{})
	s.TakeStep(at(0)) // nobody there: that does not count as a request
	overlay.peers = []*peer.Peer{newPeer(1, start)}
	s.TakeStep(at(0.1))
	s.TakeStep(at(1.099))
	addresses(t, overlay.asked, address(1))
	s.TakeStep(at(1.1))
	addresses(t, overlay.asked, address(1), address(1))
}

func TestPeriodicSimilarityNeedsAnAddress(t *testing.T) {
	p := peer.NewPeer(keyvault.PublicKey{}, netip.AddrPort{}, start)
	p.SetLAN(address(1))
	overlay := &similarityOverlay{peers: []*peer.Peer{p}}
	NewPeriodicSimilarity(overlay, newRand(), SimilarityConfig{}).TakeStep(start)
	addresses(t, overlay.asked)
}
