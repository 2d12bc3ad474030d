package wire

// Ping is message 3, unsigned, of the DiscoveryCommunity (IPv8 reference 3.4):
//
//	offset  size  field       format
//	0       2     identifier  H
type Ping struct {
	Identifier uint16 // what the pong has to bring back; 65535 does not survive kotlin-ipv8 (Q29)
}

// ID returns [PingID].
func (Ping) ID() MessageID { return PingID }

// ParsePing decodes a payload. Nothing may follow the identifier.
func ParsePing(payload []byte) (Ping, error) {
	c := cursor{rest: payload}
	return finish(&c, "ping", Ping{Identifier: c.uint16("identifier")})
}

// AppendBinary appends the payload. It never fails.
func (p Ping) AppendBinary(b []byte) ([]byte, error) {
	e := encoder{b: b}
	e.uint16(p.Identifier)
	return e.end("ping", b)
}

func (p Ping) describe(l *fieldList) { l.uint16("identifier", p.Identifier) }
