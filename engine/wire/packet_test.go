package wire

import (
	"bytes"
	"errors"
	"testing"
)

// errForeignKey marks packets whose key these tests do not know, so that they
// cannot tell where the signature starts.
var errForeignKey = errors.New("key of another form")

// keyForms are the forms of curve25519 and of the five legacy curves: the
// constant start of the blob, the length of the whole, and the length of its
// signatures (IPv8 reference 5.1 and 5.2).
var keyForms = []struct {
	prefix         string
	len, signature int
}{
	{"LibNaCLPK:", 74, 64},
	{"\x30\x40\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x01\x03\x2c\x00\x04", 66, 42},
	{"\x30\x52\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x1a\x03\x3e\x00\x04", 84, 60},
	{"\x30\x7e\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x24\x03\x6a\x00\x04", 128, 104},
	{"\x30\x81\xa7\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x27\x03\x81\x92\x00\x04", 170, 144},
	{"\x30\x81\xa7\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x26\x03\x81\x92\x00\x04", 170, 144},
}

// signatureLen stands in for the key package: 0 for keys of no known form.
func signatureLen(key []byte) int {
	for _, f := range keyForms {
		if len(key) == f.len && bytes.HasPrefix(key, []byte(f.prefix)) {
			return f.signature
		}
	}
	return 0
}

// packet is a datagram taken apart as the engine does it.
type packet struct {
	community  [20]byte
	id         MessageID
	key        []byte // nil if unsigned
	globalTime uint64
	raw        []byte // the payload's bytes
	payload    Payload
	signature  []byte
}

// parsePacket reads a datagram; payloads of the DiscoveryCommunity's 246 come
// in the layout that [ParseDiscoveryIntroductionRequest] takes them for.
func parsePacket(data []byte) (p packet, err error) {
	if p.community, p.id, err = ParseHeader(data); err != nil {
		return p, err
	}
	if !p.id.Known() {
		return p, ErrUnknown
	}
	body := data[HeaderLen:]
	if p.id.Signed() {
		var rest []byte
		if p.key, rest, err = SplitSigned(data); err != nil {
			return p, err
		}
		n := signatureLen(p.key)
		if n == 0 {
			return p, errForeignKey
		}
		if body, p.signature, err = SplitSignature(rest, n); err != nil {
			return p, err
		}
	}
	if p.globalTime, p.raw, err = ParseGlobalTime(body); err != nil {
		return p, err
	}
	p.payload, err = parseDiscovery(p.id, p.raw)
	return p, err
}

// parseDiscovery is Parse as the DiscoveryCommunity reads.
func parseDiscovery(id MessageID, payload []byte) (Payload, error) {
	if id != IntroductionRequestID {
		return Parse(id, payload)
	}
	plain, introduceTo, err := ParseDiscoveryIntroductionRequest(payload)
	if err != nil || introduceTo == nil {
		return boxed(plain, err)
	}
	return IntroductionRequest2014{payload[0], *introduceTo, plain}, nil
}

// encode builds the packet again, with the signature it came with.
func (p packet) encode(t *testing.T) []byte {
	t.Helper()
	var b []byte
	if p.key != nil {
		b = AppendSignedHeader(nil, p.community, p.id, p.key, p.globalTime)
	} else {
		b = AppendUnsignedHeader(nil, p.community, p.id, p.globalTime)
	}
	b, err := p.payload.AppendBinary(b)
	if err != nil {
		t.Fatal(err)
	}
	return append(b, p.signature...)
}

// fixedLen is the length of a payload up to its open end, which is the least
// that its parser takes.
func fixedLen(t *testing.T, p Payload) int {
	t.Helper()
	switch q := p.(type) {
	case IntroductionRequest:
		q.ExtraBytes = nil
		p = q
	case IntroductionResponse:
		q.ExtraBytes = nil
		p = q
	case NewIntroductionRequest:
		q.ExtraBytes = nil
		p = q
	case NewIntroductionResponse:
		q.ExtraBytes = nil
		p = q
	case IntroductionRequest2014:
		return 21 // shorter ones are read as plain requests
	case SimilarityRequest:
		q.PreferenceList = nil
		p = q
	case SimilarityResponse:
		return 4
	}
	b, err := p.AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	return len(b)
}
