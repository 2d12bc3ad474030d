package community

import (
	"net/netip"
	"testing"

	"peerscope/engine/wire"
)

// Two nodes speak old style once, and new style from then on.
func TestOldStyleTurnsNew(t *testing.T) {
	o := newObserver(t, observerConfig{})
	s := o.meet(9, "192.0.2.9:9000")
	o.discovery.WalkTo(o.now, s.address)
	asked := o.want(s.address, wire.IntroductionRequestID).payload.(wire.IntroductionRequest)
	if asked.Flags != wire.RequestAdvice || asked.DestinationAddress != s.address || asked.SourceLANAddress != o.MyLAN(true) {
		t.Errorf("got %+v", asked)
	}
	s.wantSay(wire.IntroductionResponse{Identifier: asked.Identifier, Flags: wire.ResponseSupportsNewStyle}, Accepted)
	o.want(s.address, wire.SimilarityRequestID)

	o.discovery.NewIntroduction(o.now)
	again := o.want(s.address, wire.NewIntroductionRequestID)
	if p := again.payload.(wire.NewIntroductionRequest); p.Flags != 0 || uint64(p.Identifier) != again.time {
		t.Errorf("got %+v at global time %d", p, again.time)
	}
	s.wantSay(wire.NewIntroductionResponse{Identifier: uint16(again.time)}, Accepted)
	o.wantVerified(s)
}

// A node that does not announce new style, as kotlin-ipv8, is left in peace.
func TestOldStyleStaysOld(t *testing.T) {
	o := newObserver(t, observerConfig{})
	s := o.meet(9, "192.0.2.9:9000")
	for range 2 {
		o.discovery.WalkTo(o.now, s.address)
		asked := o.want(s.address, wire.IntroductionRequestID).payload.(wire.IntroductionRequest)
		s.wantSay(wire.IntroductionResponse{Identifier: asked.Identifier}, Accepted)
		o.want(s.address, wire.SimilarityRequestID)
	}
	p, _ := o.network.ByMid(s.mid)
	o.discovery.RequestIntroduction(o.now, p)
	o.want(s.address, wire.IntroductionRequestID)
}

func TestIntroducedInNewStyle(t *testing.T) {
	o := newObserver(t, observerConfig{})
	s := o.meet(9, "192.0.2.9:9000")
	o.discovery.WalkTo(o.now, s.address)
	asked := o.want(s.address, wire.IntroductionRequestID).payload.(wire.IntroductionRequest)
	third := netip.MustParseAddrPort("192.0.2.10:9001")
	s.wantSay(wire.IntroductionResponse{
		Identifier: asked.Identifier, WANIntroductionAddress: third, Flags: wire.ResponseIntroSupportsNewStyle,
	}, Accepted)
	o.want(s.address, wire.SimilarityRequestID)
	o.discovery.WalkTo(o.now, third)
	o.want(third, wire.NewIntroductionRequestID)
}

func TestStyleOfAnswers(t *testing.T) {
	both := []netip.AddrPort{netip.MustParseAddrPort("198.51.100.1:8090"), netip.MustParseAddrPort("[2001:db8::1]:8090")}
	for _, test := range []struct {
		name     string
		request  wire.Payload
		from     string
		inRed    bool
		response wire.MessageID
	}{
		{"246", wire.IntroductionRequest{}, "192.0.2.9:9000", false, wire.IntroductionResponseID},
		{"234", wire.NewIntroductionRequest{}, "192.0.2.9:9000", false, wire.NewIntroductionResponseID},
		{"246 of one that announces new style", wire.IntroductionRequest{Flags: wire.RequestSupportsNewStyle},
			"192.0.2.9:9000", false, wire.IntroductionResponseID},
		{"the same elsewhere", wire.IntroductionRequest{Flags: wire.RequestSupportsNewStyle},
			"192.0.2.9:9000", true, wire.NewIntroductionResponseID},
		{"246 elsewhere", wire.IntroductionRequest{}, "192.0.2.9:9000", true, wire.IntroductionResponseID},
		{"246 over IPv6", wire.IntroductionRequest{}, "[2001:db8::9]:9000", false, wire.NewIntroductionResponseID},
		{"246 over IPv6 elsewhere", wire.IntroductionRequest{}, "[2001:db8::9]:9000", true, wire.NewIntroductionResponseID},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := newObserver(t, observerConfig{sockets: both})
			o.join(red, newKey(t, 1))
			s := o.meet(9, test.from)
			if test.inRed {
				s = s.in(red)
			}
			s.wantSay(test.request, Accepted)
			o.want(s.address, test.response)
			o.wantSilence()
			o.wantVerified(s)
		})
	}
}

