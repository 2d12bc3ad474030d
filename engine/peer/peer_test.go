package peer

import (
	"net/netip"
	"slices"
	"testing"
	"time"
	"unsafe"

	"peerscope/engine/internal/vectors"
	"peerscope/engine/keyvault"
)

func addr(s string) netip.AddrPort { return netip.MustParseAddrPort(s) }

func TestVectorMidOfKey(t *testing.T) {
	tried := 0
	for _, v := range vectors.ByKind(t, "key-public") {
		if v.Policy != "accept" {
			continue
		}
		key, err := keyvault.ParsePublicKey(v.Data)
		if err != nil {
			t.Fatalf("%s: %v", v.Name, err)
		}
		var fields struct{ Mid vectors.Hex }
		v.Decode(t, v.Fields, &fields)
		now := time.Unix(1, 0)
		p := NewPeer(key, addr("1.2.3.4:5"), now)
		if got := p.Mid.String(); got != fields.Mid.String() {
			t.Errorf("%s: mid: got %s, want %s", v.Name, got, fields.Mid)
		}
		if p.Key != key || p.Address() != addr("1.2.3.4:5") || !p.CreatedAt.Equal(now) || !p.LastResponse.IsZero() || !p.LastLost.IsZero() {
			t.Errorf("%s: got %+v", v.Name, p)
		}
		tried++
	}
	if tried == 0 {
		t.Fatal("no key was loaded")
	}
}

func TestPreferredAddress(t *testing.T) {
	for _, c := range []struct {
		name  string
		add   []string
		lan   string
		want  string
		total int
	}{
		{"none", nil, "", "0.0.0.0:0", 0},
		{"LAN is never preferred", nil, "192.168.0.1:1", "0.0.0.0:0", 1},
		{"IPv4", []string{"1.2.3.4:5"}, "192.168.0.1:1", "1.2.3.4:5", 2},
		{"IPv6 before IPv4", []string{"[2001:db8::1]:1", "1.2.3.4:5"}, "192.168.0.1:1", "[2001:db8::1]:1", 3},
		{"one of each class", []string{"1.2.3.4:5", "1.2.3.4:6", "[2001:db8::1]:1", "[2001:db8::1]:2"}, "", "[2001:db8::1]:2", 2},
		{"mapped counts as IPv6", []string{"1.2.3.4:5", "[::ffff:1.2.3.4]:5"}, "", "[::ffff:1.2.3.4]:5", 2},
		{"none leaves it", []string{"1.2.3.4:5", "0.0.0.0:0", "[::]:0"}, "", "1.2.3.4:5", 1},
		{"LAN equal to IPv4 counts once", []string{"1.2.3.4:5"}, "1.2.3.4:5", "1.2.3.4:5", 1},
		{"odd ones are kept", []string{"0.0.0.0:5", "[::]:5"}, "1.2.3.4:0", "[::]:5", 3},
		{"no zone", []string{"[fe80::1%eth0]:5"}, "", "[fe80::1]:5", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			var p Peer
			for _, a := range c.add {
				p.AddAddress(addr(a))
			}
			if c.lan != "" {
				p.SetLAN(addr(c.lan))
			}
			if got := p.Address(); got != addr(c.want) {
				t.Errorf("preferred: got %v, want %v", got, c.want)
			}
			all := p.Addresses()
			if len(all) != c.total {
				t.Errorf("all: got %v, want %d", all, c.total)
			}
			for _, a := range all {
				if !p.HasAddress(a) {
					t.Errorf("has %v: got false", a)
				}
			}
			if len(all) > 0 && !IsNone(p.Address()) && all[0] != p.Address() {
				t.Errorf("all: got %v first, want the preferred", all[0])
			}
		})
	}
}

func TestHasAddressOfNobody(t *testing.T) {
	p := new(Peer)
	p.AddAddress(addr("1.2.3.4:5"))
	for _, a := range []netip.AddrPort{{}, addr("0.0.0.0:0"), addr("[::]:0"), addr("1.2.3.4:6"), addr("[::ffff:1.2.3.4]:5")} {
		if p.HasAddress(a) {
			t.Errorf("has %v: got true", a)
		}
	}
}

func TestSetLAN(t *testing.T) {
	p := new(Peer)
	p.SetLAN(addr("192.168.0.1:1"))
	p.SetLAN(addr("[2001:db8::1]:1"))
	if got, want := p.LAN(), addr("192.168.0.1:1"); got != want {
		t.Errorf("after an IPv6 address: got %v, want %v", got, want)
	}
	p.SetLAN(netip.AddrPort{})
	if got := p.LAN(); !IsNone(got) || len(p.Addresses()) != 0 {
		t.Errorf("after none: got %v", got)
	}
}

func TestAddressesByClass(t *testing.T) {
	p := new(Peer)
	if !IsNone(p.IPv4()) || !IsNone(p.IPv6()) || !IsNone(p.LAN()) {
		t.Errorf("new peer: got %v, %v, %v, want none", p.IPv4(), p.IPv6(), p.LAN())
	}
	p.AddAddress(addr("[2001:db8::1]:1"))
	p.AddAddress(addr("1.2.3.4:5"))
	p.SetLAN(addr("10.0.0.1:1"))
	got := []netip.AddrPort{p.IPv6(), p.IPv4(), p.LAN()}
	if !slices.Equal(got, p.Addresses()) {
		t.Errorf("got %v, want %v", got, p.Addresses())
	}
}

// TestPeerIsSmall holds Peer to the size class that the engine's memory target
// counts on, and the fields that every packet uses to its first cache line.
func TestPeerIsSmall(t *testing.T) {
	var p Peer
	if got := unsafe.Sizeof(p); got > 192 {
		t.Errorf("size: got %d bytes, want at most 192", got)
	}
	if got := unsafe.Offsetof(p.NewStyleIntro); got >= 64 {
		t.Errorf("hot fields end at byte %d, want less than 64", got)
	}
}
