package network

import (
	"slices"
	"testing"

	"peerscope/engine/peer"
)

// checkInvariants recomputes by scans all that a Network keeps up to date, and
// compares.
func checkInvariants(t testing.TB, n *Network) {
	t.Helper()
	checkAddresses(t, n)
	checkKeys(t, n)
	checkServices(t, n)
	for _, c := range []struct {
		what     string
		got, cap int
	}{
		{"verified", len(n.verified), n.cfg.VerifiedPeers},
		{"addresses", n.addresses.len(), n.cfg.Addresses},
		{"unverified keys", int(n.unverified.len), n.cfg.UnverifiedKeys},
		{"communities", n.services.len(), n.cfg.Communities},
		{"memberships", n.memberships, n.cfg.Memberships},
		{"unsettled", len(n.unsettled), maxUnsettled},
	} {
		if c.got > c.cap {
			t.Fatalf("%s: got %d, want at most %d", c.what, c.got, c.cap)
		}
	}
}

func checkAddresses(t testing.TB, n *Network) {
	t.Helper()
	records := 0
	inSet := make([]int, len(n.walkable))
	for id, a := range n.addresses.all {
		if a.key == (addressKey{}) {
			if *a != (addressRecord{}) {
				t.Fatalf("released address %d: got %+v, want zero", id, *a)
			}
			continue
		}
		records++
		if a.flags&listed == 0 && a.owner == 0 {
			t.Fatalf("%v is neither listed nor owned", a.key.addrPort())
		}
		if got := n.address(a.key); got != id {
			t.Fatalf("%v: index has %d, want %d", a.key.addrPort(), got, id)
		}
		if a.owner != 0 && a.peer != n.keys.at(a.owner).peer || a.owner == 0 && a.peer != nil {
			t.Fatalf("%v: peer %v is not that of owner %d", a.key.addrPort(), a.peer, a.owner)
		}
		if a.flags&listed == 0 && (a.introducer != 0 || a.service != 0 || a.flags != 0) {
			t.Fatalf("%v is not listed: got %+v", a.key.addrPort(), *a)
		}
		checkOwners(t, n, id, a)
		checkWalkable(t, n, id, a, inSet)
	}
	if records != n.addresses.len() || records != n.byAddress.len {
		t.Fatalf("addresses: %d records, arena says %d, index %d", records, n.addresses.len(), n.byAddress.len)
	}
	for bit, set := range n.walkable {
		if len(set.items) != inSet[bit] || len(set.positions) != inSet[bit] {
			t.Fatalf("walkable set %d: %d items, %d positions, want %d", bit, len(set.items), len(set.positions), inSet[bit])
		}
	}
}

