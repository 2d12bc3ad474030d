package community

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"peerscope/engine/event"
	"peerscope/engine/peer"
	"peerscope/engine/wire"
)

// answerWith has the observer walk to a stranger who introduces somebody.
func (o *observer) answerWith(s *stranger, lan, wan string) {
	o.t.Helper()
	o.discovery.WalkTo(o.now, s.address)
	asked := o.want(s.address, o.sentID())
	s.wantSay(wire.NewIntroductionResponse{
		Identifier:             uint16(asked.time),
		LANIntroductionAddress: netip.MustParseAddrPort(lan), WANIntroductionAddress: netip.MustParseAddrPort(wan),
	}, Accepted)
	o.want(s.address, wire.SimilarityRequestID)
}

// sentID is the id of the oldest packet.
func (o *observer) sentID() wire.MessageID {
	o.t.Helper()
	if len(o.sent) == 0 {
		o.t.Fatal("nothing was sent")
	}
	_, id, _ := wire.ParseHeader(o.sent[0].Data)
	return id
}

// walkable are the addresses that the observer may walk to, as text.
func (o *observer) walkable() (list []string) {
	for _, a := range o.network.Walkable(DiscoveryCommunityID, 100) {
		list = append(list, a.String())
	}
	slices.Sort(list)
	return list
}

// Which of two introduced addresses is walked to (8.5), and what is left out of
// them (Q14).
func TestIntroducedAddresses(t *testing.T) {
	const none = "0.0.0.0:0"
	for _, test := range []struct {
		name     string
		lan, wan string
		want     []string
		reported bool
	}{
		{"nobody", none, none, nil, false},
		{"by WAN", none, "203.0.113.9:9", []string{"203.0.113.9:9"}, true},
		{"by both", "10.0.0.9:9", "203.0.113.9:9", []string{"10.0.0.9:9", "203.0.113.9:9"}, true},
		{"by IPv6", none, "[2001:db8::9]:9", []string{"[2001:db8::9]:9"}, true},
		{"behind our NAT", "10.0.0.9:9", "203.0.113.77:9", []string{"10.0.0.9:9"}, true},
		{"behind our NAT, no LAN address", none, "203.0.113.77:9", []string{"198.51.100.1:9", "203.0.113.77:9"}, true},
		{"by LAN alone", "10.0.0.9:9", none, nil, false},
		{"on loopback", "127.0.0.1:9", "127.0.0.1:10", []string{"127.0.0.1:10", "127.0.0.1:9"}, true},
		{"0.0.0.0 with a port", "10.0.0.9:9", "0.0.0.0:9", []string{"10.0.0.9:9"}, false},
		{"port 0", "10.0.0.9:0", "203.0.113.9:0", nil, false},
		{"[::]:0", none, "[::]:0", nil, false},
		{"multicast", "224.0.0.1:9", "239.1.1.1:9", nil, false},
		{"IPv6 multicast", none, "[ff02::1]:9", nil, false},
		{"broadcast", none, "255.255.255.255:9", nil, false},
		{"an IPv4 address as IPv6", none, "[::ffff:203.0.113.9]:9", nil, false},
		{"ourselves", "198.51.100.1:8090", "203.0.113.77:8090", nil, false},
		{"ourselves, no LAN address", none, "203.0.113.77:8090", nil, false},
		{"a tracker", none, "192.0.2.66:6421", nil, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := newObserver(t, observerConfig{sockets: ports("198.51.100.1:8090", "[2001:db8::1]:8090")})
			o.wan.vote(netip.MustParseAddr("192.0.2.1"), netip.MustParseAddrPort("203.0.113.77:8090"))
			o.network.Blacklist(netip.MustParseAddrPort("192.0.2.66:6421"))
			s := o.meet(9, "192.0.2.9:9000")
			o.answerWith(s, test.lan, test.wan)
			if got := o.walkable(); !slices.Equal(got, test.want) {
				t.Errorf("got walkable %v, want %v", got, test.want)
			}
			got := happened[event.Introduced](o)
			want := event.Introduced{By: s.mid, Address: netip.MustParseAddrPort(test.wan), Community: DiscoveryCommunityID}
			if reported := len(got) == 1 && got[0] == want; reported != test.reported || len(got) > 1 {
				t.Errorf("got %+v, want reported %t", got, test.reported)
			}
		})
	}
}

// A peer on our own host is introduced by our WAN address and its own port.
func TestIntroducingANeighbour(t *testing.T) {
	o := newObserver(t, observerConfig{sockets: ports("0.0.0.0:8090"), interfaces: ips("10.0.0.2")})
	o.meet(8, "10.0.0.2:7000").introduce()
	s := o.meet(9, "192.0.2.9:9000")
	for _, test := range []struct{ wan, want string }{{"", "0.0.0.0:0"}, {"203.0.113.77:8090", "203.0.113.77:7000"}} {
		if test.wan != "" {
			o.wan.vote(netip.MustParseAddr("192.0.2.1"), netip.MustParseAddrPort(test.wan))
		}
		s.wantSay(wire.IntroductionRequest{}, Accepted)
		o.want(netip.MustParseAddrPort("10.0.0.2:7000"), wire.PunctureRequestID)
		p := o.want(s.address, wire.IntroductionResponseID).payload.(wire.IntroductionResponse)
		if p.WANIntroductionAddress.String() != test.want || p.LANIntroductionAddress.String() != "10.0.0.2:7000" {
			t.Errorf("WAN %q: got %v and %v, want %s", test.wan, p.LANIntroductionAddress, p.WANIntroductionAddress, test.want)
		}
	}
}

