package keyvault

import (
	"crypto/ed25519"
	"math/big"
	"strings"
	"testing"

	"peerscope/engine/internal/vectors"
)

// benchMessage is as long as the signed part of an introduction response.
var benchMessage = make([]byte, 140)

func BenchmarkParsePublicKey(b *testing.B) {
	blob := testKey(b, 1).Public().Bytes()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParsePublicKey(blob); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMid(b *testing.B) {
	key := testKey(b, 1).Public()
	b.ReportAllocs()
	for b.Loop() {
		key.Mid()
	}
}

// BenchmarkSign compares with crypto/ed25519, which expands the key for each signature.
func BenchmarkSign(b *testing.B) {
	key := testKey(b, 1)
	b.Run("keyvault", func(b *testing.B) {
		buffer := make([]byte, 0, 64)
		b.ReportAllocs()
		for b.Loop() {
			key.AppendSignature(buffer, benchMessage)
		}
	})
	b.Run("crypto-ed25519", func(b *testing.B) {
		signer := ed25519.NewKeyFromSeed(key.Bytes()[ed25519Offset:])
		b.ReportAllocs()
		for b.Loop() {
			ed25519.Sign(signer, benchMessage)
		}
	})
}

// BenchmarkVerify compares a key in the cache, one that is not (and takes another's place) and crypto/ed25519.
func BenchmarkVerify(b *testing.B) {
	keys := []PrivateKey{testKey(b, 1), testKey(b, 2)}
	sigs := [][]byte{keys[0].Sign(benchMessage), keys[1].Sign(benchMessage)}
	verify := func(b *testing.B, v *Verifier, i int) {
		if err := v.Verify(start, keys[i].Public(), benchMessage, sigs[i]); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("cached", func(b *testing.B) {
		v := NewVerifier(VerifierConfig{})
		b.ReportAllocs()
		for b.Loop() {
			verify(b, v, 0)
		}
	})
	b.Run("uncached", func(b *testing.B) {
		v := NewVerifier(VerifierConfig{Cache: NewKeyCache(1)})
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			verify(b, v, i%2)
		}
	})
	b.Run("crypto-ed25519", func(b *testing.B) {
		a := keys[0].Public().ed25519()
		b.ReportAllocs()
		for b.Loop() {
			if !ed25519.Verify(a[:], benchMessage, sigs[0]) {
				b.Fatal("bad signature")
			}
		}
	})
}

// BenchmarkVerifyWorkers has all processors verify over one cache, to show what sharing its lock costs.
func BenchmarkVerifyWorkers(b *testing.B) {
	key := testKey(b, 1)
	public, sig := key.Public(), key.Sign(benchMessage)
	cache := NewKeyCache(0)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		v := NewVerifier(VerifierConfig{Cache: cache})
		for pb.Next() {
			if err := v.Verify(start, public, benchMessage, sig); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkKeyCacheFind(b *testing.B) {
	keys, expanded := cacheKeys(b, 1)
	c := NewKeyCache(0)
	c.add(&keys[0], expanded[0])
	b.ReportAllocs()
	for b.Loop() {
		if c.find(&keys[0]) == nil {
			b.Fatal("not found")
		}
	}
}

// BenchmarkVerifyLegacy is where sectCosts come from.
func BenchmarkVerifyLegacy(b *testing.B) {
	v := richVerifier()
	for _, vec := range vectors.ByKind(b, "signature") {
		key, err := ParsePublicKey(vec.PublicKey)
		if err != nil || !key.Legacy() || !strings.HasSuffix(vec.Name, "/1") {
			continue
		}
		msg := vectors.Bytes(b, vec.Message)
		b.Run(key.Type().String(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := v.Verify(start, key, msg, vec.Signature); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkRefuseLegacy is what a legacy key costs that the budget is not asked for: one off its curve.
func BenchmarkRefuseLegacy(b *testing.B) {
	key, err := ParsePublicKey(flip(newSectPrivate(Sect571R1, big.NewInt(2)).Public().Bytes(), 169, 1))
	if err != nil {
		b.Fatal(err)
	}
	sig := make([]byte, 144)
	sig[71], sig[143] = 1, 1
	v := richVerifier()
	b.ReportAllocs()
	for b.Loop() {
		if err := v.Verify(start, key, benchMessage, sig); err == nil {
			b.Fatal("verified")
		}
	}
}

func BenchmarkField(b *testing.B) {
	for _, typ := range []KeyType{Sect163K1, Sect571R1} {
		c := sectCurve(typ)
		x, y := c.base.x, c.base.y
		b.Run(typ.String()+"/mul", func(b *testing.B) {
			for b.Loop() {
				c.mul(&x, &x, &y)
			}
		})
		b.Run(typ.String()+"/square", func(b *testing.B) {
			for b.Loop() {
				c.square(&x, &x)
			}
		})
		b.Run(typ.String()+"/invert", func(b *testing.B) {
			for b.Loop() {
				c.invert(&x, &x)
			}
		})
	}
}
