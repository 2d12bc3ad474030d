package community

import (
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"peerscope/engine/event"
	"peerscope/engine/peer"
	"peerscope/engine/requestcache"
	"peerscope/engine/wire"
)

// ping has the observer ping a peer and returns the ping.
func (o *observer) ping(s *stranger, p *peer.Peer) packetRead {
	o.t.Helper()
	if !o.discovery.SendPing(o.now, p) {
		o.t.Fatal("got no ping sent")
	}
	return o.want(s.address, wire.PingID)
}

func identifier(r packetRead) uint16 { return r.payload.(wire.Ping).Identifier }

// The round-trip time is from the stamp of sending to the arrival.
func TestPong(t *testing.T) {
	o := newObserver(t, observerConfig{})
	s := o.meet(9, "192.0.2.9:9000")
	p := s.introduce()
	sent := o.ping(s, p)
	sent.stamp.Set(o.now.Add(30 * time.Millisecond))
	o.advance(50 * time.Millisecond)

	foreign := o.meet(10, "192.0.2.10:9000")
	foreign.wantSay(wire.Pong{Identifier: identifier(sent)}, ForeignPong)
	s.wantSay(wire.Pong{Identifier: identifier(sent) + 1}, ForeignPong)
	wantEvents[event.PongReceived](o)
	s.wantSay(wire.Pong{Identifier: identifier(sent)}, Accepted)
	wantEvents(o, event.PongReceived{Peer: s.mid, Address: s.address, RTT: 20 * time.Millisecond})
	if rtt, _ := p.Pings.Last(); rtt != 20*time.Millisecond || !p.LastResponse.Equal(o.now) {
		t.Errorf("got sample %v, last heard %v", rtt, p.LastResponse)
	}
	s.wantSay(wire.Pong{Identifier: identifier(sent)}, DuplicatePong)
	o.advance(time.Minute)
	wantEvents[event.PingLost](o)
}

func TestLostPing(t *testing.T) {
	o := newObserver(t, observerConfig{})
	s := o.meet(9, "192.0.2.9:9000")
	p := s.introduce()
	sent := o.ping(s, p)
	left := o.now.Add(time.Millisecond)
	sent.stamp.Set(left)
	o.advance(requestcache.PingTimeout - 1)
	wantEvents[event.PingLost](o)
	o.advance(1)
	wantEvents(o, event.PingLost{Peer: s.mid, Address: s.address, SentAt: left})
	if !p.LastLost.Equal(left) || p.Pings.Len() != 0 {
		t.Errorf("got last lost %v and %d samples", p.LastLost, p.Pings.Len())
	}
	s.wantSay(wire.Pong{Identifier: identifier(sent)}, LatePong)
	wantEvents[event.PongReceived](o)
	o.wantVerified(s) // a lost ping drops nobody
}

// A pong that arrived after 5 s is late even if the loop had no time to count
// its ping as lost, and one that waited for the loop is not.
func TestPongWhileBusy(t *testing.T) {
	o := newObserver(t, observerConfig{})
	s := o.meet(9, "192.0.2.9:9000")
	p := s.introduce()
	for _, test := range []struct {
		arrival time.Duration
		want    Reason
	}{{4900 * time.Millisecond, Accepted}, {5100 * time.Millisecond, LatePong}} {
		sent := o.ping(s, p)
		o.now = o.now.Add(6 * time.Second)
		m := Message{
			Source: s.address, At: sent.stamp.Time().Add(test.arrival), Community: DiscoveryCommunityID, ID: wire.PongID,
			Payload: wire.Pong{Identifier: identifier(sent)},
		}
		if got := o.Receive(o.now, &m); got != test.want {
			t.Errorf("after %v: got %v, want %v", test.arrival, got, test.want)
		}
		o.advance(0)
	}
	if got := len(happened[event.PongReceived](o)); got != 1 {
		t.Errorf("got %d pongs, want 1", got)
	}
	if got := len(happened[event.PingLost](o)); got != 1 {
		t.Errorf("got %d lost pings, want 1", got)
	}
}

// 65535 comes back from kotlin-ipv8 as 0 (Q29).
func TestPingIdentifiers(t *testing.T) {
	o := newObserver(t, observerConfig{})
	var seen [1 << 16]bool
	different := 0
	for range 1 << 20 {
		if id := o.discovery.randomIdentifier(); !seen[id] {
			seen[id] = true
			different++
		}
	}
	if seen[65535] || different != 65535 {
		t.Errorf("got 65535: %t; got %d different, want 65535", seen[65535], different)
	}
}

// constant is a random source without imagination.
type constant uint64

func (c constant) Uint64() uint64 { return uint64(c) }

