package simnet

import (
	"fmt"
	"net/netip"
	"testing"
	"time"
)

const (
	natAddr   = "203.0.113.1"
	otherNAT  = "203.0.113.2"
	inside    = "192.168.1.2"
	neighbour = "192.168.1.3"
)

// behind opens a socket on a host behind a NAT.
func behind(t testing.TB, nat *NAT, n *Net, addr string) *Conn {
	t.Helper()
	a := addrPort(addr)
	c, err := n.Host(a.Addr(), HostOptions{NAT: nat}).Listen(a.Port())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// newNAT returns a NAT with the given kind and default settings.
func newNAT(n *Net, addr string, kind Kind) *NAT {
	return n.NAT(netip.MustParseAddr(addr), NATConfig{Kind: kind})
}

// TestNATFiltering has the inside send to one address, and then others answer.
func TestNATFiltering(t *testing.T) {
	for _, test := range []struct {
		kind              Kind
		samePort, another bool // whether another port of that host, and another host, get in
	}{
		{FullCone, true, true},
		{Restricted, true, false},
		{PortRestricted, false, false},
		{Symmetric, false, false},
	} {
		t.Run(test.kind.String(), func(t *testing.T) {
			bubble(t, Config{}, func(t *testing.T, n *Net) {
				c := behind(t, newNAT(n, natAddr, test.kind), n, inside+":8090")
				asked, port := mustListen(t, n, "192.0.2.1:1"), mustListen(t, n, "192.0.2.1:2")
				stranger := mustListen(t, n, "192.0.2.2:1")
				say(t, c, asked.LocalAddr(), "hello")
				outside := wantHeard(t, asked, "hello")
				if outside.Addr() != netip.MustParseAddr(natAddr) {
					t.Errorf("came from %v, want %s", outside, natAddr)
				}
				for _, from := range []struct {
					conn *Conn
					in   bool
				}{{asked, true}, {port, test.samePort}, {stranger, test.another}} {
					say(t, from.conn, outside, "answer")
					if from.in {
						if got := wantHeard(t, c, "answer"); got != from.conn.LocalAddr() {
							t.Errorf("answer from %v, want %v", got, from.conn.LocalAddr())
						}
						continue
					}
					wantSilence(t, c)
				}
			})
		})
	}
}

// TestNATMapping compares the outside ports that two destinations see.
func TestNATMapping(t *testing.T) {
	for _, kind := range []Kind{FullCone, Restricted, PortRestricted, Symmetric} {
		t.Run(kind.String(), func(t *testing.T) {
			bubble(t, Config{}, func(t *testing.T, n *Net) {
				c := behind(t, newNAT(n, natAddr, kind), n, inside+":8090")
				seen := make(map[netip.AddrPort]bool)
				for _, addr := range []string{"192.0.2.1:1", "192.0.2.1:2", "192.0.2.2:1"} {
					server := mustListen(t, n, addr)
					var last netip.AddrPort
					for i := range 2 {
						say(t, c, server.LocalAddr(), "x")
						outside := wantHeard(t, server, "x")
						if i > 0 && outside != last {
							t.Errorf("one destination saw %v and %v", last, outside)
						}
						last = outside
					}
					seen[last] = true
				}
				want := 1
				if kind == Symmetric {
					want = 3
				}
				if len(seen) != want {
					t.Errorf("3 destinations saw %v, want %d addresses", seen, want)
				}
				if keeps := seen[addrPort(natAddr+":8090")]; keeps != (kind != Symmetric) {
					t.Errorf("saw %v with the inside's own port: %t", seen, keeps)
				}
			})
		})
	}
}

// TestNATUnasked sends to a NAT that nothing went out of.
func TestNATUnasked(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, n *Net) {
		c := behind(t, newNAT(n, natAddr, FullCone), n, inside+":8090")
		stranger := mustListen(t, n, "192.0.2.1:1")
		say(t, stranger, addrPort(natAddr+":8090"), "to the outside")
		say(t, stranger, c.LocalAddr(), "to the private address")
		wantSilence(t, c)
		if got, want := n.Stats(), (Stats{Sent: 2, Filtered: 1, Unreachable: 1}); got != want {
			t.Errorf("Stats = %+v, want %+v", got, want)
		}
	})
}

