package keyvault

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"peerscope/engine/internal/vectors"
)

// start is an arbitrary time.
var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// deviation says why we refuse a vector that leaves the choice (policy "either") and that py-ipv8 3.0 accepts, or "" if we
// accept it too. These are all our deviations:
//
//   - A public key in any spelling but its own is refused: a longer one (key-public/bad/long, der-long), compressed, on
//     another curve. The same key would have several mids, and no node sends one.
//   - A private key as PKCS#8 is refused: py-ipv8 reads it and never writes it. Bytes after a private key are ignored.
//   - A signature longer than its key type's, r and s padded with zeros (signature/*/padded-4), is refused: a packet has
//     room for that length and no other.
func deviation(t *testing.T, vec *vectors.Vector) string {
	t.Helper()
	switch vec.Kind {
	case "key-public":
		return "not the one spelling of this key"
	case "key-private":
		var f keyFields
		vec.Decode(t, vec.Fields, &f)
		if !bytes.HasPrefix(vec.Data, f.PrivateKey) {
			return "not a form that is written to key files"
		}
	case "signature":
		return "not the signature length of the key type"
	}
	return ""
}

// wantAccepted returns what we make of a vector: its policy or, where that leaves the choice, what py-ipv8 3.0 does unless
// we deviate. Malformed keys that py-ipv8 3.0 loads have the outcome "valid" and the policy to refuse them.
func wantAccepted(t *testing.T, vec *vectors.Vector) bool {
	t.Helper()
	switch vec.Policy {
	case "accept":
		return true
	case "reject":
		return false
	case "either":
		reason := deviation(t, vec)
		if reason != "" {
			t.Log("refused on purpose:", reason)
		}
		return vec.Outcome == "valid" && reason == ""
	}
	t.Fatalf("unknown policy %q", vec.Policy)
	return false
}

// keyFields are the fields of a key vector.
type keyFields struct {
	PublicKey       vectors.Hex `json:"public_key"`
	PrivateKey      vectors.Hex `json:"private_key"`
	Mid             vectors.Hex `json:"mid"`
	SignatureLength int         `json:"signature_length"`
}

// check compares a loaded key with the recorded one.
func (f *keyFields) check(t *testing.T, key PublicKey) {
	t.Helper()
	if got := key.Bytes(); !bytes.Equal(got, f.PublicKey) {
		t.Errorf("public key = %x, want %v", got, f.PublicKey)
	}
	if got := key.Mid(); !bytes.Equal(got[:], f.Mid) {
		t.Errorf("mid = %x, want %v", got, f.Mid)
	}
	if got := key.SignatureLen(); got != f.SignatureLength {
		t.Errorf("signature length = %d, want %d", got, f.SignatureLength)
	}
	if err := key.Validate(); err != nil {
		t.Errorf("Validate = %v, want nil", err)
	}
}

func TestPublicKeyVectors(t *testing.T) {
	for _, vec := range vectors.ByKind(t, "key-public") {
		t.Run(vec.Name, func(t *testing.T) {
			key, err := ParsePublicKey(vec.Data)
			if !wantAccepted(t, &vec) {
				if !errors.Is(err, ErrMalformed) {
					t.Errorf("ParsePublicKey = %v, %v, want ErrMalformed", key, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var want keyFields
			vec.Decode(t, vec.Fields, &want)
			want.check(t, key)
		})
	}
}

func TestPrivateKeyVectors(t *testing.T) {
	for _, vec := range vectors.ByKind(t, "key-private") {
		t.Run(vec.Name, func(t *testing.T) {
			key, err := ParsePrivateKey(vec.Data)
			if !wantAccepted(t, &vec) {
				if !errors.Is(err, ErrMalformed) {
					t.Errorf("ParsePrivateKey = %v, %v, want ErrMalformed", key, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var want keyFields
			vec.Decode(t, vec.Fields, &want)
			want.check(t, key.Public())
			if got := key.Bytes(); !bytes.Equal(got, want.PrivateKey) {
				t.Errorf("private key = %x, want %v", got, want.PrivateKey)
			}
			if got, want := key.CanSign(), !key.Public().Legacy(); got != want {
				t.Errorf("CanSign = %v, want %v", got, want)
			}
		})
	}
}

// TestSignatureVectors verifies every recorded signature, and makes the Ed25519 ones again.
func TestSignatureVectors(t *testing.T) {
	for _, vec := range vectors.ByKind(t, "signature") {
		t.Run(vec.Name, func(t *testing.T) {
			key, err := ParsePublicKey(vec.PublicKey)
			if err != nil {
				t.Fatal(err)
			}
			msg := vectors.Bytes(t, vec.Message)
			err = NewVerifier(VerifierConfig{}).Verify(start, key, msg, vec.Signature)
			if wantAccepted(t, &vec) {
				if err != nil {
					t.Errorf("Verify = %v, want nil", err)
				}
				checkSign(t, &vec, msg)
				return
			}
			if !errors.Is(err, ErrSignature) {
				t.Errorf("Verify = %v, want ErrSignature", err)
			}
		})
	}
}

// checkSign signs msg if the vector's key can: Ed25519 is deterministic, so the signature is the recorded one.
func checkSign(t *testing.T, vec *vectors.Vector, msg []byte) {
	t.Helper()
	if len(vec.PrivateKey) == 0 {
		return
	}
	key, err := ParsePrivateKey(vec.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	if got := key.Public().Bytes(); !bytes.Equal(got, vec.PublicKey) {
		t.Errorf("public half = %x, want %v", got, vec.PublicKey)
	}
	if !key.CanSign() {
		return
	}
	if got := key.Sign(msg); !bytes.Equal(got, vec.Signature) {
		t.Errorf("Sign = %x, want %v", got, vec.Signature)
	}
}

// TestPacketSignatureVectors takes apart every recorded packet of a signed message, as far as the key and the signature
// go, and verifies it. Packets that are malformed in their payload are correctly signed or not; only what py-ipv8 says
// about signatures is compared.
func TestPacketSignatureVectors(t *testing.T) {
	v := NewVerifier(VerifierConfig{Budget: NewBudget(BudgetConfig{PerSecond: 1e6, Burst: 1e6})})
	for _, vec := range vectors.Load(t) {
		if vec.MessageID == nil || !signedMessage(*vec.MessageID) || vec.Policy == "either" || vec.Outcome == "malformed" || vec.Outcome == "ignored" {
			continue
		}
		t.Run(vec.Name, func(t *testing.T) {
			err := verifyPacket(v, vec.Packet)
			if want := vec.Outcome == "valid"; (err == nil) != want {
				t.Errorf("verify packet = %v, want valid: %v", err, want)
			}
		})
	}
}

func signedMessage(id int) bool {
	switch id {
	case 246, 245, 249, 234, 233, 231, 1, 2:
		return true
	}
	return false
}

// verifyPacket verifies a signed packet: header of 23 bytes, key length, key, content, signature.
func verifyPacket(v *Verifier, packet []byte) error {
	if len(packet) < 25 {
		return ErrMalformed
	}
	n := int(packet[23])<<8 | int(packet[24])
	if len(packet) < 25+n {
		return ErrMalformed
	}
	key, err := ParsePublicKey(packet[25 : 25+n])
	if err != nil {
		return err
	}
	end := len(packet) - key.SignatureLen()
	if end < 25+n {
		return ErrMalformed
	}
	return v.Verify(start, key, packet[:end], packet[end:])
}