// An identifier that is pending for the address is never used again: the second
// ping would take the first one's pong.
func TestPingIdentifierIsNotShared(t *testing.T) {
	o := newObserver(t, observerConfig{})
	s, other := o.meet(9, "192.0.2.9:9000"), o.meet(10, "192.0.2.10:9000")
	p, q := s.introduce(), other.introduce()
	o.random = rand.New(constant(1 << 40))
	first := o.ping(s, p)
	if o.discovery.SendPing(o.now, p) {
		t.Error("got a second ping with the same identifier")
	}
	o.wantSilence()
	o.ping(other, q) // to another address it is free
	s.wantSay(wire.Pong{Identifier: identifier(first)}, Accepted)
	o.ping(s, p)
}

// What finds the queue to the socket full was never sent, so it is not lost.
func TestUnsentRequestsAreNotLost(t *testing.T) {
	o := newObserver(t, observerConfig{})
	s := o.meet(9, "192.0.2.9:9000")
	p := s.introduce()
	o.blocked = true
	if o.discovery.SendPing(o.now, p) || o.discovery.WalkTo(o.now, s.address) || o.discovery.SendSimilarityRequest(o.now, s.address) {
		t.Error("got true with a full queue")
	}
	s.wantSay(wire.Ping{}, SendQueue)
	if got := o.requests.Len(); got != 0 {
		t.Errorf("got %d pending requests, want none", got)
	}
	o.advance(time.Minute)
	wantEvents[event.PingLost](o)
	if !p.LastLost.IsZero() {
		t.Errorf("got last lost %v", p.LastLost)
	}
}

// A peer that is in a community of ours but not known to be in the
// DiscoveryCommunity would ignore a ping.
func TestPingOutsideDiscovery(t *testing.T) {
	o := newObserver(t, observerConfig{})
	o.join(red, newKey(t, 1))
	s := o.meet(9, "192.0.2.9:9000").in(red)
	s.wantSay(wire.IntroductionRequest{}, Accepted)
	o.sent = nil
	p, _ := o.network.ByMid(s.mid)
	o.advance(time.Second)
	o.discovery.SendPing(o.now, p)
	asked := o.want(s.address, wire.IntroductionRequestID)
	s.wantSay(wire.IntroductionResponse{Identifier: uint16(asked.time)}, Accepted)
	if !p.LastResponse.Equal(o.now) {
		t.Errorf("last heard %v, want %v", p.LastResponse, o.now)
	}
	// Unanswered it counts as a lost ping does, without a sample.
	o.discovery.SendPing(o.now, p)
	sent := o.now
	o.advance(requestcache.AnswerTimeout)
	if !p.LastLost.Equal(sent) {
		t.Errorf("got last lost %v, want %v", p.LastLost, sent)
	}
	wantEvents[event.PingLost](o)
	// Once its similarity says so, it is pinged.
	o.sent = nil
	s.in(DiscoveryCommunityID).wantSay(wire.SimilarityRequest{PreferenceList: [][20]byte{DiscoveryCommunityID, red}}, Accepted)
	o.sent = nil
	o.ping(s, p)
}

// Anyone may ping, and a ping changes nothing.
func TestPing(t *testing.T) {
	o := newObserver(t, observerConfig{})
	s := o.meet(9, "192.0.2.9:9000")
	local := netip.MustParseAddr("198.51.100.1")
	m := Message{Source: s.address, Local: local, Community: DiscoveryCommunityID, Payload: wire.Ping{Identifier: 65535}}
	if got := o.Receive(o.now, &m); got != Accepted {
		t.Errorf("got %v, want %v", got, Accepted)
	}
	if o.sent[0].From != local {
		t.Errorf("got answered from %v, want %v", o.sent[0].From, local)
	}
	if p := o.want(s.address, wire.PongID).payload.(wire.Pong); p.Identifier != 65535 {
		t.Errorf("got identifier %d, want 65535", p.Identifier)
	}
	o.wantVerified()
	s.in(red).wantSay(wire.Ping{}, UnknownCommunity)
	o.join(red, newKey(t, 1))
	s.in(red).wantSay(wire.Ping{}, UnknownMessage) // 3 has another meaning there
}

// A simulated network may be more patient or less.
func TestPingTimeout(t *testing.T) {
	o := newObserver(t, observerConfig{timeout: time.Second})
	s := o.meet(9, "192.0.2.9:9000")
	p := s.introduce()
	sent := o.ping(s, p)
	o.advance(time.Second - 1)
	wantEvents[event.PingLost](o)
	o.advance(1)
	wantEvents(o, event.PingLost{Peer: s.mid, Address: s.address, SentAt: sent.stamp.Time()})
}
