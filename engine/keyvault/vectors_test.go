package keyvault

import (
	"errors"
	"testing"
	"time"

	"peerscope/engine/internal/vectors"
)

// start is an arbitrary time for tests.
var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// TestSignatureVectors verifies every recorded signature. Signatures whose policy is "either" have r and s padded to a
// wider equal length; inside a packet that cannot happen, and only the length that the key type has is a signature to us.
func TestSignatureVectors(t *testing.T) {
	for _, vec := range vectors.ByKind(t, "signature") {
		t.Run(vec.Name, func(t *testing.T) {
			key, err := ParsePublicKey(vec.PublicKey)
			if err != nil {
				t.Fatal(err)
			}
			v := NewVerifier(VerifierConfig{})
			err = v.Verify(start, key, vectors.Bytes(t, vec.Message), vec.Signature)
			if vec.Policy == "accept" {
				if err != nil {
					t.Errorf("Verify = %v, want nil", err)
				}
				return
			}
			if !errors.Is(err, ErrSignature) {
				t.Errorf("Verify = %v, want ErrSignature", err)
			}
		})
	}
}
