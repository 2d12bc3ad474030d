package network

import (
	"math/rand/v2"

	"peerscope/engine/peer"
)

const (
	// pickExact is up to how many items pick considers each.
	pickExact = 64
	// pickTries is how many random ones of more it tries before it looks at
	// pickExact neighbours.
	pickTries = 32
)

// pick draws an index below n that ok accepts: evenly among the accepted ones if
// n is at most pickExact, and after at most pickTries+pickExact questions if not.
func pick(rng *rand.Rand, n int, ok func(int) bool) (int, bool) {
	if n > pickExact {
		for range pickTries {
			if i := rng.IntN(n); ok(i) {
				return i, true
			}
		}
		start := rng.IntN(n)
		for j := range pickExact {
			if i := (start + j) % n; ok(i) {
				return i, true
			}
		}
		return 0, false
	}
	var order [pickExact]uint8 // shuffled as far as it is read
	for i := range n {
		order[i] = uint8(i)
	}
	for i := range n {
		j := i + rng.IntN(n-i)
		order[i], order[j] = order[j], order[i]
		if ok(int(order[i])) {
			return int(order[i]), true
		}
	}
	return 0, false
}

// RandomPeer is a random verified peer of a service, with the zero id of all,
// that ok (which may be nil) accepts. See [Network.RandomWalkable] for how even
// and how thorough it is.
func (n *Network) RandomPeer(service peer.CommunityID, rng *rand.Rand, ok func(*peer.Peer) bool) (p *peer.Peer, found bool) {
	set := n.PeersForService(service)
	_, found = pick(rng, set.Len(), func(i int) bool {
		p = set.At(i)
		return ok == nil || ok(p)
	})
	if !found {
		return nil, false
	}
	return p, true
}

// RandomVerified is a random verified peer, false if there is none.
func (n *Network) RandomVerified(rng *rand.Rand) (*peer.Peer, bool) {
	if len(n.verified) == 0 {
		return nil, false
	}
	return n.At(rng.IntN(len(n.verified))), true
}

// SampleVerified is k different verified peers at random, or all if there are no
// more, in no particular order.
func (n *Network) SampleVerified(rng *rand.Rand, k int) []*peer.Peer {
	total := len(n.verified)
	k = max(min(k, total), 0)
	out := make([]*peer.Peer, 0, k)
	seen := make(map[int]struct{}, k)
	// Robert Floyd's sampling: each step adds one of the first i+1, or i itself.
	for i := total - k; i < total; i++ {
		j := rng.IntN(i + 1)
		if _, ok := seen[j]; ok {
			j = i
		}
		seen[j] = struct{}{}
		out = append(out, n.At(j))
	}
	return out
}
