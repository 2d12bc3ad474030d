package wire

import (
	"encoding/binary"
	"math"
)

const (
	// PrefixLen is the length of the prefix, in bytes: the two constant bytes
	// and the community id, by which packets are told apart.
	PrefixLen = 22
	// HeaderLen is the length of the prefix and the message id, in bytes.
	HeaderLen = PrefixLen + 1
)

// What every packet starts with.
const version0, version1 = 0x00, 0x02

// DiscoveryCommunityID is the community id under which the ids 1 to 4 are
// similarity requests and responses, pings and pongs (py-ipv8
// ipv8/peerdiscovery/community.py). It must not be changed.
var DiscoveryCommunityID = [20]byte{
	0x7e, 0x31, 0x36, 0x85, 0xc1, 0x91, 0x2a, 0x14, 0x12, 0x79,
	0xf8, 0x24, 0x8f, 0xc8, 0xdb, 0x58, 0x99, 0xc5, 0xdf, 0x5a,
}

// ParseHeader reads the first [HeaderLen] bytes of a packet. It returns
// [ErrShort] for less, and [ErrPrefix] when they are not an IPv8 header.
func ParseHeader(packet []byte) (community [20]byte, id MessageID, err error) {
	if len(packet) < HeaderLen {
		return community, 0, ErrShort
	}
	if packet[0] != version0 || packet[1] != version1 {
		return community, 0, ErrPrefix
	}
	return [20]byte(packet[2:PrefixLen]), MessageID(packet[PrefixLen]), nil
}

// SplitSigned returns the key blob of a signed packet and everything after it:
// global time, payload and signature. Both alias packet. The header must have
// been checked by [ParseHeader].
func SplitSigned(packet []byte) (key, rest []byte, err error) {
	if len(packet) < HeaderLen {
		return nil, nil, ErrShort
	}
	c := cursor{rest: packet[HeaderLen:]}
	key = c.varlenH("public_key")
	if c.err != nil {
		return nil, nil, &FieldError{"header", c.field, c.err}
	}
	return key, c.rest, nil
}

// SplitSignature cuts the last n bytes off rest, as [SplitSigned] returned it.
// n is the signature length of the packet's key. Both parts alias rest; the
// signature covers every byte of the packet before it.
func SplitSignature(rest []byte, n int) (body, signature []byte, err error) {
	if n < 0 || n > len(rest) {
		return nil, nil, &FieldError{"header", "signature", ErrTruncated}
	}
	cut := len(rest) - n
	return rest[:cut:cut], rest[cut:], nil
}

// ParseGlobalTime reads the 8 bytes in front of the payload. body is what
// [SplitSignature] returned, or everything after the header of an unsigned
// packet; payload aliases it. Nothing depends on a received global time
// (IPv8 reference 3.7).
func ParseGlobalTime(body []byte) (t uint64, payload []byte, err error) {
	c := cursor{rest: body}
	t = c.uint64("global_time")
	if c.err != nil {
		return 0, nil, &FieldError{"header", c.field, c.err}
	}
	return t, c.rest, nil
}

// AppendSignedHeader appends everything in front of the payload of a signed
// packet. key is the sender's public key blob; it panics for one of more than
// 65,535 bytes, which no key of ours has.
func AppendSignedHeader(b []byte, community [20]byte, id MessageID, key []byte, globalTime uint64) []byte {
	if len(key) > math.MaxUint16 {
		panic("wire: a key blob must fit its 16-bit length field")
	}
	b = appendHeader(b, community, id)
	b = binary.BigEndian.AppendUint16(b, uint16(len(key)))
	b = append(b, key...)
	return binary.BigEndian.AppendUint64(b, globalTime)
}

// AppendUnsignedHeader appends everything in front of the payload of an
// unsigned packet.
func AppendUnsignedHeader(b []byte, community [20]byte, id MessageID, globalTime uint64) []byte {
	b = appendHeader(b, community, id)
	return binary.BigEndian.AppendUint64(b, globalTime)
}

func appendHeader(b []byte, community [20]byte, id MessageID) []byte {
	return append(appendPrefix(b, community), byte(id))
}

func appendPrefix(b []byte, community [20]byte) []byte {
	b = append(b, version0, version1)
	return append(b, community[:]...)
}
