package community

import (
	"net/netip"
	"testing"

	"peerscope/engine/peer"
	"peerscope/engine/wire"
)

func ips(list ...string) (ips []netip.Addr) {
	for _, s := range list {
		ips = append(ips, netip.MustParseAddr(s))
	}
	return ips
}

func ports(list ...string) (addresses []netip.AddrPort) {
	for _, s := range list {
		addresses = append(addresses, netip.MustParseAddrPort(s))
	}
	return addresses
}

func TestUsable(t *testing.T) {
	loopback := observerConfig{sockets: ports("127.0.0.1:8090", "[::1]:8090")}
	lan := observerConfig{sockets: ports("0.0.0.0:8090"), interfaces: ips("192.168.1.2", "10.0.0.2", "2001:db8::2")}
	for _, test := range []struct {
		name    string
		config  observerConfig
		address string
		want    bool
	}{
		{"public", lan, "203.0.113.9:9", true},
		{"private", lan, "192.168.1.3:9", true},
		{"loopback", lan, "127.0.0.1:9", true},
		{"no port", lan, "203.0.113.9:0", false},
		{"unspecified", lan, "0.0.0.0:9", false},
		{"multicast", lan, "224.0.0.5:9", false},
		{"broadcast", lan, "255.255.255.255:9", false},
		{"mapped", lan, "[::ffff:203.0.113.9]:9", false},
		{"no IPv6 socket", lan, "[2001:db8::9]:9", false},
		{"ourselves by the first interface", lan, "192.168.1.2:8090", false},
		{"ourselves by the second", lan, "10.0.0.2:8090", false},
		{"ourselves by loopback", lan, "127.0.0.1:8090", false},
		{"another program here", lan, "10.0.0.2:8091", true},
		{"ourselves from outside", lan, "203.0.113.77:8090", false},
		{"a neighbour behind our NAT", lan, "203.0.113.77:8091", true},
		{"loopback to loopback", loopback, "127.0.0.1:9", true},
		{"loopback to another loopback address", loopback, "127.0.0.2:8090", true},
		{"loopback to ourselves", loopback, "127.0.0.1:8090", false},
		{"loopback to a private address", loopback, "192.168.1.3:9", false},
		{"loopback to IPv6 loopback", loopback, "[::1]:9", true},
		{"loopback to IPv6", loopback, "[2001:db8::9]:9", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := newObserver(t, test.config)
			o.wan.vote(netip.MustParseAddr("192.0.2.1"), netip.MustParseAddrPort("203.0.113.77:8090"))
			if got := o.usable(netip.MustParseAddrPort(test.address)); got != test.want {
				t.Errorf("%s: got %t, want %t", test.address, got, test.want)
			}
		})
	}
	var none Host
	if none.usable(netip.AddrPort{}) {
		t.Error("the zero address is usable")
	}
}

func TestMyLAN(t *testing.T) {
	for _, test := range []struct {
		name    string
		sockets []netip.AddrPort
		hosts   []netip.Addr
		four    string
		six     string
	}{
		{"bound", ports("192.0.2.1:5", "[2001:db8::1]:6"), ips("10.0.0.1"), "192.0.2.1:5", "[2001:db8::1]:6"},
		{"the first interface", ports("0.0.0.0:5"), ips("2001:db8::2", "10.0.0.1", "10.0.0.2"), "10.0.0.1:5", "0.0.0.0:0"},
		{"no interface", ports("0.0.0.0:5", "[::]:6"), nil, "127.0.0.1:5", "0.0.0.0:0"},
		{"IPv6 interface", ports("0.0.0.0:5", "[::]:6"), ips("10.0.0.1", "2001:db8::2"), "10.0.0.1:5", "[2001:db8::2]:6"},
		{"no socket", []netip.AddrPort{}, ips("10.0.0.1"), "0.0.0.0:0", "0.0.0.0:0"},
	} {
		o := newObserver(t, observerConfig{sockets: test.sockets})
		o.SetInterfaces(test.hosts)
		if got := o.MyLAN(true).String(); got != test.four {
			t.Errorf("%s: got %s, want %s", test.name, got, test.four)
		}
		if got := o.MyLAN(false).String(); got != test.six {
			t.Errorf("%s: got %s over IPv6, want %s", test.name, got, test.six)
		}
	}
}

// Whatever strangers say, a socket bound to loopback sends to loopback only.
func TestLoopbackStaysOnLoopback(t *testing.T) {
	o := newObserver(t, observerConfig{sockets: ports("127.0.0.1:8090", "[::1]:8090")})
	near, far := o.meet(9, "127.0.0.1:9000"), o.meet(10, "192.0.2.9:9000")
	peers := []*stranger{near, o.meet(11, "127.0.0.2:9000"), o.meet(12, "[::1]:9000")}
	for _, s := range peers {
		s.introduce()
	}
	outside := netip.MustParseAddrPort("203.0.113.9:9")
	outside6 := netip.MustParseAddrPort("[2001:db8::9]:9")
	for _, s := range append(peers, far) {
		for _, p := range outward(outside, outside6) {
			if reason := s.say(p); s == far && reason != BadSource {
				t.Errorf("%v from outside: got %v, want %v", p.ID(), reason, BadSource)
			}
		}
		o.discovery.WalkTo(o.now, s.address)
		o.discovery.SendSimilarityRequest(o.now, s.address)
	}
	for _, a := range []netip.AddrPort{outside, outside6} {
		if o.discovery.WalkTo(o.now, a) || o.discovery.SendSimilarityRequest(o.now, a) {
			t.Errorf("got a request to %v", a)
		}
		if o.network.Listed(a) {
			t.Errorf("%v is to be walked to", a)
		}
	}
	o.discovery.SendPing(o.now, peer.NewPeer(far.key.Public(), far.address, o.now))
	if len(o.sent) == 0 {
		t.Error("nothing was sent at all")
	}
	for _, p := range o.sent {
		if !p.To.Addr().IsLoopback() {
			t.Errorf("got a packet to %v", p.To)
		}
	}
}

// outward are messages that name addresses.
func outward(four, six netip.AddrPort) []wire.Payload {
	return []wire.Payload{
		wire.IntroductionRequest{DestinationAddress: four, SourceLANAddress: four, SourceWANAddress: four},
		wire.NewIntroductionRequest{DestinationAddress: six, SourceLANAddress: four, SourceWANAddress: six},
		wire.PunctureRequest{LANWalkerAddress: four, WANWalkerAddress: four},
		wire.NewPunctureRequest{LANWalkerAddress: six, WANWalkerAddress: six},
		wire.NewPunctureRequest{LANWalkerAddress: six, WANWalkerAddress: four},
		wire.Puncture{SourceLANAddress: four, SourceWANAddress: four},
		wire.SimilarityRequest{LANAddress: four, WANAddress: four},
		wire.Ping{}, wire.Pong{},
	}
}
