package wire

// Pong is message 4, unsigned, of the DiscoveryCommunity (IPv8 reference 3.4):
//
//	offset  size  field       format
//	0       2     identifier  H
type Pong struct {
	Identifier uint16 // of the ping
}

// ID returns [PongID].
func (Pong) ID() MessageID { return PongID }

// ParsePong decodes a payload. Nothing may follow the identifier.
func ParsePong(payload []byte) (Pong, error) {
	c := cursor{rest: payload}
	return finish(&c, "pong", Pong{Identifier: c.uint16("identifier")})
}

// AppendBinary appends the payload. It never fails.
func (p Pong) AppendBinary(b []byte) ([]byte, error) {
	e := encoder{b: b}
	e.uint16(p.Identifier)
	return e.end("pong", b)
}

func (p Pong) describe(l *fieldList) { l.uint16("identifier", p.Identifier) }
