package engine

import (
	"encoding/binary"
	"net/netip"
	"testing"
	"time"

	"peerscope/engine/community"
	"peerscope/engine/internal/vectors"
	"peerscope/engine/keyvault"
	"peerscope/engine/wire"
)

// A fuzzed input is a sequence of records: how, who, from, delay, length, bytes.
const recordHeader = 1 + 1 + 6 + 1 + 2

// How the bytes of a record become a packet.
const (
	rawPacket    = iota // as they are
	signedPacket        // a message id and its payload, signed by one of the strangers
	plainPacket         // a message id and its payload, unsigned
	hows
)

// FuzzNode feeds a whole node arbitrary packets from arbitrary addresses while
// time passes. It must not panic, must bound what it keeps, and must not send
// where nothing may be sent.
func FuzzNode(f *testing.F) {
	for _, v := range vectors.Load(f) {
		if from, err := netip.ParseAddrPort(v.Source); err == nil && len(v.Packet) > 0 {
			f.Add(record(rawPacket, 0, from, v.Packet))
		}
	}
	from := netip.MustParseAddrPort("198.51.100.7:7000")
	for _, p := range []wire.Payload{
		wire.IntroductionRequest{Identifier: 1}, wire.NewIntroductionRequest{Identifier: 2},
		wire.IntroductionResponse{Identifier: 1, WANIntroductionAddress: from}, wire.Puncture{},
		wire.SimilarityRequest{PreferenceList: [][20]byte{community.DiscoveryCommunityID}}, wire.SimilarityResponse{Identifier: 3},
	} {
		body, err := p.AppendBinary([]byte{byte(p.ID())})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(append(record(signedPacket, 1, from, body), record(signedPacket, 2, from, body)...))
	}
	f.Add(append(record(plainPacket, 0, from, []byte{byte(wire.PingID), 0, 1}), record(plainPacket, 0, from, []byte{byte(wire.PongID), 0, 1})...))
	f.Fuzz(func(t *testing.T, input []byte) {
		for _, socket := range []string{"192.0.2.1:8470", "127.0.0.1:8470"} {
			fuzzNode(t, netip.MustParseAddrPort(socket), input)
		}
	})
}

// record is one packet of an input.
func record(how, who byte, from netip.AddrPort, data []byte) []byte {
	b := []byte{how, who}
	ip := from.Addr().As16()
	b = append(b, ip[12:]...)
	b = binary.BigEndian.AppendUint16(b, from.Port())
	b = append(b, 1) // a tenth of a second
	b = binary.BigEndian.AppendUint16(b, uint16(len(data)))
	return append(b, data...)
}

func fuzzNode(t *testing.T, socket netip.AddrPort, input []byte) {
	d := drive(t, func(c *nodeConfig) { c.sockets = []netip.AddrPort{socket} })
	for len(input) >= recordHeader {
		h := input[:recordHeader]
		size := min(int(binary.BigEndian.Uint16(h[9:])), len(input)-recordHeader)
		data := input[recordHeader : recordHeader+size]
		input = input[recordHeader+size:]
		from := netip.AddrPortFrom(netip.AddrFrom4([4]byte(h[2:6])), binary.BigEndian.Uint16(h[6:]))
		d.receive(from, fuzzedPacket(h[0]%hows, h[1], data))
		d.advance(time.Duration(h[8]) * 100 * time.Millisecond)
		d.checkSent(socket)
	}
	d.advance(time.Minute)
	d.checkSent(socket)
	if n := d.requests.Len(); n > requestsMax {
		t.Errorf("%d requests are pending", n)
	}
}

// fuzzedPacket is what a record sends.
func fuzzedPacket(how, who byte, data []byte) []byte {
	if how == rawPacket || len(data) == 0 {
		return data
	}
	id, payload := wire.MessageID(data[0]), data[1:]
	if how == plainPacket {
		return append(wire.AppendUnsignedHeader(nil, community.DiscoveryCommunityID, id, 1), payload...)
	}
	key := fuzzKeys[int(who)%len(fuzzKeys)]
	packet := wire.AppendSignedHeader(nil, community.DiscoveryCommunityID, id, key.Public().Bytes(), 1)
	packet = append(packet, payload...)
	return key.AppendSignature(packet, packet)
}

// fuzzKeys are the strangers' keys; the first is the node's own.
var fuzzKeys = [4]keyvault.PrivateKey{nodeKey(0), nodeKey(1), nodeKey(2), nodeKey(3)}

// checkSent looks at what the node wants to send, and forgets it.
func (d *drivenNode) checkSent(socket netip.AddrPort) {
	d.t.Helper()
	for _, p := range d.sent {
		switch {
		case !community.Sendable(p.To):
			d.t.Errorf("sends to %v", p.To)
		case socket.Addr().IsLoopback() && !p.To.Addr().IsLoopback():
			d.t.Errorf("sends from loopback to %v", p.To)
		case len(p.Data) < wire.HeaderLen+8:
			d.t.Errorf("sends %d bytes", len(p.Data))
		}
	}
	d.sent = nil
}
