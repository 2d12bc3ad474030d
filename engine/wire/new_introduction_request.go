package wire

import "net/netip"

// NewIntroductionRequest is message 234, signed, IPv4 or IPv6 per address.
// Identifier and flags change places against 246 (IPv8 reference 3.3):
//
//	size     field                format
//	7 or 19  destination_address  ip_address
//	7 or 19  source_lan_address   ip_address
//	7 or 19  source_wan_address   ip_address
//	2        identifier           H
//	1        flags                bits
//	...      extra_bytes          raw
type NewIntroductionRequest struct {
	DestinationAddress netip.AddrPort // the receiver, as the sender addressed it
	SourceLANAddress   netip.AddrPort
	SourceWANAddress   netip.AddrPort // py-ipv8 puts a LAN address or 0.0.0.0:port here (Q7)
	Identifier         uint16
	Flags              IntroductionRequestFlags
	ExtraBytes         []byte
}

// ID returns [NewIntroductionRequestID].
func (NewIntroductionRequest) ID() MessageID { return NewIntroductionRequestID }

// ParseNewIntroductionRequest decodes a payload, which it copies from.
func ParseNewIntroductionRequest(payload []byte) (NewIntroductionRequest, error) {
	c := cursor{rest: payload}
	p := NewIntroductionRequest{
		DestinationAddress: c.ipAddress("destination_address"),
		SourceLANAddress:   c.ipAddress("source_lan_address"),
		SourceWANAddress:   c.ipAddress("source_wan_address"),
		Identifier:         c.uint16("identifier"),
		Flags:              IntroductionRequestFlags(c.uint8("flags")),
		ExtraBytes:         c.raw(),
	}
	return finish(&c, "new-introduction-request", p)
}

// AppendBinary appends the payload. It never fails.
func (p NewIntroductionRequest) AppendBinary(b []byte) ([]byte, error) {
	e := encoder{b: b}
	e.ipAddress("destination_address", p.DestinationAddress)
	e.ipAddress("source_lan_address", p.SourceLANAddress)
	e.ipAddress("source_wan_address", p.SourceWANAddress)
	e.uint16(p.Identifier)
	e.uint8(byte(p.Flags))
	e.raw(p.ExtraBytes)
	return e.end("new-introduction-request", b)
}

func (p NewIntroductionRequest) describe(l *fieldList) {
	l.ipAddress("destination_address", p.DestinationAddress)
	l.ipAddress("source_lan_address", p.SourceLANAddress)
	l.ipAddress("source_wan_address", p.SourceWANAddress)
	l.uint16("identifier", p.Identifier)
	l.flags(p.Flags)
	l.hex("extra_bytes", p.ExtraBytes)
}
