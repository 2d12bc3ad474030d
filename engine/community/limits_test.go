package community

import (
	"fmt"
	"testing"

	"peerscope/engine/network"
	"peerscope/engine/wire"
)

// crowd fills the observer with peers.
func (o *observer) crowd(n int) (crowd []*stranger) {
	for i := range n {
		s := o.meet(byte(50+i), fmt.Sprintf("192.0.2.%d:7000", 50+i))
		s.introduce()
		crowd = append(crowd, s)
	}
	return crowd
}

// Requests are refused once there are more peers than max_peers; the flag in our
// own answers is set one peer earlier (Q24).
func TestMaxPeersOfRequests(t *testing.T) {
	o := newObserver(t, observerConfig{maxPeers: 2})
	for i, limited := range []bool{false, true, true} {
		s := o.meet(byte(10+i), fmt.Sprintf("192.0.2.%d:9000", 10+i))
		s.wantSay(wire.IntroductionRequest{}, Accepted)
		if i > 0 {
			o.sent = o.sent[1:] // the puncture request
		}
		p := o.want(s.address, wire.IntroductionResponseID).payload.(wire.IntroductionResponse)
		if p.Flags.PeerLimitReached() != limited {
			t.Errorf("peer %d: got peer_limit_reached %t, want %t", i+1, p.Flags.PeerLimitReached(), limited)
		}
	}
	late := o.meet(20, "192.0.2.20:9000")
	late.wantSay(wire.IntroductionRequest{}, PeerLimit)
	late.wantSay(wire.NewIntroductionRequest{}, PeerLimit)
	known := o.meet(10, "192.0.2.10:9000") // also one that is known
	known.wantSay(wire.IntroductionRequest{}, PeerLimit)
	o.wantSilence()
}

// Answers to requests of ours are taken beyond the limit; similarity responses
// only from peers that are verified.
func TestMaxPeersOfResponses(t *testing.T) {
	o := newObserver(t, observerConfig{maxPeers: 1})
	crowd := o.crowd(2)
	s := o.meet(9, "192.0.2.9:9000")

	o.discovery.SendSimilarityRequest(o.now, s.address)
	id := uint16(o.want(s.address, wire.SimilarityRequestID).time)
	s.wantSay(wire.SimilarityResponse{Identifier: id, PreferenceList: [][20]byte{red}}, PeerLimit)
	if got := o.network.ServicesOf(s.mid); got != nil {
		t.Errorf("got services %v of a refused peer", got)
	}
	o.discovery.SendSimilarityRequest(o.now, crowd[0].address)
	id = uint16(o.want(crowd[0].address, wire.SimilarityRequestID).time)
	crowd[0].wantSay(wire.SimilarityResponse{Identifier: id, PreferenceList: [][20]byte{red}}, Accepted)

	o.discovery.WalkTo(o.now, s.address)
	id = uint16(o.want(s.address, wire.IntroductionRequestID).time)
	s.wantSay(wire.IntroductionResponse{Identifier: id}, Accepted)
	o.wantVerified(crowd[0], crowd[1], s)
}

func TestFullTable(t *testing.T) {
	o := newObserver(t, observerConfig{table: network.Config{VerifiedPeers: 1}})
	o.crowd(1)
	s := o.meet(9, "192.0.2.9:9000")
	s.wantSay(wire.IntroductionRequest{}, Refused)
	s.wantSay(wire.NewIntroductionRequest{}, Refused)
	o.discovery.WalkTo(o.now, s.address)
	id := uint16(o.want(s.address, wire.IntroductionRequestID).time)
	s.wantSay(wire.IntroductionResponse{Identifier: id}, Refused)
	o.wantSilence()
}
