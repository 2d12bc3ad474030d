package wire

import (
	"math"
	"net/netip"
)

// SimilarityRequest is message 1, signed, of the DiscoveryCommunity (IPv8
// reference 3.4):
//
//	offset  size  field            format
//	0       2     identifier       H
//	2       6     lan_address      ipv4
//	8       6     wan_address      ipv4
//	14      1     flags            bits
//	15      20n   preference_list  raw
type SimilarityRequest struct {
	Identifier     uint16
	LANAddress     netip.AddrPort
	WANAddress     netip.AddrPort
	Flags          SimilarityRequestFlags
	PreferenceList [][20]byte // community ids of the sender's overlays; uncapped, as long as the packet
}

// ID returns [SimilarityRequestID].
func (SimilarityRequest) ID() MessageID { return SimilarityRequestID }

// ParseSimilarityRequest decodes a payload, which it copies from. A partial id
// at the end is dropped.
func ParseSimilarityRequest(payload []byte) (SimilarityRequest, error) {
	c := cursor{rest: payload}
	p := SimilarityRequest{
		Identifier:     c.uint16("identifier"),
		LANAddress:     c.ipv4("lan_address"),
		WANAddress:     c.ipv4("wan_address"),
		Flags:          SimilarityRequestFlags(c.uint8("flags")),
		PreferenceList: c.ids("preference_list", math.MaxInt),
	}
	return finish(&c, "similarity-request", p)
}

// AppendBinary appends the payload. An IPv6 address is an error.
func (p SimilarityRequest) AppendBinary(b []byte) ([]byte, error) {
	e := encoder{b: b}
	e.uint16(p.Identifier)
	e.ipv4("lan_address", p.LANAddress)
	e.ipv4("wan_address", p.WANAddress)
	e.uint8(byte(p.Flags))
	e.ids(p.PreferenceList)
	return e.end("similarity-request", b)
}

func (p SimilarityRequest) describe(l *fieldList) {
	l.uint16("identifier", p.Identifier)
	l.ipv4("lan_address", p.LANAddress)
	l.ipv4("wan_address", p.WANAddress)
	l.flags(p.Flags)
	l.ids("preference_list", p.PreferenceList, 0)
}
