package wire

import "net/netip"

// PunctureRequest is message 250, unsigned, IPv4 only (IPv8 reference 3.2). It
// asks its receiver to send a puncture to the walker:
//
//	offset  size  field               format
//	0       6     lan_walker_address  ipv4
//	6       6     wan_walker_address  ipv4
//	12      2     identifier          H
type PunctureRequest struct {
	LANWalkerAddress netip.AddrPort // py-ipv8 puts the introducer's own address here (Q5)
	WANWalkerAddress netip.AddrPort // whom to send the puncture to
	Identifier       uint16         // of the introduction request
}

// ID returns [PunctureRequestID].
func (PunctureRequest) ID() MessageID { return PunctureRequestID }

// ParsePunctureRequest decodes a payload. Nothing may follow the identifier.
func ParsePunctureRequest(payload []byte) (PunctureRequest, error) {
	c := cursor{rest: payload}
	p := PunctureRequest{
		LANWalkerAddress: c.ipv4("lan_walker_address"),
		WANWalkerAddress: c.ipv4("wan_walker_address"),
		Identifier:       c.uint16("identifier"),
	}
	return finish(&c, "puncture-request", p)
}

// AppendBinary appends the payload. An IPv6 address is an error.
func (p PunctureRequest) AppendBinary(b []byte) ([]byte, error) {
	e := encoder{b: b}
	e.ipv4("lan_walker_address", p.LANWalkerAddress)
	e.ipv4("wan_walker_address", p.WANWalkerAddress)
	e.uint16(p.Identifier)
	return e.end("puncture-request", b)
}

func (p PunctureRequest) describe(l *fieldList) {
	l.ipv4("lan_walker_address", p.LANWalkerAddress)
	l.ipv4("wan_walker_address", p.WANWalkerAddress)
	l.uint16("identifier", p.Identifier)
}
