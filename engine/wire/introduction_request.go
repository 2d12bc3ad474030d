package wire

import "net/netip"

// IntroductionRequest is message 246, signed, IPv4 only (IPv8 reference 3.2):
//
//	offset  size  field                format
//	0       6     destination_address  ipv4
//	6       6     source_lan_address   ipv4
//	12      6     source_wan_address   ipv4
//	18      1     flags                bits
//	19      2     identifier           H
//	21      ...   extra_bytes          raw
type IntroductionRequest struct {
	DestinationAddress netip.AddrPort // the receiver, as the sender addressed it
	SourceLANAddress   netip.AddrPort
	SourceWANAddress   netip.AddrPort // 0.0.0.0:0 while unknown
	Flags              IntroductionRequestFlags
	Identifier         uint16
	ExtraBytes         []byte // must be empty under DiscoveryCommunityID, see ParseDiscoveryIntroductionRequest
}

// ID returns [IntroductionRequestID].
func (IntroductionRequest) ID() MessageID { return IntroductionRequestID }

// ParseIntroductionRequest decodes a payload, which it copies from.
func ParseIntroductionRequest(payload []byte) (IntroductionRequest, error) {
	c := cursor{rest: payload}
	return finish(&c, "introduction-request", c.introductionRequest())
}

// introductionRequest reads the fields that the plain layout and the one of
// 2014 share.
func (c *cursor) introductionRequest() IntroductionRequest {
	return IntroductionRequest{
		DestinationAddress: c.ipv4("destination_address"),
		SourceLANAddress:   c.ipv4("source_lan_address"),
		SourceWANAddress:   c.ipv4("source_wan_address"),
		Flags:              IntroductionRequestFlags(c.uint8("flags")),
		Identifier:         c.uint16("identifier"),
		ExtraBytes:         c.raw(),
	}
}

// AppendBinary appends the payload. An IPv6 address is an error.
func (p IntroductionRequest) AppendBinary(b []byte) ([]byte, error) {
	e := encoder{b: b}
	e.introductionRequest(p)
	return e.end("introduction-request", b)
}

func (e *encoder) introductionRequest(p IntroductionRequest) {
	e.ipv4("destination_address", p.DestinationAddress)
	e.ipv4("source_lan_address", p.SourceLANAddress)
	e.ipv4("source_wan_address", p.SourceWANAddress)
	e.uint8(byte(p.Flags))
	e.uint16(p.Identifier)
	e.raw(p.ExtraBytes)
}

func (p IntroductionRequest) describe(l *fieldList) {
	l.ipv4("destination_address", p.DestinationAddress)
	l.ipv4("source_lan_address", p.SourceLANAddress)
	l.ipv4("source_wan_address", p.SourceWANAddress)
	l.flags(p.Flags)
	l.uint16("identifier", p.Identifier)
	l.hex("extra_bytes", p.ExtraBytes)
}
