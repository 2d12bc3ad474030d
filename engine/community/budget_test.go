package community

import (
	"net/netip"
	"testing"
	"time"

	"peerscope/engine/wire"
)

// drain walks to fresh addresses until the observer refuses, and returns how
// often it did not.
func (o *observer) drain() (sent int) {
	for range 1000 {
		if !o.drainOne() {
			return sent
		}
		sent++
	}
	return sent
}

// drainOne walks to one fresh address.
func (o *observer) drainOne() bool {
	n := o.requests.Len()
	a := netip.AddrPortFrom(netip.AddrFrom4([4]byte{203, 0, byte(n >> 8), byte(n)}), uint16(1+len(o.flows.newer)))
	return o.discovery.WalkTo(o.now, a)
}

func TestPacketBudget(t *testing.T) {
	o := newObserver(t, observerConfig{packetRate: 10})
	if got := o.drain(); got != 10 {
		t.Errorf("got %d packets at once, want 10", got)
	}
	o.advance(300 * time.Millisecond)
	if got := o.drain(); got != 3 {
		t.Errorf("got %d packets after 0.3 s, want 3", got)
	}
	o.advance(time.Hour)
	if got := o.drain(); got != 10 {
		t.Errorf("got %d packets after an hour, want 10", got)
	}
	o.sent = nil
	for range 100 { // answers do not count
		s := o.meet(9, "192.0.2.9:9000")
		s.wantSay(wire.Ping{}, Accepted)
		s.wantSay(wire.SimilarityRequest{}, Accepted)
		s.wantSay(wire.IntroductionRequest{}, Accepted)
	}
	if got := len(o.sent); got != 300 {
		t.Errorf("got %d answers, want 300", got)
	}
}

func TestNewFlowBudget(t *testing.T) {
	o := newObserver(t, observerConfig{flowRate: 5})
	if got := o.drain(); got != 5 {
		t.Errorf("got %d new flows at once, want 5", got)
	}
	if got := o.drain(); got != 0 {
		t.Errorf("got %d new flows more, want none", got)
	}
	before := o.sent[0].To // to whom there is a flow already
	if !o.discovery.SendSimilarityRequest(o.now, before) {
		t.Error("got a flow counted twice")
	}
	s := o.meet(9, "192.0.2.9:9000")
	p := s.introduce()
	if !o.discovery.SendPing(o.now, p) {
		t.Error("got a verified peer's address counted as a new flow")
	}
	// An address that the peer merely claims is one.
	s.wantSay(wire.NewIntroductionRequest{SourceLANAddress: netip.MustParseAddrPort("203.0.113.200:1")}, Accepted)
	if o.discovery.WalkTo(o.now, netip.MustParseAddrPort("203.0.113.200:1")) {
		t.Error("got a claimed LAN address walked to for free")
	}
	o.advance(time.Second)
	if got := o.drain(); got != 5 {
		t.Errorf("got %d new flows after 1 s, want 5", got)
	}
}

// What one budget refuses costs nothing of the other.
func TestBudgetsAreSpentTogether(t *testing.T) {
	o := newObserver(t, observerConfig{packetRate: 4, flowRate: 2})
	if got := o.drain(); got != 2 {
		t.Errorf("got %d new flows, want 2", got)
	}
	for range 10 {
		o.discovery.WalkTo(o.now, netip.MustParseAddrPort("203.0.113.99:9"))
	}
	known := o.sent[0].To
	for i := range 3 {
		if got, want := o.discovery.SendSimilarityRequest(o.now, known), i < 2; got != want {
			t.Errorf("packet %d: got sent %t, want %t", i+3, got, want)
		}
	}
	o.advance(time.Second)
	for range 4 {
		o.discovery.SendSimilarityRequest(o.now, known)
	}
	if o.drain() != 0 {
		t.Error("got a packet beyond the budget")
	}
	if !o.newFlows.ready(o.now) || o.newFlows.tokens != 2 {
		t.Errorf("got %v new flows left, want 2", o.newFlows.tokens)
	}
}

func TestFlowsAreBounded(t *testing.T) {
	var f flows
	a := netip.MustParseAddrPort("192.0.2.1:1")
	f.remember(a)
	for i := range 5 * flowMemory / 2 {
		b := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), 1)
		f.remember(b)
		if !f.contacted(a) { // one in use stays known
			t.Fatalf("forgotten after %d others", i)
		}
	}
	if got := len(f.newer) + len(f.older); got > 2*flowMemory {
		t.Errorf("got %d addresses, want at most %d", got, 2*flowMemory)
	}
}