// An old-style answer cannot name an IPv6 peer.
func TestIPv6PeersAreIntroducedInNewStyle(t *testing.T) {
	both := []netip.AddrPort{netip.MustParseAddrPort("198.51.100.1:8090"), netip.MustParseAddrPort("[2001:db8::1]:8090")}
	o := newObserver(t, observerConfig{sockets: both})
	six := o.meet(8, "[2001:db8::9]:9000")
	six.introduce()
	four := o.meet(9, "192.0.2.9:9000")
	four.wantSay(wire.IntroductionRequest{Identifier: 5}, Accepted)
	old := o.want(four.address, wire.IntroductionResponseID).payload.(wire.IntroductionResponse)
	if !isNone(old.WANIntroductionAddress) {
		t.Errorf("got %v introduced in old style", old.WANIntroductionAddress)
	}
	four.wantSay(wire.NewIntroductionRequest{Identifier: 6, SourceLANAddress: netip.MustParseAddrPort("10.0.0.9:9")}, Accepted)
	puncture := o.want(six.address, wire.NewPunctureRequestID).payload.(wire.NewPunctureRequest)
	if puncture.WANWalkerAddress != four.address || puncture.LANWalkerAddress.String() != "10.0.0.9:9" || puncture.Identifier != 6 {
		t.Errorf("got %+v", puncture)
	}
	answer := o.want(four.address, wire.NewIntroductionResponseID).payload.(wire.NewIntroductionResponse)
	if answer.WANIntroductionAddress != six.address {
		t.Errorf("got %v introduced, want %v", answer.WANIntroductionAddress, six.address)
	}
}

// A peer that can be reached by the other family too is walked to there.
func TestInterfaceSwitch(t *testing.T) {
	both := []netip.AddrPort{netip.MustParseAddrPort("198.51.100.1:8090"), netip.MustParseAddrPort("[2001:db8::1]:8090")}
	for _, test := range []struct {
		other    string
		switches bool
	}{
		{"[2001:db8::9]:9000", true},
		{"192.0.2.77:9000", false},
		{"[::1]:9000", false},
		{"[fe80::1]:9000", false},
		{"[2001:db8::9]:0", false},
		{"[2001:db8::1]:8090", false}, // our own
	} {
		o := newObserver(t, observerConfig{sockets: both})
		s := o.meet(9, "192.0.2.9:9000")
		other := netip.MustParseAddrPort(test.other)
		o.discovery.WalkTo(o.now, s.address)
		asked := o.want(s.address, wire.IntroductionRequestID)
		s.wantSay(wire.NewIntroductionResponse{Identifier: uint16(asked.time), SourceWANAddress: other}, Accepted)
		if test.switches {
			p := o.want(s.address, wire.NewPunctureRequestID).payload.(wire.NewPunctureRequest)
			if p.WANWalkerAddress != both[1] || !isNone(p.LANWalkerAddress) {
				t.Errorf("%v: got %+v", other, p)
			}
		}
		o.want(s.address, wire.SimilarityRequestID)
		if o.network.Listed(other) != test.switches || o.network.IsNewStyle(other) != test.switches {
			t.Errorf("%v: got listed %t, want %t", other, o.network.Listed(other), test.switches)
		}
	}
}
