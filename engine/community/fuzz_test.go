package community

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"testing"
	"time"

	"peerscope/engine/internal/vectors"
	"peerscope/engine/keyvault"
	"peerscope/engine/peer"
	"peerscope/engine/wire"
)

// addVectors seeds a fuzz target with every packet of the vectors.
func addVectors(f *testing.F, add func(packet []byte)) {
	f.Helper()
	seeds := 0
	for _, v := range vectors.Load(f) {
		if v.Packet != nil {
			add(v.Packet)
			seeds++
		}
	}
	if seeds == 0 {
		f.Fatal("got no packets from the vectors")
	}
}

// FuzzDecode takes any packet through the Decoder. What is accepted has to be
// whole: a known message, a signer if and only if it is signed, and fields that
// encode to a payload of the same meaning.
func FuzzDecode(f *testing.F) {
	addVectors(f, func(packet []byte) { f.Add(packet) })
	d := newTestDecoder()
	d.Communities = nil
	source := netip.MustParseAddrPort("192.0.2.9:9000")
	f.Fuzz(func(t *testing.T, packet []byte) {
		id, reason := d.Screen(source, packet)
		if reason != Accepted {
			return
		}
		given := slices.Clone(packet)
		m, reason := d.Decode(vectorTime, source, packet)
		if !slices.Equal(packet, given) {
			t.Fatal("the packet was written to")
		}
		if reason != Accepted {
			return
		}
		checkDecoded(t, &m, id)
	})
}

func checkDecoded(t *testing.T, m *Message, id wire.MessageID) {
	t.Helper()
	if m.ID != id || m.Payload == nil || m.Payload.ID() != id {
		t.Fatalf("got message %v with payload %T, want %v", m.ID, m.Payload, id)
	}
	if id.Signed() == m.Key.IsZero() || m.Key.IsZero() != m.Mid.IsZero() {
		t.Fatalf("%v: got key %q and mid %v", id, m.Key, m.Mid)
	}
	payload, err := m.Payload.AppendBinary(nil)
	if err != nil {
		t.Fatalf("%v: cannot encode what was decoded: %v", id, err)
	}
	again, err := wire.Parse(id, payload)
	if err != nil || len(fieldsOf(again).diff(fieldsOf(m.Payload))) > 0 {
		t.Fatalf("%v: got %+v after encoding %+v: %v", id, again, m.Payload, err)
	}
}

// FuzzHostReceive plays a script of strangers to a node: signed and unsigned
// messages with arbitrary payloads from arbitrary addresses, and time passing.
// Whatever they say, nothing leaves for where it must not, nothing grows without
// bound, and the node's own keys stay out of the table.
func FuzzHostReceive(f *testing.F) {
	addVectors(f, func(packet []byte) {
		if payload := payloadOf(packet); payload != nil {
			f.Add(script(packet[22], payload))
		}
	})
	f.Fuzz(func(t *testing.T, script []byte) {
		o := newObserver(t, observerConfig{
			sockets: ports("127.0.0.1:8090", "[::1]:8090"), packetRate: 50, flowRate: 10, maxPeers: 4,
		})
		o.join(red, newKey(t, 2))
		play(o, script)
		checkInvariants(t, o)
	})
}

// payloadOf cuts the payload out of a packet of the vectors, nil if it is not to
// be found.
func payloadOf(packet []byte) []byte {
	_, id, err := wire.ParseHeader(packet)
	if err != nil {
		return nil
	}
	body := packet[wire.HeaderLen:]
	if id.Signed() {
		blob, rest, _ := wire.SplitSigned(packet)
		key, _ := keyvault.ParsePublicKey(blob)
		if body, _, err = wire.SplitSignature(rest, key.SignatureLen()); err != nil {
			return nil
		}
	}
	_, payload, _ := wire.ParseGlobalTime(body)
	return payload
}

// script is one step for play.
func script(id byte, payload []byte) []byte {
	step := []byte{id, 1, 2, 0}
	step = binary.BigEndian.AppendUint16(step, uint16(len(payload)))
	return append(step, payload...)
}

// play reads steps of message id, signer, place, seconds and payload.
func play(o *observer, script []byte) {
	for range 64 {
		if len(script) < 6 {
			return
		}
		id, who, place, wait := wire.MessageID(script[0]), script[1], script[2], script[3]
		n := min(int(binary.BigEndian.Uint16(script[4:])), len(script)-6)
		payload := script[6 : 6+n]
		script = script[6+n:]
		o.advance(time.Duration(wait) * 100 * time.Millisecond)
		m := Message{
			Source: placeOf(place), At: o.now, Community: DiscoveryCommunityID, ID: id,
		}
		if place&0x80 != 0 {
			m.Community = red
		}
		var err error
		if m.Payload, err = o.decoder.parse(m.Community, id, payload); err != nil {
			continue
		}
		if id.Signed() {
			m.Key = newKey(o.t, who%8+1).Public() // 1 and 2 are the node's own
			m.Mid = m.Key.Mid()
		}
		o.Receive(o.now, &m)
		o.ask(who, m.Source)
	}
}

// placeOf is one of a few addresses, some of them out of reach.
func placeOf(n byte) netip.AddrPort {
	places := ports("127.0.0.1:9000", "127.0.0.1:9001", "127.0.0.2:9000", "[::1]:9000", "[::1]:9001",
		"192.0.2.9:9000", "[2001:db8::9]:9000", "127.0.0.1:8090", "[::]:1")
	return places[int(n&0x7f)%len(places)]
}

// ask has the node send requests, so that there is something to answer.
func (o *observer) ask(what byte, to netip.AddrPort) {
	switch what >> 5 {
	case 0:
		o.discovery.WalkTo(o.now, to)
	case 1:
		o.discovery.SendSimilarityRequest(o.now, to)
	case 2:
		if p, ok := o.network.RandomVerified(o.random); ok {
			o.discovery.SendPing(o.now, p)
		}
	case 3:
		o.discovery.NewIntroduction(o.now)
	case 4:
		if a, ok := o.discovery.Walkable(o.random, nil); ok {
			o.discovery.WalkTo(o.now, a)
		}
	case 5:
		o.discovery.Forget(to)
	}
}

func checkInvariants(t *testing.T, o *observer) {
	t.Helper()
	for _, p := range o.sent {
		if !p.To.Addr().IsLoopback() || p.To.Port() == 0 {
			t.Errorf("got a packet to %v", p.To)
		}
		if _, id, err := wire.ParseHeader(p.Data); err != nil || id.Signed() != (p.Key != nil) {
			t.Errorf("got a %v with key %v: %v", id, p.Key, err)
		}
	}
	for i := range o.network.Len() {
		p := o.network.At(i)
		if o.isOwn(p.Mid) || peer.IsNone(p.Address()) || p.LastResponse.IsZero() {
			t.Errorf("got peer %v at %v, last heard %v", p.Mid, p.Address(), p.LastResponse)
		}
	}
	for _, a := range o.network.Walkable(DiscoveryCommunityID, 1<<20) {
		if !o.reachable(a) {
			t.Errorf("%v is to be walked to", a)
		}
	}
	o.advance(time.Hour)
	if got := o.requests.Len(); got != 0 {
		t.Errorf("got %d requests pending after an hour", got)
	}
}
