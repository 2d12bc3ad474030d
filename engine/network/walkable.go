package network

import (
	"math/bits"
	"math/rand/v2"
	"net/netip"

	"peerscope/engine/peer"
)

// evaluate brings the walkable sets up to date with an address.
func (n *Network) evaluate(id addressID) {
	a := n.addresses.at(id)
	want := n.walkableFor(id, a)
	for diff := want ^ a.walkable; diff != 0; diff &= diff - 1 {
		bit := bits.TrailingZeros64(diff)
		if want>>bit&1 == 1 {
			n.walkable[bit].add(id)
		} else {
			n.walkable[bit].remove(id)
		}
	}
	a.walkable = want
}

// walkableFor is the predicate of the IPv8 reference, 7.3: an address is walkable
// for a service if it was introduced under it, or by a key that has it, and no
// verified peer of the service has the address. Regardless of service it is
// walkable if no verified peer has it.
func (n *Network) walkableFor(id addressID, a *addressRecord) uint64 {
	if a.flags&listed == 0 {
		return 0
	}
	var want, taken uint64
	if a.owner == 0 {
		want = 1 << anyBit
	}
	if a.introducer != 0 {
		want |= n.keys.at(a.introducer).registered
	}
	if a.service != 0 {
		if bit := n.services.at(a.service).bit; bit != anyBit {
			want |= 1 << bit
		}
	}
	for key := range n.owners(id) {
		taken |= n.keys.at(key).registered
	}
	return want &^ taken
}

// maxUnsettled bounds the queue of deferSettling; a longer one is worked off
// before anybody asks.
const maxUnsettled = 4096

// deferSettling notes that an introducer is not yet known to have the service it
// introduced an address under. py-ipv8 learns this when it is next asked for
// walkable addresses of a service, for keys that have any service (the vectors
// network/service-leaks-to-introducer and network/unverified-introducer), and so
// do we in settle.
func (n *Network) deferSettling(id addressID) {
	a := n.addresses.at(id)
	if a.introducer == 0 || a.service == 0 || a.flags&unsettled != 0 {
		return
	}
	for _, m := range n.keys.at(a.introducer).services {
		if m.service == a.service {
			return
		}
	}
	if len(n.unsettled) >= maxUnsettled {
		n.settle()
	}
	a.flags |= unsettled
	n.unsettled = append(n.unsettled, id)
}

// settle gives introducers the services they introduced addresses under.
func (n *Network) settle() {
	for _, id := range n.unsettled {
		a := n.addresses.at(id)
		if a.flags&unsettled == 0 {
			continue // forgotten or rewritten since
		}
		a.flags &^= unsettled
		if a.introducer == 0 || len(n.keys.at(a.introducer).services) == 0 {
			continue
		}
		before := n.keys.at(a.introducer).registered
		n.join(a.introducer, a.service)
		n.registeredChanged(a.introducer, before)
	}
	n.unsettled = n.unsettled[:0]
}

// walkableSet is the set of a registered service, or of any with the zero id;
// nil for a service that is not registered.
func (n *Network) walkableSet(service peer.CommunityID) *indexedSet {
	if service.IsZero() {
		return &n.walkable[anyBit]
	}
	n.settle()
	bit := n.bit(service)
	if bit == anyBit {
		return nil
	}
	return &n.walkable[bit]
}

// RandomWalkable is a random address to walk to for a registered service, or
// with the zero id an address that no verified peer has, such that skip (which
// may be nil) does not refuse it. It is drawn evenly from those not refused if
// there are at most 64 in all; of more it tries a bounded number, so it may
// find none when nearly all are refused.
func (n *Network) RandomWalkable(service peer.CommunityID, rng *rand.Rand, skip func(netip.AddrPort) bool) (addr netip.AddrPort, ok bool) {
	set := n.walkableSet(service)
	if set == nil {
		return netip.AddrPort{}, false
	}
	_, ok = pick(rng, len(set.items), func(i int) bool {
		addr = n.addresses.at(set.items[i]).key.addrPort()
		return skip == nil || !skip(addr)
	})
	if !ok {
		return netip.AddrPort{}, false
	}
	return addr, true
}

// WalkableLen is the number of walkable addresses for a registered service, or
// with the zero id of those that no verified peer has.
func (n *Network) WalkableLen(service peer.CommunityID) int {
	set := n.walkableSet(service)
	if set == nil {
		return 0
	}
	return len(set.items)
}

// Walkable is like WalkableLen, but returns the addresses, in no particular order
// and at most limit of them.
func (n *Network) Walkable(service peer.CommunityID, limit int) []netip.AddrPort {
	set := n.walkableSet(service)
	if set == nil {
		return nil
	}
	items := set.items[:min(len(set.items), max(limit, 0))]
	out := make([]netip.AddrPort, len(items))
	for i, id := range items {
		out[i] = n.addresses.at(id).key.addrPort()
	}
	return out
}
