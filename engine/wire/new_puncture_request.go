package wire

import "net/netip"

// NewPunctureRequest is message 232, unsigned, IPv4 or IPv6 per address (IPv8
// reference 3.3):
//
//	size     field               format
//	7 or 19  lan_walker_address  ip_address
//	7 or 19  wan_walker_address  ip_address
//	2        identifier          H
type NewPunctureRequest struct {
	LANWalkerAddress netip.AddrPort // py-ipv8 puts the introducer's own address here (Q5)
	WANWalkerAddress netip.AddrPort // whom to send the puncture to
	Identifier       uint16         // of the introduction request
}

// ID returns [NewPunctureRequestID].
func (NewPunctureRequest) ID() MessageID { return NewPunctureRequestID }

// ParseNewPunctureRequest decodes a payload. Nothing may follow the identifier.
func ParseNewPunctureRequest(payload []byte) (NewPunctureRequest, error) {
	c := cursor{rest: payload}
	p := NewPunctureRequest{
		LANWalkerAddress: c.ipAddress("lan_walker_address"),
		WANWalkerAddress: c.ipAddress("wan_walker_address"),
		Identifier:       c.uint16("identifier"),
	}
	return finish(&c, "new-puncture-request", p)
}

// AppendBinary appends the payload. It never fails.
func (p NewPunctureRequest) AppendBinary(b []byte) ([]byte, error) {
	e := encoder{b: b}
	e.ipAddress("lan_walker_address", p.LANWalkerAddress)
	e.ipAddress("wan_walker_address", p.WANWalkerAddress)
	e.uint16(p.Identifier)
	return e.end("new-puncture-request", b)
}

func (p NewPunctureRequest) describe(l *fieldList) {
	l.ipAddress("lan_walker_address", p.LANWalkerAddress)
	l.ipAddress("wan_walker_address", p.WANWalkerAddress)
	l.uint16("identifier", p.Identifier)
}
