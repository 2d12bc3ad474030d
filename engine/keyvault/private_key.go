package keyvault

import (
	"bytes"
	"crypto/ecdh"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
)

// PrivateKey is a key that we own. The zero value is no key. Values may be copied and used by several goroutines.
type PrivateKey struct {
	public PublicKey

	// secret is a function, nil for no key, because package fmt can look through everything else: printing a struct with a
	// PrivateKey in an unexported field does not call String, and some verbs follow pointers.
	secret func() *secret
}

type secret struct {
	blob   string
	signer *ed25519Signer // nil for a legacy key
}

// newPrivateKey returns the key whose private blob is given; signer is nil for a legacy key.
func newPrivateKey(public, blob []byte, signer *ed25519Signer) PrivateKey {
	s := &secret{string(blob), signer}
	return PrivateKey{PublicKey{string(public)}, func() *secret { return s }}
}

// GenerateKey makes a new curve25519 key from 64 bytes of random; nil means crypto/rand.
func GenerateKey(random io.Reader) (PrivateKey, error) {
	if random == nil {
		random = rand.Reader
	}
	blob := make([]byte, curve25519KeyLen)
	copy(blob, privatePrefix)
	if _, err := io.ReadFull(random, blob[len(privatePrefix):]); err != nil {
		return PrivateKey{}, fmt.Errorf("generate key: %w", err)
	}
	return ParsePrivateKey(blob)
}

// ParsePrivateKey reads a private key blob, the content of a key file (IPv8 reference 5.5): "LibNaCLSK:" and 64 bytes, or
// the SEC 1 DER of a legacy key. Bytes after the key are ignored, as py-ipv8 does (a final newline is harmless), anything
// else is ErrMalformed.
func ParsePrivateKey(blob []byte) (PrivateKey, error) {
	if bytes.HasPrefix(blob, []byte(privatePrefix)) {
		return parseCurve25519(blob)
	}
	return parseSectPrivate(blob)
}

func parseCurve25519(blob []byte) (PrivateKey, error) {
	if len(blob) < curve25519KeyLen {
		return PrivateKey{}, fmt.Errorf("%w: private key of %d bytes, want %d", ErrMalformed, len(blob), curve25519KeyLen)
	}
	blob = blob[:curve25519KeyLen]
	x, err := ecdh.X25519().NewPrivateKey(blob[len(privatePrefix):ed25519Offset])
	if err != nil {
		return PrivateKey{}, fmt.Errorf("%w: X25519 half: %w", ErrMalformed, err)
	}
	signer := newEd25519Signer(blob[ed25519Offset:])
	public := append([]byte(publicPrefix), x.PublicKey().Bytes()...)
	public = append(public, signer.public[:]...)
	return newPrivateKey(public, blob, signer), nil
}

// Public returns the public half.
func (k PrivateKey) Public() PublicKey { return k.public }

// IsZero reports whether k is no key.
func (k PrivateKey) IsZero() bool { return k.secret == nil }

// Bytes returns a copy of the private key blob, as it is kept in a key file; nil for no key.
func (k PrivateKey) Bytes() []byte {
	if k.IsZero() {
		return nil
	}
	return []byte(k.secret().blob)
}

// CanSign reports whether k signs: curve25519 keys do, legacy keys do not.
func (k PrivateKey) CanSign() bool { return !k.IsZero() && k.secret().signer != nil }

// Sign returns the signature over msg, as [PrivateKey.AppendSignature] makes it.
func (k PrivateKey) Sign(msg []byte) []byte { return k.AppendSignature(nil, msg) }

// AppendSignature appends the 64 bytes of the deterministic Ed25519 signature (RFC 8032) over msg to b. msg may be b
// itself, which is how a packet is signed. It panics if k cannot sign.
func (k PrivateKey) AppendSignature(b, msg []byte) []byte {
	if !k.CanSign() {
		panic("keyvault: sign with a key for which CanSign is false")
	}
	sig := k.secret().signer.sign(msg)
	return append(b, sig[:]...)
}

// LogValue logs the public half.
func (k PrivateKey) LogValue() slog.Value { return k.public.LogValue() }

// String names the key by its type, without its secret.
func (k PrivateKey) String() string { return "private key " + k.public.Type().String() }

// GoString is String: a private key is never printed.
func (k PrivateKey) GoString() string { return k.String() }
