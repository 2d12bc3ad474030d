package keyvault

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/oasisprotocol/curve25519-voi/curve"
	"github.com/oasisprotocol/curve25519-voi/curve/scalar"
)

// testKey returns the key with the given first byte of seed.
func testKey(t testing.TB, n byte) PrivateKey {
	t.Helper()
	blob := append([]byte(privatePrefix), make([]byte, 64)...)
	blob[len(blob)-1] = n
	key, err := ParsePrivateKey(blob)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// keyWith returns the public key whose Ed25519 half is the given 32 bytes.
func keyWith(t testing.TB, half []byte) PublicKey {
	t.Helper()
	key, err := ParsePublicKey(slices.Concat([]byte(publicPrefix), make([]byte, 32), half))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// TestSignMatchesStandardLibrary: our signing keeps the expanded key, and gives RFC 8032's bytes all the same.
func TestSignMatchesStandardLibrary(t *testing.T) {
	rng := rand.NewChaCha8([32]byte{1})
	for i := range 200 {
		seed, msg := make([]byte, ed25519.SeedSize), make([]byte, i)
		rng.Read(seed)
		rng.Read(msg)
		key, err := ParsePrivateKey(slices.Concat([]byte(privatePrefix), make([]byte, 32), seed))
		if err != nil {
			t.Fatal(err)
		}
		want := ed25519.Sign(ed25519.NewKeyFromSeed(seed), msg)
		if got := key.Sign(msg); !bytes.Equal(got, want) {
			t.Fatalf("seed %x, message %x: Sign = %x, want %x", seed, msg, got, want)
		}
	}
}

func TestAppendSignatureToItself(t *testing.T) {
	key := testKey(t, 1)
	packet := append(make([]byte, 0, 200), "packet"...)
	signed := key.AppendSignature(packet, packet)
	if got, want := signed, append([]byte("packet"), key.Sign([]byte("packet"))...); !bytes.Equal(got, want) {
		t.Errorf("AppendSignature = %x, want %x", got, want)
	}
	if err := richVerifier().Verify(start, key.Public(), signed[:6], signed[6:]); err != nil {
		t.Errorf("Verify = %v, want nil", err)
	}
}

func TestSignWithoutKeyPanics(t *testing.T) {
	for _, key := range []PrivateKey{{}, newSectPrivate(Sect163K1, big.NewInt(1))} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("Sign with %v: no panic", key)
				}
			}()
			key.Sign(nil)
		}()
	}
}

// groupOrder is L, little-endian.
var groupOrder = mustHex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010")

// TestMalleableS: S + L is another spelling of S and refused.
func TestMalleableS(t *testing.T) {
	key := testKey(t, 1)
	msg := []byte("message")
	sig := key.Sign(msg)
	carry := 0
	for i, b := range groupOrder {
		carry += int(sig[32+i]) + int(b)
		sig[32+i] = byte(carry)
		carry >>= 8
	}
	if err := richVerifier().Verify(start, key.Public(), msg, sig); !errors.Is(err, ErrSignature) {
		t.Errorf("Verify with S + L = %v, want ErrSignature", err)
	}
}

// torsion returns the eight points of small order.
func torsion(t *testing.T) []*curve.EdwardsPoint {
	t.Helper()
	encoded := curve.CompressedEdwardsY([]byte(smallOrderY[3])) // of order 8
	var generator curve.EdwardsPoint
	if _, err := generator.SetCompressedY(&encoded); err != nil {
		t.Fatal(err)
	}
	found := make([]*curve.EdwardsPoint, 8)
	found[0] = curve.NewEdwardsPoint()
	for i := 1; i < 8; i++ {
		found[i] = curve.NewEdwardsPoint().Add(found[i-1], &generator)
	}
	return found
}

func encodePoint(p *curve.EdwardsPoint) []byte {
	var c curve.CompressedEdwardsY
	c.SetEdwardsPoint(p)
	return c[:]
}

