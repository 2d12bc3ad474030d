package community

import (
	"bytes"
	"net/netip"
	"strings"
	"testing"

	"peerscope/engine/internal/vectors"
	"peerscope/engine/keyvault"
	"peerscope/engine/peer"
	"peerscope/engine/wire"
)

// createdState is the node in which py-ipv8 created a packet.
type createdState struct {
	MyLAN                string        `json:"my_lan"`
	MyWAN                string        `json:"my_wan"`
	Services             []vectors.Hex `json:"services"`
	ClockBefore          uint64        `json:"clock_before"`
	To                   string        `json:"to"`
	Identifier           uint16        `json:"identifier"`
	DestinationInRequest string        `json:"destination_in_request"`
	LANWalker            string        `json:"lan_walker"`
	WANWalker            string        `json:"wan_walker"`
}

// TestCreatedVectors makes each packet with the method that sends it, in the
// same state, and wants the same bytes.
func TestCreatedVectors(t *testing.T) {
	created := 0
	for _, v := range vectors.Load(t) {
		if !vectors.Present(v.State) || !strings.HasPrefix(v.Name, "created/") {
			continue
		}
		created++
		t.Run(v.Name, func(t *testing.T) { checkCreated(t, &v) })
	}
	if created == 0 {
		t.Error("got no vectors")
	}
}

func checkCreated(t *testing.T, v *vectors.Vector) {
	var s createdState
	v.Decode(t, v.State, &s)
	o := s.observer(t, v)
	s.create(t, o, v.Kind)
	if len(o.sent) == 0 {
		t.Fatal("nothing was sent")
	}
	p := o.sent[0]
	got, want := p.Data, []byte(v.Packet)
	if p.Key != nil {
		got = p.Key.AppendSignature(got, got)
	}
	if v.Kind == "ping" { // ours is random where py-ipv8's is the clock (Q20)
		got, want = got[:len(got)-2], want[:len(want)-2]
	}
	if !bytes.Equal(got, want) {
		t.Errorf("got  %x\nwant %x", got, want)
	}
}

// observer is the node before it creates the packet.
func (s *createdState) observer(t *testing.T, v *vectors.Vector) *observer {
	t.Helper()
	key := newKey(t, 1) // of no matter for what is not signed
	if v.PrivateKey != nil {
		parsed, err := keyvault.ParsePrivateKey(v.PrivateKey)
		if err != nil {
			t.Fatal(err)
		}
		key = &parsed
	}
	lan := address(t, s.MyLAN)
	six := netip.AddrPortFrom(netip.IPv6Unspecified(), lan.Port())
	o := newObserver(t, observerConfig{sockets: []netip.AddrPort{lan, six}, key: key})
	for _, id := range s.Services[1:] {
		o.join(peer.CommunityID(id), key)
	}
	o.wan.current = address(t, s.MyWAN)
	o.keys[0].globalTime = s.ClockBefore
	return o
}

// create has the observer send the packet.
func (s *createdState) create(t *testing.T, o *observer, kind string) {
	t.Helper()
	anybody := netip.MustParseAddrPort("192.0.2.7:7777")
	d := o.discovery
	switch kind {
	case "introduction-request":
		d.WalkTo(o.now, address(t, s.To))
	case "introduction-response":
		m := &Message{Source: address(t, s.To)}
		d.answer(m, request{identifier: s.Identifier, destination: address(t, s.DestinationInRequest)}, oldStyle)
	case "puncture-request", "new-puncture-request":
		m := &Message{Source: address(t, s.WANWalker)}
		r := request{identifier: s.Identifier, destination: address(t, s.LANWalker)}
		d.sendPunctureRequest(peer.NewPeer(newKey(t, 2).Public(), anybody, o.now), m, r, oldStyle)
	case "puncture":
		d.OnPunctureRequest(o.now, &Message{}, walker{wan: address(t, s.WANWalker), identifier: s.Identifier})
	case "similarity-request":
		d.SendSimilarityRequest(o.now, anybody)
	case "similarity-response":
		d.OnSimilarityRequest(o.now, &Message{Source: anybody}, wire.SimilarityRequest{Identifier: s.Identifier})
	case "ping":
		d.SendPing(o.now, peer.NewPeer(newKey(t, 2).Public(), address(t, s.To), o.now))
	case "pong":
		d.OnPing(o.now, &Message{Source: anybody}, wire.Ping{Identifier: s.Identifier})
	default:
		t.Fatalf("no way to create a %s", kind)
	}
}
