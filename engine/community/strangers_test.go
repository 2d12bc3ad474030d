package community

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"peerscope/engine/event"
	"peerscope/engine/peer"
	"peerscope/engine/wire"
)

// Strangers who come by themselves are taken in at a rate; whom we know, whom we
// asked and trackers are not strangers.
func TestStrangersAreTakenInAtARate(t *testing.T) {
	o := newObserver(t, observerConfig{strangers: 1})
	n := byte(10)
	flood := func() (admitted int) {
		for range 20 {
			n++
			if s := o.meet(n, fmt.Sprintf("203.0.113.%d:9000", n)); s.say(wire.NewIntroductionRequest{}) == Accepted {
				admitted++
			}
		}
		o.sent = nil
		return admitted
	}
	if got := flood(); got != 10 {
		t.Errorf("got %d strangers at once, want 10", got)
	}
	o.advance(3 * time.Second)
	if got := flood(); got != 3 {
		t.Errorf("got %d strangers after 3 s, want 3", got)
	}
	s := o.meet(3, "192.0.2.3:9000")
	s.wantSay(wire.IntroductionRequest{}, StrangerRate)
	s.wantSay(wire.SimilarityRequest{}, Accepted) // which verifies nobody
	o.sent = nil
	o.discovery.WalkTo(o.now, s.address)
	asked := o.want(s.address, wire.IntroductionRequestID)
	s.wantSay(wire.IntroductionResponse{Identifier: uint16(asked.time)}, Accepted)
	s.wantSay(wire.IntroductionRequest{}, Accepted)

	server := o.meet(4, "192.0.2.4:6421")
	o.network.Blacklist(server.address)
	for range 20 {
		server.wantSay(wire.IntroductionRequest{}, Accepted)
	}
}

// The first answer of a peer to a request of ours is told once, after its address.
func TestFirstAnswer(t *testing.T) {
	var told []peer.Mid
	o := newObserver(t, observerConfig{answered: func(_ time.Time, p *peer.Peer) { told = append(told, p.Mid) }})
	s, asked := o.meet(9, "192.0.2.9:9000"), o.meet(10, "192.0.2.10:9000")
	p := s.introduce()
	if told != nil {
		t.Errorf("got %v told because of a request", told)
	}
	for range 2 {
		sent := o.ping(s, p)
		s.wantSay(wire.Pong{Identifier: identifier(sent)}, Accepted)
		o.discovery.WalkTo(o.now, asked.address)
		s := read(t, o.sent[0])
		o.sent = nil
		if s.id == wire.NewIntroductionRequestID {
			asked.wantSay(wire.NewIntroductionResponse{Identifier: uint16(s.time)}, Accepted)
		} else {
			asked.wantSay(wire.IntroductionResponse{Identifier: uint16(s.time)}, Accepted)
		}
		o.sent = nil
	}
	if want := []peer.Mid{s.mid, asked.mid}; !slices.Equal(told, want) {
		t.Errorf("got %v told, want %v", told, want)
	}
	// A pong for a peer that is not in the table any more tells nothing.
	late := o.meet(11, "192.0.2.11:9000")
	q := late.introduce()
	sent := o.ping(late, q)
	o.Remove(o.now, q, event.Silent)
	late.wantSay(wire.Pong{Identifier: identifier(sent)}, Accepted)
	if len(told) != 2 {
		t.Errorf("got %v told after its peer was removed", told[2:])
	}
}