func checkOwners(t testing.TB, n *Network, id addressID, a *addressRecord) {
	t.Helper()
	var got, want []keyID
	for k := range n.owners(id) {
		got = append(got, k)
	}
	for k, r := range n.keys.all {
		if slices.Contains(r.addresses[:], id) {
			want = append(want, k)
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Fatalf("%v: owners %v, want %v", a.key.addrPort(), got, want)
	}
	if len(got) > n.cfg.KeysPerAddress {
		t.Fatalf("%v: %d owners, want at most %d", a.key.addrPort(), len(got), n.cfg.KeysPerAddress)
	}
	if others, ok := n.sharers[id]; ok && len(others) == 0 {
		t.Fatalf("%v: empty list of sharers", a.key.addrPort())
	}
}

func checkWalkable(t testing.TB, n *Network, id addressID, a *addressRecord, inSet []int) {
	t.Helper()
	for bit := range n.walkable {
		want := a.flags&listed != 0
		has := func(k keyID) bool { return false }
		if bit == anyBit {
			want = want && a.owner == 0
		} else {
			sid := n.byService[n.registered[bit-1]]
			has = func(k keyID) bool {
				return slices.ContainsFunc(n.keys.at(k).services, func(m membership) bool { return m.service == sid })
			}
			want = want && (a.service == sid || a.introducer != 0 && has(a.introducer))
		}
		for k := range n.owners(id) {
			want = want && !has(k)
		}
		i, got := n.walkable[bit].positions[id]
		if got != want || a.walkable>>bit&1 == 1 != want {
			t.Fatalf("%v in walkable set %d: got %v and bits %b, want %v", a.key.addrPort(), bit, got, a.walkable, want)
		}
		if want {
			inSet[bit]++
			if n.walkable[bit].items[i] != id {
				t.Fatalf("%v: wrong position in walkable set %d", a.key.addrPort(), bit)
			}
		}
	}
}

func checkKeys(t testing.TB, n *Network) {
	t.Helper()
	records, memberships := 0, 0
	queued := map[keyID]bool{}
	for id := n.unverified.first; id != 0; id = n.keys.at(id).queue.next {
		queued[id] = true
	}
	for id, k := range n.keys.all {
		if k.mid.IsZero() {
			if queued[id] || k.services != nil || k.peer != nil || k.introductions.len != 0 {
				t.Fatalf("released key %d: got %+v", id, *k)
			}
			continue
		}
		records++
		memberships += len(k.services)
		if got := n.lookup(k.mid); got != id {
			t.Fatalf("key %v: index has %d, want %d", k.mid, got, id)
		}
		if queued[id] != (k.peer == nil) {
			t.Fatalf("key %v: queued %v, verified %v", k.mid, queued[id], k.peer != nil)
		}
		if k.peer == nil {
			if len(k.services) == 0 && k.introductions.len == 0 {
				t.Fatalf("key %v: nothing is known about it", k.mid)
			}
			if k.addresses != [classes]addressID{} {
				t.Fatalf("key %v: addresses %v of an unverified key", k.mid, k.addresses)
			}
		} else {
			checkPeer(t, n, id, k)
		}
		checkIntroductions(t, n, id, k)
	}
	if records != n.keys.len() || records != n.byMid.len || records != len(n.verified)+len(queued) {
		t.Fatalf("keys: %d records, arena says %d, index %d, verified %d, queued %d",
			records, n.keys.len(), n.byMid.len, len(n.verified), len(queued))
	}
	if memberships != n.memberships || len(queued) != int(n.unverified.len) {
		t.Fatalf("got %d memberships and %d queued keys, want %d and %d", n.memberships, n.unverified.len, memberships, len(queued))
	}
}

func checkPeer(t testing.TB, n *Network, id keyID, k *keyRecord) {
	t.Helper()
	if n.verified[k.position] != id || k.peer.Mid != k.mid {
		t.Fatalf("key %v: wrong position %d, or peer %v", k.mid, k.position, k.peer.Mid)
	}
	for class, addr := range addressesOf(k.peer) {
		if a := k.addresses[class]; a != 0 && n.addresses.at(a).key != keyOf(addr) {
			t.Fatalf("key %v class %d: index has %v, want %v", k.mid, class, n.addresses.at(a).key.addrPort(), addr)
		}
	}
	if a := k.peer.Address(); !peer.IsNone(a) && k.addresses[classOf(a)] == 0 {
		t.Fatalf("key %v: preferred address %v is not indexed", k.mid, a)
	}
}

func checkIntroductions(t testing.TB, n *Network, id keyID, k *keyRecord) {
	t.Helper()
	count := 0
	for a := k.introductions.first; a != 0; a = n.addresses.at(a).intro.next {
		count++
		if n.addresses.at(a).introducer != id {
			t.Fatalf("key %v: introduced address %d has introducer %d", k.mid, a, n.addresses.at(a).introducer)
		}
	}
	want := 0
	for _, a := range n.addresses.all {
		if a.introducer == id {
			want++
		}
	}
	if count != want || count != int(k.introductions.len) || count > n.cfg.Introductions {
		t.Fatalf("key %v: %d introductions in the list, length %d, want %d", k.mid, count, k.introductions.len, want)
	}
}

func checkServices(t testing.TB, n *Network) {
	t.Helper()
	refs := map[serviceID]uint32{}
	members := map[serviceID]int{}
	for _, id := range n.registered {
		refs[n.byService[id]]++
	}
	for _, a := range n.addresses.all {
		if a.service != 0 {
			refs[a.service]++
		}
	}
	for id, k := range n.keys.all {
		var registered uint64
		for _, m := range k.services {
			s := n.services.at(m.service)
			refs[m.service]++
			if s.bit != anyBit {
				registered |= 1 << s.bit
			}
			if k.peer != nil {
				members[m.service]++
				if s.members[m.position] != id {
					t.Fatalf("key %v: wrong position among the members of %v", k.mid, s.id)
				}
			}
		}
		if registered != k.registered || len(k.services) > n.cfg.ServicesPerPeer {
			t.Fatalf("key %v: registered bits %b, want %b; %d services", k.mid, k.registered, registered, len(k.services))
		}
	}
	for id, s := range n.services.all {
		if s.refs != refs[id] || len(s.members) != members[id] {
			t.Fatalf("service %v: %d references and %d members, want %d and %d", s.id, s.refs, len(s.members), refs[id], members[id])
		}
		if s.refs > 0 != (n.byService[s.id] == id) {
			t.Fatalf("service %v: %d references, index has %d", s.id, s.refs, n.byService[s.id])
		}
	}
	if len(refs) != n.services.len() {
		t.Fatalf("services: got %d, want %d", n.services.len(), len(refs))
	}
}
