package wire

import "net/netip"

// IntroductionResponse is message 245, signed, IPv4 only (IPv8 reference 3.2):
//
//	offset  size  field                     format
//	0       6     destination_address       ipv4
//	6       6     source_lan_address        ipv4
//	12      6     source_wan_address        ipv4
//	18      6     lan_introduction_address  ipv4
//	24      6     wan_introduction_address  ipv4
//	30      1     flags                     bits
//	31      2     identifier                H
//	33      ...   extra_bytes               raw
type IntroductionResponse struct {
	DestinationAddress     netip.AddrPort // the requester, as the responder sees it: how a node learns its WAN address
	SourceLANAddress       netip.AddrPort // of the responder
	SourceWANAddress       netip.AddrPort // of the responder
	LANIntroductionAddress netip.AddrPort // 0.0.0.0:0 for none
	WANIntroductionAddress netip.AddrPort // 0.0.0.0:0 for none
	Flags                  IntroductionResponseFlags
	Identifier             uint16 // of the request
	ExtraBytes             []byte
}

// ID returns [IntroductionResponseID].
func (IntroductionResponse) ID() MessageID { return IntroductionResponseID }

// ParseIntroductionResponse decodes a payload, which it copies from.
func ParseIntroductionResponse(payload []byte) (IntroductionResponse, error) {
	c := cursor{rest: payload}
	p := IntroductionResponse{
		DestinationAddress:     c.ipv4("destination_address"),
		SourceLANAddress:       c.ipv4("source_lan_address"),
		SourceWANAddress:       c.ipv4("source_wan_address"),
		LANIntroductionAddress: c.ipv4("lan_introduction_address"),
		WANIntroductionAddress: c.ipv4("wan_introduction_address"),
		Flags:                  IntroductionResponseFlags(c.uint8("flags")),
		Identifier:             c.uint16("identifier"),
		ExtraBytes:             c.raw(),
	}
	return finish(&c, "introduction-response", p)
}

// AppendBinary appends the payload. An IPv6 address is an error.
func (p IntroductionResponse) AppendBinary(b []byte) ([]byte, error) {
	e := encoder{b: b}
	e.ipv4("destination_address", p.DestinationAddress)
	e.ipv4("source_lan_address", p.SourceLANAddress)
	e.ipv4("source_wan_address", p.SourceWANAddress)
	e.ipv4("lan_introduction_address", p.LANIntroductionAddress)
	e.ipv4("wan_introduction_address", p.WANIntroductionAddress)
	e.uint8(byte(p.Flags))
	e.uint16(p.Identifier)
	e.raw(p.ExtraBytes)
	return e.end("introduction-response", b)
}

func (p IntroductionResponse) describe(l *fieldList) {
	l.ipv4("destination_address", p.DestinationAddress)
	l.ipv4("source_lan_address", p.SourceLANAddress)
	l.ipv4("source_wan_address", p.SourceWANAddress)
	l.ipv4("lan_introduction_address", p.LANIntroductionAddress)
	l.ipv4("wan_introduction_address", p.WANIntroductionAddress)
	l.flags(p.Flags)
	l.uint16("identifier", p.Identifier)
	l.hex("extra_bytes", p.ExtraBytes)
}
