package wire

import (
	"bytes"
	"encoding/hex"
	"log/slog"
	"strconv"
)

// maxKeyShown is beyond the longest key blob that any IPv8 node loads.
const maxKeyShown = 512

// Field is one field of a described packet.
type Field struct {
	Offset int    // from the start of the packet, in bytes
	Size   int    // in bytes
	Name   string // as the IPv8 reference spells it, or "undecoded" or "ignored" for bytes outside the layout
	Value  string // ready to show, at most 4 KiB; hex for bytes of no other meaning
}

// Description is a packet taken apart for people: for a packet inspector, or
// for the log of a packet that was refused. Fields covers the packet without a
// gap. However long the packet, there are at most 16 fields and 16 KiB.
type Description struct {
	Size      int    // of the packet, in bytes
	Name      string // of the message or of what else it is: "ping", "introduction-request-2014", "message-7", "beacon", "not IPv8"
	Community [20]byte
	ID        MessageID
	Key       []byte // a copy of the sender's key blob, cut at 512 bytes; nil if there is none
	Fields    []Field
	Err       error // why the rest of the packet is undecoded, nil if nothing is
}

// Describe takes packet apart. signatureLen returns the length of a key's
// signatures, 0 for a key that cannot be loaded; without it the payload of a
// signed packet stays undecoded, as only the key tells where it ends. The
// signature is not verified, so nothing that is shown is proven.
func Describe(packet []byte, signatureLen func(key []byte) int) Description {
	d := Description{Size: len(packet)}
	l := fieldList{rest: packet}
	community, id, err := ParseHeader(packet)
	if err != nil {
		d.describeForeign(&l, err)
	} else {
		d.Name, d.Community, d.ID = id.String(), community, id
		l.hex("version", packet[:2])
		l.hex("community_id", community[:])
		l.uint8("message_id", byte(id))
		d.Err = d.describeBody(&l, signatureLen)
	}
	l.hex("undecoded", l.rest)
	d.Fields = l.fields
	return d
}

// LogValue lists the fields by name, for a log line.
func (d Description) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("message", d.Name), slog.Int("size", d.Size)}
	for _, f := range d.Fields {
		attrs = append(attrs, slog.String(f.Name, f.Value))
	}
	return slog.GroupValue(attrs...)
}

// describeForeign names a datagram that is not a packet.
func (d *Description) describeForeign(l *fieldList, err error) {
	community, ok := IsBeacon(l.rest)
	if !ok {
		d.Name, d.Err = "not IPv8", err
		return
	}
	d.Name, d.Community = "beacon", community
	l.hex("beacon", l.rest[:len(beaconStart)])
	l.hex("version", l.rest[:2])
	l.hex("community_id", community[:])
}

// describeBody describes what follows the header. The low ids are messages of
// another community's own under any id but the DiscoveryCommunity's.
func (d *Description) describeBody(l *fieldList, signatureLen func(key []byte) int) error {
	if d.ID <= PongID && d.Community != DiscoveryCommunityID {
		d.Name = "message-" + strconv.Itoa(int(d.ID))
		return ErrUnknown
	}
	if !d.ID.Known() {
		return ErrUnknown
	}
	body, signature := l.rest, []byte(nil)
	if d.ID.Signed() {
		var err error
		if body, signature, err = d.describeKey(l, signatureLen); err != nil {
			return err
		}
	}
	if err := d.describePayload(l, body); err != nil {
		return err
	}
	l.hex("ignored", l.rest[:len(l.rest)-len(signature)])
	l.hex("signature", signature)
	return nil
}

// describeKey describes the key blob and cuts the signature off the rest.
func (d *Description) describeKey(l *fieldList, signatureLen func(key []byte) int) (body, signature []byte, err error) {
	c := cursor{rest: l.rest}
	key := c.varlenH("public_key")
	if c.err != nil {
		return nil, nil, &FieldError{"header", c.field, c.err}
	}
	d.Key = bytes.Clone(key[:min(len(key), maxKeyShown)])
	l.uint16("key_length", uint16(len(key)))
	l.hex("public_key", key)
	if signatureLen != nil {
		if n := signatureLen(key); n > 0 {
			return SplitSignature(c.rest, n)
		}
	}
	return nil, nil, &FieldError{"header", "public_key", ErrKey}
}

func (d *Description) describePayload(l *fieldList, body []byte) error {
	globalTime, payload, err := ParseGlobalTime(body)
	if err != nil {
		return err
	}
	l.add("global_time", strconv.FormatUint(globalTime, 10), 8)
	if d.ID == IntroductionRequestID && d.Community == DiscoveryCommunityID && len(payload) >= introduction2014Len {
		d.Name = name2014
		p, err := ParseIntroductionRequest2014(payload)
		return describe(l, p, err)
	}
	p, err := Parse(d.ID, payload)
	return describe(l, p, err)
}

func describe(l *fieldList, p Payload, err error) error {
	if err == nil {
		p.describe(l)
	}
	return err
}

// shortHex returns b in hex, cut after limit bytes.
func shortHex(b []byte, limit int) string {
	if len(b) <= limit {
		return hex.EncodeToString(b)
	}
	return hex.EncodeToString(b[:limit]) + "… (" + strconv.Itoa(len(b)) + " bytes)"
}
