package network

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	"peerscope/engine/peer"
)

// The universe of the model test is small, so that everything collides.
var (
	modelMids     = []peer.Mid{{1}, {2}, {3}, {4}, {5}, {6}}
	modelServices = []peer.CommunityID{{1}, {2}, {3}, {4}} // the last one is not registered
	modelIPv4     = addrs("10.0.0.1:1", "10.0.0.1:2", "10.0.0.2:1", "127.0.0.1:9", "0.0.0.0:5")
	modelIPv6     = addrs("[2001:db8::1]:1", "[::ffff:10.0.0.1]:1", "[::]:5")
	modelNone     = append(addrs("0.0.0.0:0", "[::]:0"), netip.AddrPort{})
)

func addrs(texts ...string) (out []netip.AddrPort) {
	for _, s := range texts {
		out = append(out, netip.MustParseAddrPort(s))
	}
	return out
}

// A run does the same to a network and a model.
type run struct {
	t   *testing.T
	rng *rand.Rand
	n   *Network
	m   *model
	log []string
}

func TestRandomOperationsAgreeWithModel(t *testing.T) {
	configs := map[string]Config{
		"defaults":      {},
		"introductions": {Introductions: 2},
		"sharing":       {KeysPerAddress: 2},
		"alone":         {KeysPerAddress: 1},
		"services":      {ServicesPerPeer: 2},
		"peers":         {VerifiedPeers: 3},
	}
	const seeds, steps = 20, 150
	for name, cfg := range configs {
		t.Run(name, func(t *testing.T) {
			for seed := range seeds {
				r := &run{t: t, rng: rand.New(rand.NewPCG(uint64(seed), 7)), n: New(cfg), m: newModel(cfg)}
				for i, s := range modelServices[:3] {
					if i < 2 || seed%2 == 0 {
						r.n.RegisterService(s)
					}
				}
				for range steps {
					r.step()
					r.compare()
				}
				if seed%2 == 1 { // the late overlay finds what is known already
					r.n.RegisterService(modelServices[2])
					r.compare()
				}
			}
		})
	}
}

func oneOf[T any](r *run, items []T) T { return items[r.rng.IntN(len(items))] }

func (r *run) did(format string, args ...any) { r.log = append(r.log, fmt.Sprintf(format, args...)) }

func (r *run) fatalf(format string, args ...any) {
	r.t.Helper()
	for _, line := range r.log[max(0, len(r.log)-30):] {
		r.t.Log(line)
	}
	r.t.Fatalf(format, args...)
}

// anyPeer is a new peer object with random addresses, of each class or of none.
func (r *run) anyPeer() *peer.Peer {
	p := &peer.Peer{Mid: oneOf(r, modelMids)}
	if r.rng.IntN(4) > 0 {
		p.AddAddress(oneOf(r, modelIPv4))
	}
	if r.rng.IntN(4) == 0 {
		p.AddAddress(oneOf(r, modelIPv6))
	}
	if r.rng.IntN(4) == 0 {
		p.SetLAN(oneOf(r, modelIPv4))
	}
	return p
}

func (r *run) anyAddress() netip.AddrPort {
	switch r.rng.IntN(12) {
	case 0:
		return oneOf(r, modelNone)
	case 1, 2, 3:
		return oneOf(r, modelIPv6)
	}
	return oneOf(r, modelIPv4)
}

func (r *run) anyService() peer.CommunityID {
	if r.rng.IntN(8) == 0 {
		return peer.CommunityID{}
	}
	return oneOf(r, modelServices)
}

func (r *run) step() {
	r.t.Helper()
	switch k := r.rng.IntN(100); {
	case k < 25:
		r.verify(r.anyPeer())
	case k < 45:
		r.discover()
	case k < 57:
		r.learn()
	case k < 60:
		r.unlearn()
	case k < 68:
		r.remove()
	case k < 75:
		r.removeByAddress()
	case k < 95:
		r.move()
	default:
		r.blacklistOrLoad()
	}
}

func (r *run) verify(p *peer.Peer) {
	r.did("verify %v %v", p.Mid, p.Addresses())
	want := r.m.add(p.Mid, addressesOf(p))
	known, isKnown := r.n.ByMid(p.Mid)
	in, got := r.n.AddVerifiedPeer(p)
	if got != want {
		r.fatalf("verify: got %v, want %v", got, want)
	}
	if got.OK() != (in != nil) || isKnown && got.OK() && in != known || got == Added && in != p {
		r.fatalf("verify: %v returned %p, given %p, known %p", got, in, p, known)
	}
}

