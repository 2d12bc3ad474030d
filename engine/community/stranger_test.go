package community

import (
	"bytes"
	"net/netip"
	"testing"

	"peerscope/engine/keyvault"
	"peerscope/engine/peer"
	"peerscope/engine/wire"
)

// newKey makes the n-th key of a test, the same at each run.
func newKey(t testing.TB, n byte) *keyvault.PrivateKey {
	t.Helper()
	key, err := keyvault.GenerateKey(bytes.NewReader(bytes.Repeat([]byte{n}, 64)))
	if err != nil {
		t.Fatal(err)
	}
	return &key
}

// A stranger is another node, played by the test.
type stranger struct {
	o         *observer
	key       *keyvault.PrivateKey
	mid       peer.Mid
	address   netip.AddrPort
	community peer.CommunityID
	time      uint64
}

// meet makes a stranger whom the observer has not heard of; n tells them apart.
func (o *observer) meet(n byte, address string) *stranger {
	o.t.Helper()
	key := newKey(o.t, n)
	return &stranger{
		o: o, key: key, mid: key.Public().Mid(), address: netip.MustParseAddrPort(address), community: DiscoveryCommunityID,
	}
}

// at is the same node at another address.
func (s *stranger) at(address string) *stranger {
	moved := *s
	moved.address = netip.MustParseAddrPort(address)
	return &moved
}

// in is the same node speaking in another community.
func (s *stranger) in(id peer.CommunityID) *stranger {
	other := *s
	other.community = id
	return &other
}

// say sends a message to the observer and returns what became of it.
func (s *stranger) say(p wire.Payload) Reason {
	s.o.t.Helper()
	return s.o.deliver(s.address, s.pack(p))
}

// pack encodes and signs a message.
func (s *stranger) pack(p wire.Payload) []byte {
	s.o.t.Helper()
	s.time++
	var packet []byte
	if p.ID().Signed() {
		packet = wire.AppendSignedHeader(nil, s.community, p.ID(), s.key.Public().Bytes(), s.time)
	} else {
		packet = wire.AppendUnsignedHeader(nil, s.community, p.ID(), s.time)
	}
	packet, err := p.AppendBinary(packet)
	if err != nil {
		s.o.t.Fatal(err)
	}
	if p.ID().Signed() {
		packet = s.key.AppendSignature(packet, packet)
	}
	return packet
}

// wantSay fails unless the message is taken with this result.
func (s *stranger) wantSay(p wire.Payload, want Reason) {
	s.o.t.Helper()
	if got := s.say(p); got != want {
		s.o.t.Errorf("%v from %v: got %v, want %v", p.ID(), s.address, got, want)
	}
}

// introduce makes the stranger a verified peer by a request of its own, and
// takes the answer off the observer's packets.
func (s *stranger) introduce() *peer.Peer {
	s.o.t.Helper()
	s.wantSay(wire.IntroductionRequest{DestinationAddress: s.o.MyLAN(true), Identifier: 7}, Accepted)
	s.o.sent = nil
	p, ok := s.o.network.ByMid(s.mid)
	if !ok {
		s.o.t.Fatalf("%v is not verified by a request of its own", s.mid.Short())
	}
	s.o.events = nil
	return p
}
