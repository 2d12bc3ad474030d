package keyvault

import (
	"crypto/sha1"
	"fmt"
	"log/slog"
)

const (
	publicPrefix  = "LibNaCLPK:"
	privatePrefix = "LibNaCLSK:"

	// curve25519KeyLen is the length of both curve25519 blobs: a prefix of 10, an X25519 half and an Ed25519 half of 32.
	curve25519KeyLen = 10 + 32 + 32
	ed25519Offset    = 10 + 32

	// maxPublicKeyLen is the length of the longest form, a sect571 key.
	maxPublicKeyLen = 26 + 2*72
)

// PublicKey is a public key in its wire form. It is comparable: two values are equal when the keys are, which is when the
// peers are (IPv8 reference 5.4). The zero value is no key.
type PublicKey struct {
	blob string
}

// ParsePublicKey reads the key blob of a packet. It accepts exactly 74 bytes that start with "LibNaCLPK:" and the five
// SubjectPublicKeyInfo forms of a legacy key with an uncompressed point, and copies the blob. Anything else, including
// the longer, shorter, compressed and PEM spellings that py-ipv8 loads, is ErrMalformed.
//
// It checks the form only: whether a legacy point is on its curve costs a field inversion's worth of work, so that is
// found out by [PublicKey.Validate] or by verifying a signature.
func ParsePublicKey(blob []byte) (PublicKey, error) {
	if keyTypeOf(blob) == 0 {
		return PublicKey{}, fmt.Errorf("%w: public key of %d bytes in no known form", ErrMalformed, len(blob))
	}
	return PublicKey{string(blob)}, nil
}

// keyTypeOf recognises a public key blob by its length and constant prefix, 0 for none.
func keyTypeOf[B ~string | ~[]byte](blob B) KeyType {
	if len(blob) == curve25519KeyLen {
		if string(blob[:len(publicPrefix)]) == publicPrefix {
			return Curve25519
		}
		return 0
	}
	for i := range sectForms {
		f := &sectForms[i]
		if len(blob) == len(f.spkiPrefix)+2*f.fieldLen && string(blob[:len(f.spkiPrefix)]) == f.spkiPrefix {
			return Sect163K1 + KeyType(i)
		}
	}
	return 0
}

// Type returns the key's algorithm, 0 for the zero key.
func (k PublicKey) Type() KeyType { return keyTypeOf(k.blob) }

// IsZero reports whether k is no key.
func (k PublicKey) IsZero() bool { return k.blob == "" }

// Legacy reports whether k is a key of one of the five binary curves, whose signatures are costly to verify.
func (k PublicKey) Legacy() bool { return k.Type().Legacy() }

// SignatureLen returns the length in bytes of this key's signatures.
func (k PublicKey) SignatureLen() int { return k.Type().SignatureLen() }

// Len returns the length of the wire form in bytes.
func (k PublicKey) Len() int { return len(k.blob) }

// Mid returns the identity of the key's owner: SHA-1 of the wire form. It is computed at each call.
func (k PublicKey) Mid() [20]byte {
	var buffer [maxPublicKeyLen]byte // a conversion of the string would be allocated
	return sha1.Sum(buffer[:copy(buffer[:], k.blob)])
}

// Bytes returns a copy of the wire form.
func (k PublicKey) Bytes() []byte { return []byte(k.blob) }

// AppendBytes appends the wire form to b.
func (k PublicKey) AppendBytes(b []byte) []byte { return append(b, k.blob...) }

// String returns the wire form as a string of bytes, for use as a map key. It is not readable text.
func (k PublicKey) String() string { return k.blob }

// LogValue logs the key as its type and the first four bytes of its mid, in hex.
func (k PublicKey) LogValue() slog.Value {
	mid := k.Mid()
	return slog.StringValue(fmt.Sprintf("%v %x", k.Type(), mid[:4]))
}

// Validate checks what [ParsePublicKey] leaves out: that an Ed25519 half is a canonical point that is not of small order
// (libsodium's rule), and that a legacy point is on its curve and not infinity. It returns nil or ErrKey. A legacy key
// costs a few microseconds.
func (k PublicKey) Validate() error {
	switch t := k.Type(); {
	case t == Curve25519:
		a := k.ed25519()
		_, err := expandEd25519(&a)
		return err
	case t.Legacy():
		return validateSect(k, t)
	}
	return fmt.Errorf("%w: no key", ErrKey)
}

// ed25519 returns the half of a curve25519 key that verifies.
func (k PublicKey) ed25519() (half [32]byte) {
	copy(half[:], k.blob[ed25519Offset:])
	return half
}

// point returns the X and Y of a legacy key, of equal length.
func (k PublicKey) point(t KeyType) (x, y string) {
	f := &sectForms[t-Sect163K1]
	xy := k.blob[len(f.spkiPrefix):]
	return xy[:f.fieldLen], xy[f.fieldLen:]
}
