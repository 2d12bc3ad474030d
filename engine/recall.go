package engine

import (
	"math/rand/v2"
	"net/netip"
	"time"

	"peerscope/engine/community"
)

// recallTries bounds how often a remembered address is offered to a walk that does
// not take it: while the budget is spent, or because we cannot send there.
const recallTries = 100

// recalled is a community whose addresses of the last run are walked to first, in
// their order: they are of peers that answered, which a random address may not be.
type recalled struct {
	*community.Community
	first []netip.AddrPort
	tries int // of the first
}

// Walkable offers the remembered addresses before any other.
func (r *recalled) Walkable(rng *rand.Rand, skip func(netip.AddrPort) bool) (netip.AddrPort, bool) {
	for len(r.first) > 0 && (r.tries == recallTries || skip(r.first[0]) || r.Verified(r.first[0])) {
		r.next()
	}
	if len(r.first) == 0 {
		return r.Community.Walkable(rng, skip)
	}
	r.tries++
	return r.first[0], true
}

// WalkTo is done with a remembered address once it was walked to.
func (r *recalled) WalkTo(now time.Time, to netip.AddrPort) bool {
	ok := r.Community.WalkTo(now, to)
	if ok && len(r.first) > 0 && r.first[0] == to {
		r.next()
	}
	return ok
}

func (r *recalled) next() { r.first, r.tries = r.first[1:], 0 }

// recall makes the addresses of the last run walkable.
func (n *node) recall(addrs []netip.AddrPort) {
	w := n.walks[0] // the DiscoveryCommunity's
	for _, a := range addrs {
		if community.Sendable(a) && !n.network.Blacklisted(a) {
			n.network.DiscoverUnintroduced(a, w.CommunityID(), false)
			w.first = append(w.first, a)
		}
	}
}
