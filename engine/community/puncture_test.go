package community

import (
	"net/netip"
	"testing"
	"time"

	"peerscope/engine/wire"
)

// Puncture requests are unsigned, so a destination gets one puncture in 5 s.
func TestPuncturesAreLimited(t *testing.T) {
	o := newObserver(t, observerConfig{})
	s := o.meet(9, "192.0.2.9:9000")
	target, other := netip.MustParseAddrPort("203.0.113.9:9"), netip.MustParseAddrPort("203.0.113.9:10")
	s.wantSay(wire.PunctureRequest{WANWalkerAddress: target, Identifier: 4}, Accepted)
	p := o.want(target, wire.PunctureID)
	if got := p.payload.(wire.Puncture); got.Identifier != 4 || got.SourceLANAddress != o.MyLAN(true) || got.SourceWANAddress != target {
		t.Errorf("got %+v", got)
	}
	s.wantSay(wire.PunctureRequest{WANWalkerAddress: target}, PunctureLimited)
	o.advance(4999 * time.Millisecond)
	s.wantSay(wire.NewPunctureRequest{WANWalkerAddress: target}, PunctureLimited) // in either style
	s.wantSay(wire.NewPunctureRequest{WANWalkerAddress: other}, Accepted)
	o.want(other, wire.NewPunctureID)
	o.advance(time.Millisecond)
	s.wantSay(wire.NewPunctureRequest{WANWalkerAddress: target}, Accepted)
	o.want(target, wire.NewPunctureID)
	s.wantSay(wire.PunctureRequest{WANWalkerAddress: other}, PunctureLimited)
	o.wantSilence()
}

func TestPuncturesAreRefused(t *testing.T) {
	both := []netip.AddrPort{netip.MustParseAddrPort("198.51.100.1:8090"), netip.MustParseAddrPort("[2001:db8::1]:8090")}
	for _, target := range []string{
		"0.0.0.0:0", "0.0.0.0:9", "203.0.113.9:0", "224.0.0.1:9", "255.255.255.255:9", "[::]:9", "[ff02::1]:9",
		"[::ffff:203.0.113.9]:9", "198.51.100.1:8090", "[2001:db8::1]:8090",
	} {
		o := newObserver(t, observerConfig{sockets: both})
		s := o.meet(9, "192.0.2.9:9000")
		s.wantSay(wire.NewPunctureRequest{WANWalkerAddress: netip.MustParseAddrPort(target)}, PunctureRefused)
		o.wantSilence()
	}
}

// A walker that shares our WAN address is punctured at its LAN address.
func TestPunctureBehindTheSameNAT(t *testing.T) {
	o := newObserver(t, observerConfig{})
	s := o.meet(9, "192.0.2.9:9000")
	o.wan.vote(s.address.Addr(), netip.MustParseAddrPort("203.0.113.77:8090"))
	lan, wan := netip.MustParseAddrPort("192.168.1.9:9"), netip.MustParseAddrPort("203.0.113.77:9")
	s.wantSay(wire.PunctureRequest{LANWalkerAddress: lan, WANWalkerAddress: wan}, Accepted)
	if got := o.want(lan, wire.PunctureID).payload.(wire.Puncture); got.SourceWANAddress != wan {
		t.Errorf("got %+v", got)
	}
	s.wantSay(wire.PunctureRequest{WANWalkerAddress: wan}, PunctureRefused) // no LAN address to go to
}

func TestRecently(t *testing.T) {
	start := vectorTime
	r := recently[int]{interval: 5 * time.Second, max: 3}
	for _, step := range []struct {
		at   time.Duration
		key  int
		want bool
	}{
		{0, 1, true}, {0, 1, false}, {1, 2, true}, {4, 1, false}, {4, 3, true},
		{4, 4, false}, // full
		{5, 1, true}, {5, 2, false}, {5, 4, true}, {6, 2, true}, {8, 3, false},
		{9, 3, false}, // full again
		{9, 1, false}, {10, 3, true}, {10, 1, true}, {30, 1, true}, {30, 2, true},
	} {
		if got := r.allow(start.Add(step.at*time.Second), step.key); got != step.want {
			t.Errorf("%d at %d s: got %t, want %t", step.key, step.at, got, step.want)
		}
		if len(r.newer) > 3 || len(r.older) > 3 {
			t.Errorf("got %d and %d keys, want at most 3", len(r.newer), len(r.older))
		}
	}
}