// TestNATTimeout lets a mapping grow old, kept alive only by what the inside sends.
func TestNATTimeout(t *testing.T) {
	for _, kind := range []Kind{FullCone, Restricted, PortRestricted, Symmetric} {
		t.Run(kind.String(), func(t *testing.T) {
			bubble(t, Config{}, func(t *testing.T, n *Net) {
				nat := n.NAT(netip.MustParseAddr(natAddr), NATConfig{Kind: kind, Timeout: 30 * time.Second})
				c, server := behind(t, nat, n, inside+":8090"), mustListen(t, n, "192.0.2.1:1")
				say(t, c, server.LocalAddr(), "first")
				outside := wantHeard(t, server, "first")
				time.Sleep(20 * time.Second)
				say(t, server, outside, "does not refresh")
				wantHeard(t, c, "does not refresh")
				say(t, c, server.LocalAddr(), "refreshes")
				wantHeard(t, server, "refreshes")
				time.Sleep(30*time.Second - 2*DefaultDelay - 1)
				say(t, server, outside, "just in time")
				wantHeard(t, c, "just in time")
				say(t, server, outside, "too late")
				wantSilence(t, c)
				say(t, c, server.LocalAddr(), "anew")
				say(t, server, wantHeard(t, server, "anew"), "open again")
				wantHeard(t, c, "open again")
			})
		})
	}
}

// TestNATPermissionTimeout keeps a mapping alive by sending elsewhere: the permission
// of the first destination ends all the same.
func TestNATPermissionTimeout(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, n *Net) {
		c := behind(t, newNAT(n, natAddr, Restricted), n, inside+":8090")
		first, other := mustListen(t, n, "192.0.2.1:1"), mustListen(t, n, "192.0.2.2:1")
		say(t, c, first.LocalAddr(), "x")
		outside := wantHeard(t, first, "x")
		time.Sleep(DefaultNATTimeout - time.Second)
		say(t, c, other.LocalAddr(), "x")
		time.Sleep(time.Second)
		say(t, first, outside, "expired")
		say(t, other, outside, "allowed")
		wantHeard(t, c, "allowed")
		wantSilence(t, c)
	})
}

// TestNATPunching opens holes from both sides, as the puncture of IPv8 does.
func TestNATPunching(t *testing.T) {
	for _, test := range []struct {
		a, b Kind
		want bool
	}{
		{FullCone, Symmetric, true},
		{Restricted, Restricted, true},
		{PortRestricted, PortRestricted, true},
		{Restricted, Symmetric, true},
		{PortRestricted, Symmetric, false},
		{Symmetric, Symmetric, false},
	} {
		t.Run(fmt.Sprintf("%v and %v", test.a, test.b), func(t *testing.T) {
			bubble(t, Config{}, func(t *testing.T, n *Net) {
				a := behind(t, newNAT(n, natAddr, test.a), n, inside+":8090")
				b := behind(t, newNAT(n, otherNAT, test.b), n, inside+":8090") // the same private address
				tracker := mustListen(t, n, "192.0.2.1:1")
				say(t, a, tracker.LocalAddr(), "a")
				outsideA := wantHeard(t, tracker, "a")
				say(t, b, tracker.LocalAddr(), "b")
				outsideB := wantHeard(t, tracker, "b")
				say(t, a, outsideB, "puncture")
				time.Sleep(time.Second)
				if b.queue.len() > 0 {
					hear(t, b) // a full cone lets it in already
				}
				say(t, b, outsideA, "request")
				if !test.want {
					wantSilence(t, a)
					return
				}
				say(t, a, wantHeard(t, a, "request"), "response")
				wantHeard(t, b, "response")
			})
		})
	}
}

