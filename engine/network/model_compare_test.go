package network

import (
	"net/netip"
	"slices"

	"peerscope/engine/peer"
)

// compare asks both all questions there are. The questions for walkable
// addresses have an effect, so they are asked now and then only.
func (r *run) compare() {
	r.t.Helper()
	for _, mid := range modelMids {
		r.compareKey(mid)
	}
	for _, list := range [][]netip.AddrPort{modelIPv4, modelIPv6, modelNone} {
		for _, addr := range list {
			r.compareAddress(addr)
		}
	}
	for _, service := range append([]peer.CommunityID{{}}, modelServices...) {
		var got []peer.Mid
		set := r.n.PeersForService(service)
		for i := range set.Len() {
			got = append(got, set.At(i).Mid)
		}
		r.sameMids("peers for "+service.Short(), got, r.m.peersFor(service))
	}
	if r.n.Len() != len(r.m.peers) {
		r.fatalf("verified: got %d, want %d", r.n.Len(), len(r.m.peers))
	}
	if r.rng.IntN(4) == 0 {
		r.compareWalkable()
	}
	checkInvariants(r.t, r.n)
	if r.t.Failed() {
		r.fatalf("an invariant is broken")
	}
}

func (r *run) compareKey(mid peer.Mid) {
	r.t.Helper()
	p, got := r.n.ByMid(mid)
	want := r.m.peers[mid]
	if got != (want != nil) {
		r.fatalf("verified %v: got %v, want %v", mid, got, want != nil)
	}
	if got {
		for class, addr := range addressesOf(p) {
			if addr != want.addrs[class] && !(peer.IsNone(addr) && peer.IsNone(want.addrs[class])) {
				r.fatalf("address of %v: got %v, want %v", mid, addr, want.addrs[class])
			}
		}
		if !r.n.Has(p) || r.n.Has(&peer.Peer{Mid: mid}) {
			r.fatalf("has %v: not this peer alone", mid)
		}
	}
	if got, want := r.n.ServicesOf(mid), r.m.services[mid]; !slices.Equal(got, want) {
		r.fatalf("services of %v: got %v, want %v", mid, got, want)
	}
	for _, service := range modelServices {
		if got, want := r.n.HasService(mid, service), r.m.has(mid, service); got != want {
			r.fatalf("%v has %v: got %v, want %v", mid, service, got, want)
		}
	}
	if got, want := r.n.IntroductionsFrom(mid), r.m.introductionsFrom(mid); !slices.Equal(got, want) {
		r.fatalf("introductions from %v: got %v, want %v", mid, got, want)
	}
	if got, want := r.n.BlacklistedMid(mid), r.m.blacklistMids[mid]; got != want {
		r.fatalf("blacklisted %v: got %v, want %v", mid, got, want)
	}
}

func (r *run) compareAddress(addr netip.AddrPort) {
	r.t.Helper()
	e := r.m.entries[addr]
	if got, want := r.n.Listed(addr), e != nil; got != want {
		r.fatalf("listed %v: got %v, want %v", addr, got, want)
	}
	if got, want := r.n.IsNewStyle(addr), e != nil && e.newStyle; got != want {
		r.fatalf("new style %v: got %v, want %v", addr, got, want)
	}
	if got, want := r.n.Blacklisted(addr), r.m.blacklist[addr]; got != want {
		r.fatalf("blacklisted %v: got %v, want %v", addr, got, want)
	}
	owners := r.m.owners(addr)
	p, ok := r.n.ByAddress(addr)
	if ok != (len(owners) > 0) || ok && !slices.Contains(owners, p.Mid) {
		r.fatalf("by address %v: got %v, want one of %v", addr, p, owners)
	}
}

func (r *run) compareWalkable() {
	r.t.Helper()
	r.did("ask for walkable addresses")
	for _, service := range append([]peer.CommunityID{{}}, modelServices...) {
		want := texts(r.m.walkable(service))
		if !service.IsZero() && !slices.Contains(r.n.Services(), service) {
			want = []string{}
		}
		if got := texts(r.n.Walkable(service, 100)); !slices.Equal(got, want) {
			r.fatalf("walkable for %v: got %v, want %v", service, got, want)
		}
		if got := r.n.WalkableLen(service); got != len(want) {
			r.fatalf("walkable for %v: got %d, want %d", service, got, len(want))
		}
		addr, ok := r.n.RandomWalkable(service, r.rng, nil)
		if ok != (len(want) > 0) || ok && !slices.Contains(want, addr.String()) {
			r.fatalf("random walkable for %v: got %v, want one of %v", service, addr, want)
		}
	}
}

func (r *run) sameMids(what string, got, want []peer.Mid) {
	r.t.Helper()
	if got, want := texts(got), texts(want); !slices.Equal(got, want) {
		r.fatalf("%s: got %v, want %v", what, got, want)
	}
}
