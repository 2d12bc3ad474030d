package wire

import "net/netip"

// Puncture is message 249, signed, IPv4 only (IPv8 reference 3.2). It opens the
// sender's NAT for the walker:
//
//	offset  size  field               format
//	0       6     source_lan_address  ipv4
//	6       6     source_wan_address  ipv4
//	12      2     identifier          H
type Puncture struct {
	SourceLANAddress netip.AddrPort // of the sender
	SourceWANAddress netip.AddrPort // py-ipv8 puts the walker's address here; ignore it (Q6)
	Identifier       uint16         // of the puncture request
}

// ID returns [PunctureID].
func (Puncture) ID() MessageID { return PunctureID }

// ParsePuncture decodes a payload. Nothing may follow the identifier.
func ParsePuncture(payload []byte) (Puncture, error) {
	c := cursor{rest: payload}
	p := Puncture{
		SourceLANAddress: c.ipv4("source_lan_address"),
		SourceWANAddress: c.ipv4("source_wan_address"),
		Identifier:       c.uint16("identifier"),
	}
	return finish(&c, "puncture", p)
}

// AppendBinary appends the payload. An IPv6 address is an error.
func (p Puncture) AppendBinary(b []byte) ([]byte, error) {
	e := encoder{b: b}
	e.ipv4("source_lan_address", p.SourceLANAddress)
	e.ipv4("source_wan_address", p.SourceWANAddress)
	e.uint16(p.Identifier)
	return e.end("puncture", b)
}

func (p Puncture) describe(l *fieldList) {
	l.ipv4("source_lan_address", p.SourceLANAddress)
	l.ipv4("source_wan_address", p.SourceWANAddress)
	l.uint16("identifier", p.Identifier)
}
