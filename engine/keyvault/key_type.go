package keyvault

import "encoding/asn1"

// KeyType says which algorithm a key belongs to. The zero value is no key.
type KeyType uint8

// The key types of IPv8 (py-ipv8 keyvault/crypto.py, security levels): Curve25519 is what everyone generates today,
// Sect163K1 is what official trackers sign with.
const (
	Curve25519 KeyType = iota + 1
	Sect163K1
	Sect233K1
	Sect409K1
	Sect571R1
	Sect571K1
)

// ed25519SignatureLen is the length of an Ed25519 signature (RFC 8032) in bytes.
const ed25519SignatureLen = 64

// String returns the name of the algorithm in lower case, as OpenSSL spells it, or "none".
func (t KeyType) String() string {
	switch {
	case t == Curve25519:
		return "curve25519"
	case t.Legacy():
		return sectForms[t-Sect163K1].name
	}
	return "none"
}

// Legacy reports whether t is one of the five binary curves.
func (t KeyType) Legacy() bool {
	return t >= Sect163K1 && t <= Sect571K1
}

// SignatureLen returns the number of signature bytes at the end of a packet signed by a key of this type: 64 for
// curve25519, twice the field length for a legacy key, 0 for no key.
func (t KeyType) SignatureLen() int {
	switch {
	case t == Curve25519:
		return ed25519SignatureLen
	case t.Legacy():
		return 2 * sectForms[t-Sect163K1].fieldLen
	}
	return 0
}

// sectForm is the constant part of a legacy key's encodings (IPv8 reference 5.2). Everything but X and Y (and, in a
// private key, the scalar) is the same for all keys of a curve, so reading one is a comparison, not ASN.1.
type sectForm struct {
	name       string
	spkiPrefix string // SubjectPublicKeyInfo up to and including the 0x04 of an uncompressed point
	oid        asn1.ObjectIdentifier
	fieldLen   int // bytes of a coordinate, and of r and of s
	scalarLen  int // bytes of a private scalar
}

// sectForms is indexed by KeyType - Sect163K1.
var sectForms = [...]sectForm{
	{"sect163k1", "\x30\x40\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x01\x03\x2c\x00\x04",
		sectOID(1), 21, 21},
	{"sect233k1", "\x30\x52\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x1a\x03\x3e\x00\x04",
		sectOID(26), 30, 29},
	{"sect409k1", "\x30\x7e\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x24\x03\x6a\x00\x04",
		sectOID(36), 52, 51},
	{"sect571r1", "\x30\x81\xa7\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x27\x03\x81\x92\x00\x04",
		sectOID(39), 72, 72},
	{"sect571k1", "\x30\x81\xa7\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x26\x03\x81\x92\x00\x04",
		sectOID(38), 72, 72},
}

// sectOID returns the identifier of a SEC 2 curve: 1.3.132.0.arc.
func sectOID(arc int) asn1.ObjectIdentifier { return asn1.ObjectIdentifier{1, 3, 132, 0, arc} }