func TestSmallOrder(t *testing.T) {
	seen := make(map[string]bool)
	for i, p := range torsion(t) {
		encoded := encodePoint(p)
		seen[string(encoded)] = true
		if !p.IsSmallOrder() || !smallOrder(encoded) {
			t.Errorf("%d times the point of order 8, %x: smallOrder = false, want true", i, encoded)
		}
		if err := keyWith(t, encoded).Validate(); !errors.Is(err, ErrKey) {
			t.Errorf("key %x: Validate = %v, want ErrKey", encoded, err)
		}
	}
	if len(seen) != 8 {
		t.Errorf("%d points of small order, want 8", len(seen))
	}
	if a := testKey(t, 1).Public().ed25519(); smallOrder(a[:]) {
		t.Error("an ordinary key is of small order")
	}
}

// TestSmallOrderKey: with such a key R = S·B verifies for every message (the standard library accepts it).
func TestSmallOrderKey(t *testing.T) {
	identity := encodePoint(torsion(t)[0])
	one := scalar.One()
	sig := append(encodePoint(curve.ED25519_BASEPOINT_POINT), make([]byte, 32)...)
	if err := one.ToBytes(sig[32:]); err != nil {
		t.Fatal(err)
	}
	if !ed25519.Verify(identity, []byte("anything"), sig) {
		t.Fatal("the standard library refuses the forged signature, so this test shows nothing")
	}
	if err := richVerifier().Verify(start, keyWith(t, identity), []byte("anything"), sig); !errors.Is(err, ErrKey) {
		t.Errorf("Verify = %v, want ErrKey", err)
	}
}

// TestSmallOrderR: who has the private key can make R the identity, with S = k·a. The equation holds, libsodium refuses.
func TestSmallOrderR(t *testing.T) {
	key := testKey(t, 1)
	a, msg := key.Public().ed25519(), []byte("message")
	identity := encodePoint(torsion(t)[0])
	var k scalar.Scalar
	hashScalar(&k, identity, a[:], msg)
	k.Mul(&k, &key.secret().signer.scalar)
	sig := append(identity, make([]byte, 32)...)
	if err := k.ToBytes(sig[32:]); err != nil {
		t.Fatal(err)
	}
	if !ed25519.Verify(a[:], msg, sig) {
		t.Fatal("the standard library refuses the signature, so this test shows nothing")
	}
	if err := richVerifier().Verify(start, key.Public(), msg, sig); !errors.Is(err, ErrSignature) {
		t.Errorf("Verify = %v, want ErrSignature", err)
	}
}

// TestCofactorless: R moved by a point of small order satisfies only the equation multiplied by the cofactor.
func TestCofactorless(t *testing.T) {
	key := testKey(t, 1)
	a, msg := key.Public().ed25519(), []byte("message")
	var r, k scalar.Scalar
	r.SetUint64(12345)
	for i, p := range torsion(t) {
		moved := curve.NewEdwardsPoint().MulBasepoint(curve.ED25519_BASEPOINT_TABLE, &r)
		sig := append(encodePoint(moved.Add(moved, p)), make([]byte, 32)...)
		hashScalar(&k, sig[:32], a[:], msg)
		k.Add(k.Mul(&k, &key.secret().signer.scalar), &r)
		if err := k.ToBytes(sig[32:]); err != nil {
			t.Fatal(err)
		}
		err := richVerifier().Verify(start, key.Public(), msg, sig)
		if accepted := err == nil; accepted != (i == 0) {
			t.Errorf("R moved by %d times the point of order 8: Verify = %v", i, err)
		}
	}
}

// TestNonCanonicalKey: p + y spells the same y; 2^255 - 19 + 3 is a point's y for instance.
func TestNonCanonicalKey(t *testing.T) {
	found := 0
	for y := range byte(19) {
		canonical := append([]byte{y}, make([]byte, 31)...)
		var p curve.EdwardsPoint
		encoded := curve.CompressedEdwardsY(canonical)
		if _, err := p.SetCompressedY(&encoded); err != nil || p.IsSmallOrder() {
			continue
		}
		found++
		if err := keyWith(t, canonical).Validate(); err != nil {
			t.Errorf("y = %d: Validate = %v, want nil", y, err)
		}
		other := append([]byte{0xed + y}, bytes.Repeat([]byte{0xff}, 31)...)
		other[31] = 0x7f
		if err := keyWith(t, other).Validate(); !errors.Is(err, ErrKey) {
			t.Errorf("y = p + %d: Validate = %v, want ErrKey", y, err)
		}
	}
	if found == 0 {
		t.Error("no y below 19 is a point")
	}
}