// TestNATInside has two hosts behind one NAT, on the same port: they reach each other
// by private addresses directly, and by the public one unless the NAT forbids that.
func TestNATInside(t *testing.T) {
	for _, noHairpin := range []bool{false, true} {
		t.Run(fmt.Sprintf("NoHairpin=%t", noHairpin), func(t *testing.T) {
			bubble(t, Config{}, func(t *testing.T, n *Net) {
				nat := n.NAT(netip.MustParseAddr(natAddr), NATConfig{Kind: FullCone, NoHairpin: noHairpin})
				a, b := behind(t, nat, n, inside+":8090"), behind(t, nat, n, neighbour+":8090")
				server := mustListen(t, n, "192.0.2.1:1")
				say(t, a, b.LocalAddr(), "direct")
				if got := wantHeard(t, b, "direct"); got != a.LocalAddr() {
					t.Errorf("direct came from %v, want %v", got, a.LocalAddr())
				}
				say(t, a, server.LocalAddr(), "a")
				outsideA := wantHeard(t, server, "a")
				say(t, b, server.LocalAddr(), "b")
				outsideB := wantHeard(t, server, "b")
				if outsideA == outsideB {
					t.Errorf("both hosts have outside address %v", outsideA)
				}
				say(t, a, outsideB, "hairpin")
				if noHairpin {
					wantSilence(t, b)
					return
				}
				if got := wantHeard(t, b, "hairpin"); got != outsideA {
					t.Errorf("hairpin came from %v, want %v", got, outsideA)
				}
			})
		})
	}
}

// TestNATLinks shows the addresses that links and partitions are asked about.
func TestNATLinks(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, n *Net) {
		nat := newNAT(n, natAddr, FullCone)
		a, b := behind(t, nat, n, inside+":1"), behind(t, nat, n, neighbour+":1")
		server := mustListen(t, n, "192.0.2.1:1")
		asked := make(map[string]int)
		n.SetLinks(func(src, dst netip.Addr) Link {
			asked[fmt.Sprint(src, ">", dst)]++
			return Link{}
		})
		say(t, a, b.LocalAddr(), "x")
		say(t, a, server.LocalAddr(), "x")
		say(t, server, hear(t, server).Addr, "x")
		for _, want := range []string{inside + ">" + neighbour, natAddr + ">192.0.2.1", "192.0.2.1>" + natAddr} {
			if asked[want] != 1 {
				t.Errorf("links asked about %v, want %s once", asked, want)
			}
		}
	})
}

// TestNATSweeps makes many short-lived mappings and permissions: those that expired
// are forgotten.
func TestNATSweeps(t *testing.T) {
	for _, kind := range []Kind{Symmetric, Restricted} {
		t.Run(kind.String(), func(t *testing.T) {
			bubble(t, Config{}, func(t *testing.T, n *Net) {
				nat := newNAT(n, natAddr, kind)
				c := behind(t, nat, n, inside+":8090")
				for i := range 5000 {
					to := netip.AddrFrom4([4]byte{192, 0, byte(i >> 8), byte(i)})
					say(t, c, netip.AddrPortFrom(to, 1), "x")
					time.Sleep(DefaultNATTimeout / 10)
				}
				size := len(nat.byPort)
				if len(nat.byKey) != size {
					t.Errorf("%d ports but %d keys", size, len(nat.byKey))
				}
				for _, m := range nat.byPort {
					size = max(size, len(m.allowed))
				}
				if size > minSweep {
					t.Errorf("%d remembered where 10 are alive", size)
				}
			})
		})
	}
}

// TestNATFull needs one mapping more than the NAT has.
func TestNATFull(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, n *Net) {
		nat := n.NAT(netip.MustParseAddr(natAddr), NATConfig{Kind: Symmetric, MaxMappings: 200})
		c := behind(t, nat, n, inside+":8090")
		for i := range 201 {
			say(t, c, netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, byte(i)}), 1), "x")
		}
		if got := n.Stats().Filtered; got != 1 {
			t.Errorf("%d refused, want 1", got)
		}
		time.Sleep(DefaultNATTimeout)
		say(t, c, addrPort("192.0.2.250:1"), "x")
		if got := n.Stats().Filtered; got != 1 || len(nat.byPort) != 1 {
			t.Errorf("after the timeout %d refused and %d ports, want 1 and 1", got, len(nat.byPort))
		}
	})
}

// TestAddressTaken keeps a host and a NAT from sharing a public address.
func TestAddressTaken(t *testing.T) {
	panics := func(name string, f func()) {
		defer func() {
			if recover() == nil {
				t.Errorf("%s did not panic", name)
			}
		}()
		f()
	}
	bubble(t, Config{}, func(t *testing.T, n *Net) {
		newNAT(n, natAddr, FullCone)
		mustListen(t, n, "192.0.2.1:1")
		panics("a second NAT", func() { newNAT(n, natAddr, FullCone) })
		panics("a NAT at a host", func() { newNAT(n, "192.0.2.1", FullCone) })
		panics("a host at a NAT", func() { n.Listen(addrPort(natAddr + ":1")) })
	})
}
