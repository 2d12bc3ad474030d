package main

import (
	"crypto/ed25519"
	"crypto/sha512"
	"encoding/binary"
	"net/netip"

	"peerscope/engine/wire"
)

// firstSender is the address of sender 0, 127.1.0.0: the senders follow each
// other from there and never leave 127.0.0.0/8. Below it are the nodes and the
// generator itself.
const firstSender = 127<<24 | 1<<16

// maxSenders is how many addresses there are for them.
const maxSenders = 128<<24 - 1 - firstSender

// senderAddr is the address of the i-th sender.
func senderAddr(i int) netip.Addr {
	var ip [4]byte
	binary.BigEndian.PutUint32(ip[:], firstSender+uint32(i))
	return netip.AddrFrom4(ip)
}

// senderIndex is the inverse of senderAddr; false for an address of nobody.
func senderIndex(a netip.Addr) (int, bool) {
	if !a.Is4() {
		return 0, false
	}
	ip := a.As4()
	i := int(binary.BigEndian.Uint32(ip[:])) - firstSender
	return i, i >= 0 && i < maxSenders
}

// An identity is a sender's curve25519 key. Every sender has its own Ed25519
// half, so that a node that keeps keys gains by it exactly what it would in the
// field. The X25519 half is 32 bytes of hash: it is part of the identity and
// used by nothing here, so nobody has to know its private half.
type identity struct {
	blob []byte // the public key as packets carry it
	key  ed25519.PrivateKey
}

// newIdentity derives the i-th sender's key, the same in every run.
func newIdentity(i int) identity {
	seed := sha512.Sum512(binary.BigEndian.AppendUint64([]byte("peerscope bench sender "), uint64(i)))
	key := ed25519.NewKeyFromSeed(seed[:32])
	blob := append([]byte("LibNaCLPK:"), seed[32:]...)
	return identity{append(blob, key.Public().(ed25519.PublicKey)...), key}
}

// communitiesOf are the two communities that the i-th sender is in: the
// DiscoveryCommunity, as everybody, and one of pool others.
func communitiesOf(i int) [][20]byte {
	const pool = 50
	other := sha512.Sum512(binary.BigEndian.AppendUint64([]byte("peerscope bench community "), uint64(i%pool)))
	return [][20]byte{wire.DiscoveryCommunityID, [20]byte(other[:20])}
}

// request builds the i-th sender's packet, signed where the message is.
func request(k kind, i int, port uint16, to netip.AddrPort) ([]byte, error) {
	if k == ping {
		b := wire.AppendUnsignedHeader(nil, wire.DiscoveryCommunityID, wire.PingID, globalTime(i))
		return wire.Ping{Identifier: identifier(i)}.AppendBinary(b)
	}
	p := payload(k, i, netip.AddrPortFrom(senderAddr(i), port), to)
	id := newIdentity(i)
	b := make([]byte, 0, 256)
	b, err := p.AppendBinary(wire.AppendSignedHeader(b, wire.DiscoveryCommunityID, p.ID(), id.blob, globalTime(i)))
	if err != nil {
		return nil, err
	}
	return append(b, ed25519.Sign(id.key, b)...), nil
}

// payload is what a py-ipv8 node in the sender's place would send.
func payload(k kind, i int, from, to netip.AddrPort) wire.Payload {
	if k == similarity {
		return wire.SimilarityRequest{
			Identifier: identifier(i), LANAddress: from, WANAddress: from, PreferenceList: communitiesOf(i),
		}
	}
	return wire.IntroductionRequest{
		DestinationAddress: to, SourceLANAddress: from, SourceWANAddress: from,
		Flags: wire.RequestAdvice, Identifier: identifier(i),
	}
}

// identifier comes back in the answer. It differs between neighbours, so that an
// answer to another request is noticed.
func identifier(i int) uint16 { return uint16(i * 7919) }

// globalTime is any number: nobody looks at it.
func globalTime(i int) uint64 { return uint64(i%1000 + 1) }
