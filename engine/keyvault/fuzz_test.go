package keyvault

import (
	"bytes"
	"crypto/ed25519"
	"testing"

	"peerscope/engine/internal/vectors"
)

func FuzzParsePublicKey(f *testing.F) {
	for _, vec := range vectors.ByKind(f, "key-public") {
		f.Add([]byte(vec.Data))
	}
	f.Fuzz(func(t *testing.T, blob []byte) {
		key, err := ParsePublicKey(blob)
		if err != nil {
			if !key.IsZero() {
				t.Errorf("error %v with a key", err)
			}
			return
		}
		if got := key.Bytes(); !bytes.Equal(got, blob) {
			t.Errorf("key = %x, want %x", got, blob)
		}
		if key.SignatureLen() == 0 || key.Type().String() == "none" {
			t.Errorf("key of type %v has signatures of %d bytes", key.Type(), key.SignatureLen())
		}
		_ = key.Validate()
	})
}

func FuzzParsePrivateKey(f *testing.F) {
	for _, vec := range vectors.ByKind(f, "key-private") {
		f.Add([]byte(vec.Data))
	}
	f.Fuzz(func(t *testing.T, blob []byte) {
		key, err := ParsePrivateKey(blob)
		if err != nil {
			return
		}
		if err := key.Public().Validate(); err != nil {
			t.Errorf("public half of %x: %v", blob, err)
		}
		again, err := ParsePrivateKey(key.Bytes())
		if err != nil || again.Public() != key.Public() || !bytes.Equal(again.Bytes(), key.Bytes()) {
			t.Errorf("%x read again = %x, %v", key.Bytes(), again.Bytes(), err)
		}
	})
}

// FuzzVerify looks for a panic, for an Ed25519 signature that we accept and the standard library refuses (the other way
// round there are some: small order), and for an answer that depends on the cache.
func FuzzVerify(f *testing.F) {
	for _, vec := range vectors.ByKind(f, "signature") {
		f.Add([]byte(vec.PublicKey), vectors.Bytes(f, vec.Message), []byte(vec.Signature))
	}
	v := richVerifier()
	f.Fuzz(func(t *testing.T, blob, msg, sig []byte) {
		key, err := ParsePublicKey(blob)
		if err != nil {
			return
		}
		first := v.Verify(start, key, msg, sig)
		if key.Type() != Curve25519 {
			return
		}
		if second := v.Verify(start, key, msg, sig); (first == nil) != (second == nil) {
			t.Errorf("Verify = %v, then %v", first, second)
		}
		a := key.ed25519()
		if first == nil && !ed25519.Verify(a[:], msg, sig) {
			t.Error("the standard library refuses a signature that we accept")
		}
	})
}