// A tracker is recognised by its address. It is answered and listened to, and
// never becomes a peer.
func TestTrackersAreNoPeers(t *testing.T) {
	boot := &bootstrapper{}
	o := newObserver(t, observerConfig{bootstrap: boot})
	server := o.meet(8, "192.0.2.8:6421")
	o.network.Blacklist(server.address)

	o.discovery.NewIntroduction(o.now) // nobody is known yet
	if boot.asked != 1 {
		t.Fatalf("got %d times bootstrapped, want 1", boot.asked)
	}
	o.discovery.WalkTo(o.now, server.address)
	asked := o.want(server.address, wire.IntroductionRequestID)
	o.advance(40 * time.Millisecond)
	introduced := netip.MustParseAddrPort("203.0.113.9:9")
	server.wantSay(wire.IntroductionResponse{
		Identifier: uint16(asked.time), WANIntroductionAddress: introduced, Flags: wire.ResponseSupportsNewStyle,
		DestinationAddress: netip.MustParseAddrPort("203.0.113.77:8090"),
	}, Accepted)
	o.want(server.address, wire.SimilarityRequestID)
	if boot.answered != server.address || boot.rtt != 40*time.Millisecond {
		t.Errorf("got %v reported after %v", boot.answered, boot.rtt)
	}
	if got := o.walkable(); !slices.Equal(got, []string{introduced.String()}) || o.MyWAN().Port() != 8090 {
		t.Errorf("got walkable %v and WAN address %v", got, o.MyWAN())
	}
	// It asks us now and then whether we are still there.
	for _, s := range []*stranger{server, server.in(red)} {
		o.decoder.Communities[red] = true
		if s.community == red {
			o.join(red, newKey(t, 1))
		}
		s.wantSay(wire.IntroductionRequest{Identifier: 6}, Accepted)
		if p := o.want(server.address, wire.IntroductionResponseID); p.payload.(wire.IntroductionResponse).Identifier != 6 {
			t.Errorf("got %+v", p.payload)
		}
	}
	o.discovery.SendSimilarityRequest(o.now, server.address)
	id := uint16(o.want(server.address, wire.SimilarityRequestID).time)
	server.wantSay(wire.SimilarityResponse{Identifier: id}, Accepted)
	o.wantSilence()
	o.wantVerified()
	wantEvents[event.AddressChanged](o)
	if got := happened[event.PeerVerified](o); got != nil {
		t.Errorf("got %+v", got)
	}
}

// bootstrapper counts how it is used.
type bootstrapper struct {
	asked, kept int
	answered    netip.AddrPort
	rtt         time.Duration
	keeps       bool
}

func (b *bootstrapper) Bootstrap(time.Time, *Community) { b.asked++ }

func (b *bootstrapper) KeepAlive(time.Time, *Community) bool {
	b.kept++
	return b.keeps
}

func (b *bootstrapper) Answered(_ time.Time, server netip.AddrPort, rtt time.Duration) {
	b.answered, b.rtt = server, rtt
}

// With peers, one in twenty questions goes to a bootstrap server instead.
func TestNewIntroduction(t *testing.T) {
	boot := &bootstrapper{keeps: true}
	o := newObserver(t, observerConfig{bootstrap: boot})
	s := o.meet(9, "192.0.2.9:9000")
	s.introduce()
	const steps = 4000
	for range steps {
		o.discovery.NewIntroduction(o.now)
		o.advance(11 * time.Second)
	}
	if boot.asked != 0 || boot.kept < steps/30 || boot.kept > steps/13 || len(o.sent) != steps-boot.kept {
		t.Errorf("got %d times bootstrapped, %d kept alive, %d peers asked", boot.asked, boot.kept, len(o.sent))
	}
	o.sent, boot.keeps = nil, false
	for range 100 { // none to keep alive: always a peer
		o.discovery.NewIntroduction(o.now)
		o.advance(11 * time.Second)
	}
	if len(o.sent) != 100 {
		t.Errorf("got %d peers asked, want 100", len(o.sent))
	}
}

// Unverified addresses are forgotten, peers never are without a word.
func TestForgetAndRemove(t *testing.T) {
	o := newObserver(t, observerConfig{})
	s := o.meet(9, "192.0.2.9:9000")
	p := s.introduce()
	o.answerWith(s, "0.0.0.0:0", "203.0.113.9:9")
	o.discovery.Forget(netip.MustParseAddrPort("203.0.113.9:9"))
	o.discovery.Forget(s.address)
	if got := o.walkable(); got != nil {
		t.Errorf("got walkable %v", got)
	}
	o.wantVerified(s)

	another := peer.NewPeer(s.key.Public(), s.address, o.now) // the same key, another peer
	o.Remove(o.now, another, event.Silent)
	o.wantVerified(s)
	wantEvents[event.PeerRemoved](o)
	o.Remove(o.now, p, event.Silent)
	o.Remove(o.now, p, event.Silent)
	o.wantVerified()
	wantEvents(o, event.PeerRemoved{Peer: s.mid, Address: s.address, Reason: event.Silent})

	s.introduce() // and it may come back
	o.wantVerified(s)
}
