package wire

import "net/netip"

// NewIntroductionResponse is message 233, signed, IPv4 or IPv6 per address.
// Identifier and flags change places against 245 (IPv8 reference 3.3):
//
//	size     field                     format
//	7 or 19  destination_address       ip_address
//	7 or 19  source_lan_address        ip_address
//	7 or 19  source_wan_address        ip_address
//	7 or 19  lan_introduction_address  ip_address
//	7 or 19  wan_introduction_address  ip_address
//	2        identifier                H
//	1        flags                     bits
//	...      extra_bytes               raw
type NewIntroductionResponse struct {
	DestinationAddress     netip.AddrPort // the requester, as the responder sees it
	SourceLANAddress       netip.AddrPort // of the responder
	SourceWANAddress       netip.AddrPort // of the responder; ignore it (Q7)
	LANIntroductionAddress netip.AddrPort // 0.0.0.0:0 for none
	WANIntroductionAddress netip.AddrPort // 0.0.0.0:0 for none
	Identifier             uint16         // of the request
	Flags                  NewIntroductionResponseFlags
	ExtraBytes             []byte
}

// ID returns [NewIntroductionResponseID].
func (NewIntroductionResponse) ID() MessageID { return NewIntroductionResponseID }

// ParseNewIntroductionResponse decodes a payload, which it copies from.
func ParseNewIntroductionResponse(payload []byte) (NewIntroductionResponse, error) {
	c := cursor{rest: payload}
	p := NewIntroductionResponse{
		DestinationAddress:     c.ipAddress("destination_address"),
		SourceLANAddress:       c.ipAddress("source_lan_address"),
		SourceWANAddress:       c.ipAddress("source_wan_address"),
		LANIntroductionAddress: c.ipAddress("lan_introduction_address"),
		WANIntroductionAddress: c.ipAddress("wan_introduction_address"),
		Identifier:             c.uint16("identifier"),
		Flags:                  NewIntroductionResponseFlags(c.uint8("flags")),
		ExtraBytes:             c.raw(),
	}
	return finish(&c, "new-introduction-response", p)
}

// AppendBinary appends the payload. It never fails.
func (p NewIntroductionResponse) AppendBinary(b []byte) ([]byte, error) {
	e := encoder{b: b}
	e.ipAddress("destination_address", p.DestinationAddress)
	e.ipAddress("source_lan_address", p.SourceLANAddress)
	e.ipAddress("source_wan_address", p.SourceWANAddress)
	e.ipAddress("lan_introduction_address", p.LANIntroductionAddress)
	e.ipAddress("wan_introduction_address", p.WANIntroductionAddress)
	e.uint16(p.Identifier)
	e.uint8(byte(p.Flags))
	e.raw(p.ExtraBytes)
	return e.end("new-introduction-response", b)
}

func (p NewIntroductionResponse) describe(l *fieldList) {
	l.ipAddress("destination_address", p.DestinationAddress)
	l.ipAddress("source_lan_address", p.SourceLANAddress)
	l.ipAddress("source_wan_address", p.SourceWANAddress)
	l.ipAddress("lan_introduction_address", p.LANIntroductionAddress)
	l.ipAddress("wan_introduction_address", p.WANIntroductionAddress)
	l.uint16("identifier", p.Identifier)
	l.flags(p.Flags)
	l.hex("extra_bytes", p.ExtraBytes)
}
