package community

import (
	"testing"
	"time"

	"peerscope/engine/event"
	"peerscope/engine/wire"
)

// A peer that speaks from a new address is answered there and asked there; only
// its answer moves it.
func TestPeerMovesWhenItAnswers(t *testing.T) {
	o := newObserver(t, observerConfig{})
	home := o.meet(9, "192.0.2.9:9000")
	p := home.introduce()
	away := home.at("203.0.113.9:9001")
	o.advance(time.Second)
	away.wantSay(wire.IntroductionRequest{Identifier: 3}, Accepted)
	probe := o.want(away.address, wire.IntroductionRequestID)
	o.want(away.address, wire.IntroductionResponseID)
	if p.Address() != home.address {
		t.Fatalf("moved to %v by a request", p.Address())
	}
	away.wantSay(wire.IntroductionResponse{Identifier: uint16(probe.time)}, Accepted)
	o.want(away.address, wire.SimilarityRequestID)
	if p.Address() != away.address {
		t.Errorf("got address %v, want %v", p.Address(), away.address)
	}
	if !p.LastResponse.Equal(o.now) {
		t.Errorf("last heard %v, want %v", p.LastResponse, o.now)
	}
	wantEvents(o, event.AddressChanged{Peer: home.mid, Address: away.address, Previous: home.address})
	if o.network.Listed(home.address) || !o.network.Listed(away.address) {
		t.Errorf("got listed: former %t, new %t", o.network.Listed(home.address), o.network.Listed(away.address))
	}
	o.wantVerified(home)
}

// A peer is asked at a new address at most once in 10 s, whatever it sends.
func TestProbesAreRare(t *testing.T) {
	o := newObserver(t, observerConfig{})
	home := o.meet(9, "192.0.2.9:9000")
	home.introduce()
	for second := range 30 {
		replay := home.at("203.0.113.9:9001")
		replay.wantSay(wire.SimilarityRequest{}, Accepted)
		probed := false
		for _, p := range o.sent {
			_, id, _ := wire.ParseHeader(p.Data)
			probed = probed || id == wire.IntroductionRequestID
		}
		o.sent = nil
		if want := second%10 == 0; probed != want {
			t.Errorf("second %d: got probed %t, want %t", second, probed, want)
		}
		o.advance(time.Second)
	}
}

// Replayed packets neither move a peer nor keep it alive.
func TestReplaysProveNothing(t *testing.T) {
	o := newObserver(t, observerConfig{})
	home := o.meet(9, "192.0.2.9:9000")
	p := home.introduce()
	away := home.at("203.0.113.9:9001")
	heard := o.now
	o.advance(time.Minute)
	for _, payload := range []wire.Payload{
		wire.Puncture{}, wire.NewPuncture{}, wire.SimilarityRequest{}, wire.IntroductionRequest{}, wire.NewIntroductionRequest{},
	} {
		away.wantSay(payload, Accepted)
	}
	away.wantSay(wire.IntroductionResponse{}, UnaskedResponse)
	away.wantSay(wire.NewIntroductionResponse{}, UnaskedResponse)
	away.wantSay(wire.SimilarityResponse{}, UnaskedResponse)
	if p.Address() != home.address || !p.LastResponse.Equal(heard) {
		t.Errorf("got address %v, last heard %v", p.Address(), p.LastResponse)
	}
	if _, ok := o.network.ByAddress(away.address); ok {
		t.Error("the new address has a peer, want none")
	}
	// From its own address they are the peer's.
	home.wantSay(wire.Puncture{}, Accepted)
	if !p.LastResponse.Equal(o.now) {
		t.Errorf("last heard %v, want %v", p.LastResponse, o.now)
	}
}

// A dual-stack peer may answer by its other family. That answers our request,
// and has to be asked for there before the address counts.
func TestAnswerFromElsewhere(t *testing.T) {
	o := newObserver(t, observerConfig{})
	home := o.meet(9, "192.0.2.9:9000")
	p := home.introduce()
	o.discovery.RequestIntroduction(o.now, p)
	asked := o.want(home.address, wire.IntroductionRequestID)

	away := home.at("203.0.113.9:9001")
	o.meet(10, "203.0.113.9:9001").wantSay(wire.IntroductionResponse{Identifier: uint16(asked.time)}, UnaskedResponse)
	away.wantSay(wire.IntroductionResponse{Identifier: uint16(asked.time)}, Accepted)
	probe := o.want(away.address, wire.IntroductionRequestID)
	o.want(away.address, wire.SimilarityRequestID)
	if p.Address() != home.address {
		t.Errorf("moved to %v", p.Address())
	}
	away.wantSay(wire.IntroductionResponse{Identifier: uint16(probe.time)}, Accepted)
	if p.Address() != away.address {
		t.Errorf("got address %v, want %v", p.Address(), away.address)
	}
}

// Where another key answers, the address is that key's; the peer that was asked
// has missed the request.
func TestAnotherKeyAnswers(t *testing.T) {
	o := newObserver(t, observerConfig{})
	former := o.meet(9, "192.0.2.9:9000")
	p := former.introduce()
	o.advance(time.Second)
	o.discovery.RequestIntroduction(o.now, p)
	asked := o.want(former.address, wire.IntroductionRequestID)
	latter := o.meet(10, "192.0.2.9:9000")
	latter.wantSay(wire.IntroductionResponse{Identifier: uint16(asked.time)}, Accepted)
	o.wantVerified(former, latter)
	if !p.LastLost.Equal(o.now) || p.LastResponse.Equal(o.now) {
		t.Errorf("got last lost %v and last heard %v", p.LastLost, p.LastResponse)
	}
}

// A LAN address is what the peer says last; junk is not remembered.
func TestLANAddresses(t *testing.T) {
	o := newObserver(t, observerConfig{})
	s := o.meet(9, "192.0.2.9:9000")
	p := s.introduce()
	for _, test := range []struct{ told, want string }{
		{"192.168.1.5:9000", "192.168.1.5:9000"},
		{"224.0.0.1:9000", "192.168.1.5:9000"},
		{"0.0.0.0:9000", "192.168.1.5:9000"},
		{"192.168.1.5:0", "192.168.1.5:9000"},
		{"[2001:db8::5]:9000", "192.168.1.5:9000"},
		{"10.0.0.5:9000", "10.0.0.5:9000"},
		{"0.0.0.0:0", "0.0.0.0:0"},
	} {
		s.wantSay(wire.NewIntroductionRequest{SourceLANAddress: o.meet(1, test.told).address}, Accepted)
		if got := p.LAN().String(); got != test.want {
			t.Errorf("told %s: got %s, want %s", test.told, got, test.want)
		}
	}
	if p.Address() != s.address {
		t.Errorf("got address %v, want %v", p.Address(), s.address)
	}
}

// A peer that answers at the LAN address that it claims is there.
func TestPeerMovesToItsLANAddress(t *testing.T) {
	o := newObserver(t, observerConfig{})
	outside := o.meet(9, "203.0.113.9:9000")
	p := outside.introduce()
	inside := outside.at("192.168.1.9:9000")
	outside.wantSay(wire.NewIntroductionRequest{SourceLANAddress: inside.address}, Accepted)
	o.sent = nil
	if p.Address() != outside.address {
		t.Errorf("got address %v because it claims another", p.Address())
	}
	o.discovery.WalkTo(o.now, inside.address)
	asked := o.want(inside.address, wire.IntroductionRequestID)
	inside.wantSay(wire.IntroductionResponse{Identifier: uint16(asked.time)}, Accepted)
	if p.Address() != inside.address {
		t.Errorf("got address %v, want %v", p.Address(), inside.address)
	}
}