func (r *run) discover() {
	p, addr, service, isNewStyle := r.anyPeer(), r.anyAddress(), r.anyService(), r.rng.IntN(2) == 0
	var got, want bool
	if r.rng.IntN(5) == 0 {
		r.did("discover %v %v %v", addr, service, isNewStyle)
		want = r.m.discover(nil, addr, service, isNewStyle)
		got = r.n.DiscoverUnintroduced(addr, service, isNewStyle)
	} else {
		r.did("discover %v by %v %v %v %v", addr, p.Mid, p.Addresses(), service, isNewStyle)
		want = r.m.discover(&p.Mid, addr, service, isNewStyle)
		r.m.add(p.Mid, addressesOf(p))
		got = r.n.DiscoverAddress(p, addr, service, isNewStyle)
	}
	if got != want {
		r.fatalf("discover: got %v, want %v", got, want)
	}
}

func (r *run) learn() {
	mid := oneOf(r, modelMids)
	var ids []peer.CommunityID
	for range r.rng.IntN(4) {
		ids = append(ids, r.anyService())
	}
	r.did("services %v %v", mid, ids)
	want := r.m.discoverServices(mid, ids)
	if got := r.n.DiscoverServices(mid, ids); !slices.Equal(got, want) {
		r.fatalf("services: got %v, want %v", got, want)
	}
}

func (r *run) unlearn() {
	mid, id := oneOf(r, modelMids), r.anyService()
	r.did("no service %v %v", mid, id)
	had := r.m.has(mid, id)
	r.m.services[mid] = slices.DeleteFunc(r.m.services[mid], func(s peer.CommunityID) bool { return s == id })
	if got := r.n.RemoveService(mid, id); got != had {
		r.fatalf("no service: got %v, want %v", got, had)
	}
}

func (r *run) remove() {
	mid := oneOf(r, modelMids)
	r.did("remove %v", mid)
	want := r.m.remove(mid)
	if got := r.n.RemovePeer(&peer.Peer{Mid: mid}); got != want {
		r.fatalf("remove: got %v, want %v", got, want)
	}
}

func (r *run) removeByAddress() {
	addr := r.anyAddress()
	r.did("remove address %v", addr)
	want := r.m.removeByAddress(addr)
	var got []peer.Mid
	for _, p := range r.n.RemoveByAddress(addr) {
		got = append(got, p.Mid)
	}
	r.sameMids("removed by address", got, want)
}

func (r *run) move() {
	mid, addr := oneOf(r, modelMids), r.anyAddress()
	p, ok := r.n.ByMid(mid)
	if !ok {
		p = &peer.Peer{Mid: mid}
	}
	var got, want bool
	switch how := r.rng.IntN(3); {
	case how == 0:
		r.did("add %v to %v", addr, mid)
		want = !peer.IsNone(addr) && (!ok || r.m.set(mid, classOf(addr), addr))
		got = r.n.AddAddress(p, addr)
	case how == 1:
		r.did("move %v to %v", mid, addr)
		want = !peer.IsNone(addr) && (!ok || r.m.replace(mid, classOf(addr), addr))
		got = r.n.ReplaceAddress(p, addr)
	default:
		r.did("lan of %v is %v", mid, addr)
		if ok && peer.IsNone(addr) {
			r.m.peers[mid].addrs[classLAN], r.m.peers[mid].indexed[classLAN] = netip.AddrPort{}, false
		} else if ok && addr.Addr().Is4() {
			r.m.set(mid, classLAN, addr)
		}
		r.n.SetLAN(p, addr)
	}
	if got != want {
		r.fatalf("move: got %v, want %v", got, want)
	}
	if !ok && got && !p.HasAddress(addr) {
		r.fatalf("move: unverified peer has %v, want %v", p.Addresses(), addr)
	}
}

func (r *run) blacklistOrLoad() {
	addr, mid := r.anyAddress(), oneOf(r, modelMids)
	switch r.rng.IntN(10) {
	case 0:
		r.did("blacklist %v", addr)
		want := !peer.IsNone(addr)
		r.m.blacklist[addr] = want
		if got := r.n.Blacklist(addr); got != want {
			r.fatalf("blacklist: got %v, want %v", got, want)
		}
	case 1:
		r.did("blacklist %v", mid)
		r.m.blacklistMids[mid] = true
		r.n.BlacklistMid(mid)
	default:
		r.did("load %v", addr)
		want := 0
		if r.m.entries[addr] == nil && r.m.discover(nil, addr, peer.CommunityID{}, false) {
			want = 1
		}
		if got := r.n.LoadSnapshot([]netip.AddrPort{addr}); got != want {
			r.fatalf("load: got %d, want %d", got, want)
		}
	}
}
