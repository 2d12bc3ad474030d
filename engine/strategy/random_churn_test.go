package strategy

import (
	"math/rand/v2"
	"testing"
	"time"

	"peerscope/engine/internal/vectors"
	"peerscope/engine/keyvault"
	"peerscope/engine/peer"
)

// churnOverlay holds verified peers; what happens to them is noted.
type churnOverlay struct {
	peers   []*peer.Peer
	spent   bool // no budget
	sampled int  // the latest k
	pinged  []*peer.Peer
	removed []*peer.Peer
}

func (o *churnOverlay) Sample(rng *rand.Rand, k int) []*peer.Peer {
	o.sampled = k
	var sample []*peer.Peer
	for _, i := range rng.Perm(len(o.peers))[:min(k, len(o.peers))] {
		sample = append(sample, o.peers[i])
	}
	return sample
}

func (o *churnOverlay) Ping(_ time.Time, p *peer.Peer) bool {
	if !o.spent {
		o.pinged = append(o.pinged, p)
	}
	return !o.spent
}

func (o *churnOverlay) Remove(_ time.Time, p *peer.Peer) { o.removed = append(o.removed, p) }

func TestRandomChurnVectors(t *testing.T) {
	for _, v := range vectors.ByKind(t, "churn-step") {
		t.Run(v.Name, func(t *testing.T) { churnVector(t, &v) })
	}
}

func churnVector(t *testing.T, v *vectors.Vector) {
	type outcome struct {
		Pinged        bool `json:"pinged"`
		Dropped       bool `json:"dropped"`
		RemembersPing bool `json:"remembers_ping"`
	}
	var want outcome
	v.Decode(t, v.Expect, &want)
	p := peer.NewPeer(keyvault.PublicKey{}, vectors.AddrPort(t, v.Address), start.Add(-time.Hour))
	if v.LastResponseAge != nil {
		p.LastResponse = start.Add(-seconds(*v.LastResponseAge))
	}
	for range v.PingSamples {
		p.Pings.Add(time.Millisecond)
	}
	overlay := &churnOverlay{peers: []*peer.Peer{p}}
	c := NewRandomChurn(overlay, newRand(), ChurnConfig{})
	if v.LastPingAge != nil {
		c.pinged.set(p.Address(), start.Add(-seconds(*v.LastPingAge)))
	}

	c.TakeStep(start)
	got := outcome{len(overlay.pinged) == 1, len(overlay.removed) == 1, c.pinged.has(p.Address())}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if last, _ := c.pinged.at(p.Address()); got.Pinged && !last.Equal(start) {
		t.Errorf("remembers a ping at %v, want %v", last, start)
	}
}

func TestRandomChurnSample(t *testing.T) {
	overlay := &churnOverlay{}
	for n := range 20 {
		overlay.peers = append(overlay.peers, newPeer(n, start))
	}
	NewRandomChurn(overlay, newRand(), ChurnConfig{}).TakeStep(start)
	if overlay.sampled != 8 || len(overlay.pinged) != 8 {
		t.Errorf("asked for %d peers and pinged %d new ones, want 8 and 8", overlay.sampled, len(overlay.pinged))
	}
}

func TestRandomChurnWithoutBudget(t *testing.T) {
	overlay := &churnOverlay{peers: []*peer.Peer{newPeer(1, start)}, spent: true}
	c := NewRandomChurn(overlay, newRand(), ChurnConfig{})
	if c.TakeStep(at(0)); c.pinged.len() != 0 {
		t.Fatal("remembers a ping that was not sent")
	}
	overlay.spent = false
	if c.TakeStep(at(1)); len(overlay.pinged) != 1 {
		t.Errorf("pinged %d times once there is budget, want once", len(overlay.pinged))
	}
}

func TestRandomChurnBoundsItsMemory(t *testing.T) {
	overlay := &churnOverlay{}
	c := NewRandomChurn(overlay, newRand(), ChurnConfig{})
	for n := range maxPinged + 10 {
		overlay.peers = []*peer.Peer{newPeer(n, start)}
		c.TakeStep(start.Add(time.Duration(n)))
	}
	if got := c.pinged.len(); got != maxPinged || c.pinged.order.Len() != maxPinged {
		t.Errorf("remembers %d pings (%d in order), want %d", got, c.pinged.order.Len(), maxPinged)
	}
	if c.pinged.has(address(9)) || !c.pinged.has(address(10)) {
		t.Error("want the oldest pings forgotten and the others kept")
	}
}
