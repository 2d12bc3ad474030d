package engine

import (
	"net/netip"
	"testing"

	"peerscope/engine/community"
	"peerscope/engine/keyvault"
	"peerscope/engine/peer"
	"peerscope/engine/wire"
)

// pack is a whole packet of a stranger, signed if its message is.
func pack(t testing.TB, key keyvault.PrivateKey, id peer.CommunityID, globalTime uint64, p wire.Payload) []byte {
	t.Helper()
	var b []byte
	if p.ID().Signed() {
		b = wire.AppendSignedHeader(nil, id, p.ID(), key.Public().Bytes(), globalTime)
	} else {
		b = wire.AppendUnsignedHeader(nil, id, p.ID(), globalTime)
	}
	b, err := p.AppendBinary(b)
	if err != nil {
		t.Fatal(err)
	}
	if p.ID().Signed() {
		b = key.AppendSignature(b, b)
	}
	return b
}

// unpack reads the payload of a packet; tail is how long its signature is, 0 if
// it was not appended yet.
func unpack(t testing.TB, packet []byte, tail int) wire.Payload {
	t.Helper()
	_, id, err := wire.ParseHeader(packet)
	if err != nil {
		t.Fatal(err)
	}
	body := packet[wire.HeaderLen:]
	if id.Signed() {
		if _, body, err = wire.SplitSigned(packet); err != nil {
			t.Fatal(err)
		}
	}
	_, payload, err := wire.ParseGlobalTime(body[:len(body)-tail])
	if err != nil {
		t.Fatal(err)
	}
	p, err := wire.Parse(id, payload)
	if err != nil {
		t.Fatalf("parse %v: %v", id, err)
	}
	return p
}

// said is a message that a driven node sent.
type said struct {
	to netip.AddrPort
	wire.Payload
}

// hear returns what the node sent since the last call.
func (d *drivenNode) hear() (out []said) {
	d.t.Helper()
	for _, p := range d.sent {
		out = append(out, said{p.To, unpack(d.t, p.Data, 0)})
	}
	d.sent = nil
	return out
}

// hearAnswer returns the one introduction response among what the node sent, nil
// if there is none.
func (d *drivenNode) hearAnswer() (answer wire.Payload) {
	d.t.Helper()
	for _, m := range d.hear() {
		if id := m.ID(); id == wire.IntroductionResponseID || id == wire.NewIntroductionResponseID {
			if answer != nil {
				d.t.Error("two answers to one request")
			}
			answer = m.Payload
		}
	}
	return answer
}

// stranger is the n-th outsider: a key and an address of its own.
type stranger struct {
	key  keyvault.PrivateKey
	addr netip.AddrPort
}

func newStranger(n int) stranger {
	return stranger{nodeKey(5000 + n), netip.AddrPortFrom(netip.AddrFrom4([4]byte{203, 0, byte(n), 7}), 7000)}
}

// request lets the stranger ask for an introduction in the old style.
func (d *drivenNode) request(s stranger, id peer.CommunityID, flags wire.IntroductionRequestFlags) community.Reason {
	d.t.Helper()
	return d.receive(s.addr, pack(d.t, s.key, id, 1, wire.IntroductionRequest{
		DestinationAddress: netip.MustParseAddrPort("192.0.2.1:8470"), SourceLANAddress: s.addr, Flags: flags, Identifier: 77,
	}))
}

// requestNew does in the new style.
func (d *drivenNode) requestNew(s stranger, id peer.CommunityID) community.Reason {
	d.t.Helper()
	return d.receive(s.addr, pack(d.t, s.key, id, 1, wire.NewIntroductionRequest{
		DestinationAddress: netip.MustParseAddrPort("192.0.2.1:8470"), SourceLANAddress: s.addr, SourceWANAddress: s.addr, Identifier: 77,
	}))
}
