package wire

import "net/netip"

// NewPuncture is message 231, signed, IPv4 or IPv6 per address (IPv8 reference
// 3.3):
//
//	size     field               format
//	7 or 19  source_lan_address  ip_address
//	7 or 19  source_wan_address  ip_address
//	2        identifier          H
type NewPuncture struct {
	SourceLANAddress netip.AddrPort // of the sender
	SourceWANAddress netip.AddrPort // py-ipv8 puts the walker's address here; ignore it (Q6)
	Identifier       uint16         // of the puncture request
}

// ID returns [NewPunctureID].
func (NewPuncture) ID() MessageID { return NewPunctureID }

// ParseNewPuncture decodes a payload. Nothing may follow the identifier.
func ParseNewPuncture(payload []byte) (NewPuncture, error) {
	c := cursor{rest: payload}
	p := NewPuncture{
		SourceLANAddress: c.ipAddress("source_lan_address"),
		SourceWANAddress: c.ipAddress("source_wan_address"),
		Identifier:       c.uint16("identifier"),
	}
	return finish(&c, "new-puncture", p)
}

// AppendBinary appends the payload. It never fails.
func (p NewPuncture) AppendBinary(b []byte) ([]byte, error) {
	e := encoder{b: b}
	e.ipAddress("source_lan_address", p.SourceLANAddress)
	e.ipAddress("source_wan_address", p.SourceWANAddress)
	e.uint16(p.Identifier)
	return e.end("new-puncture", b)
}

func (p NewPuncture) describe(l *fieldList) {
	l.ipAddress("source_lan_address", p.SourceLANAddress)
	l.ipAddress("source_wan_address", p.SourceWANAddress)
	l.uint16("identifier", p.Identifier)
}
