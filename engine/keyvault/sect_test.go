package keyvault

import (
	"bytes"
	"encoding/asn1"
	"encoding/json"
	"errors"
	"math/big"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"peerscope/engine/internal/vectors"
)

// richVerifier returns a Verifier whose budget no test spends.
func richVerifier() *Verifier {
	return NewVerifier(VerifierConfig{Budget: NewBudget(BudgetConfig{PerSecond: 1e9, Burst: 1e9})})
}

// TestSignAndVerify signs with random keys, by the reference's arithmetic modulo n, and changes the signature in every way
// that must not verify and in the one that does.
func TestSignAndVerify(t *testing.T) {
	forEachCurve(t, func(t *testing.T, typ KeyType, c *binaryCurve, ref *reference, rng *rand.Rand) {
		d := ref.random(rng)
		key := newSectPrivate(typ, d).Public()
		msg := []byte("an introduction response")
		sig := c.fastSign(ref, d, ref.random(rng), msg)
		n := c.bytes
		r, s := new(big.Int).SetBytes(sig[:n]), new(big.Int).SetBytes(sig[n:])
		negated := new(big.Int).Sub(c.n, s)
		zero := new(big.Int)

		tests := []struct {
			name string
			msg  []byte
			sig  []byte
			want error
		}{
			{"as signed", msg, sig, nil},
			{"negated s", msg, encodeSignature(ref, r, negated), nil},
			{"other message", append([]byte("x"), msg...), sig, ErrSignature},
			{"swapped", msg, encodeSignature(ref, s, r), ErrSignature},
			{"r zero", msg, encodeSignature(ref, zero, s), ErrSignature},
			{"s zero", msg, encodeSignature(ref, r, zero), ErrSignature},
			{"r is n", msg, encodeSignature(ref, c.n, s), ErrSignature},
			{"s is n", msg, encodeSignature(ref, r, c.n), ErrSignature},
			{"all ones", msg, bytes.Repeat([]byte{0xff}, 2*n), ErrSignature},
			{"short", msg, sig[:2*n-1], ErrSignature},
			{"long", msg, append([]byte{0}, sig...), ErrSignature},
			{"empty", msg, nil, ErrSignature},
		}
		v := richVerifier()
		for _, tt := range tests {
			if got := v.Verify(start, key, tt.msg, tt.sig); !errors.Is(got, tt.want) {
				t.Errorf("%s: Verify = %v, want %v", tt.name, got, tt.want)
			}
		}
	})
}

// fastSign is reference.sign with the base point multiplied by the code under test, which is faster.
func (c *binaryCurve) fastSign(ref *reference, d, k *big.Int, msg []byte) []byte {
	p := c.doubleScalarMul(k, new(big.Int), &c.base)
	return ref.signWith(c.projectiveToRef(&p).x, d, k, msg)
}

// TestWrongKey: a signature does not verify with another key, nor a key of another curve or kind.
func TestWrongKey(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	c, ref := sectCurve(Sect163K1), newReference(Sect163K1)
	d := ref.random(rng)
	msg := []byte("message")
	sig := c.fastSign(ref, d, ref.random(rng), msg)
	nacl, err := GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	others := []PublicKey{newSectPrivate(Sect163K1, ref.random(rng)).Public(), newSectPrivate(Sect233K1, d).Public(), nacl.Public()}
	v := richVerifier()
	for _, key := range others {
		if err := v.Verify(start, key, msg, sig); !errors.Is(err, ErrSignature) {
			t.Errorf("Verify with another %v key = %v, want ErrSignature", key.Type(), err)
		}
	}
	if err := v.Verify(start, PublicKey{}, msg, sig); !errors.Is(err, ErrKey) {
		t.Errorf("Verify with no key = %v, want ErrKey", err)
	}
}

// TestOutOfRangeCostsNoBudget: r or s of 0 or at least n is refused before the budget is touched.
func TestOutOfRangeCostsNoBudget(t *testing.T) {
	c, ref := sectCurve(Sect163K1), newReference(Sect163K1)
	key := newSectPrivate(Sect163K1, big.NewInt(2)).Public()
	budget := NewBudget(BudgetConfig{})
	v := NewVerifier(VerifierConfig{Budget: budget})
	for _, bad := range []*big.Int{new(big.Int), c.n, new(big.Int).Add(c.n, big.NewInt(1))} {
		for _, sig := range [][]byte{encodeSignature(ref, bad, big.NewInt(1)), encodeSignature(ref, big.NewInt(1), bad)} {
			if err := v.Verify(start, key, nil, sig); !errors.Is(err, ErrSignature) {
				t.Errorf("signature %x: Verify = %v, want ErrSignature", sig, err)
			}
		}
	}
	if budget.tokens != DefaultBudgetBurst {
		t.Errorf("budget = %v, want %v", budget.tokens, DefaultBudgetBurst)
	}
}

// TestOffCurveKey: a key that is no point is refused before the budget is touched.
func TestOffCurveKey(t *testing.T) {
	forEachCurve(t, func(t *testing.T, typ KeyType, c *binaryCurve, ref *reference, rng *rand.Rand) {
		d := ref.random(rng)
		msg := []byte("message")
		sig := c.fastSign(ref, d, ref.random(rng), msg)
		good := newSectPrivate(typ, d).Public().Bytes()
		budget := NewBudget(BudgetConfig{})
		v := NewVerifier(VerifierConfig{Budget: budget})
		coordinates := len(good) - 2*c.bytes
		bad := map[string][]byte{
			"off curve": flip(good, len(good)-1, 1),
			"x too big": flip(good, coordinates, 0x80),
			"y too big": flip(good, coordinates+c.bytes, 0x80),
			"zero":      append(good[:coordinates:coordinates], make([]byte, 2*c.bytes)...),
		}
		for name, blob := range bad {
			key, err := ParsePublicKey(blob)
			if err != nil {
				t.Fatal(err)
			}
			if err := key.Validate(); !errors.Is(err, ErrKey) {
				t.Errorf("%s: Validate = %v, want ErrKey", name, err)
			}
			if err := v.Verify(start, key, msg, sig); !errors.Is(err, ErrKey) {
				t.Errorf("%s: Verify = %v, want ErrKey", name, err)
			}
		}
		if budget.tokens != DefaultBudgetBurst {
			t.Errorf("budget after invalid keys = %v, want %v", budget.tokens, DefaultBudgetBurst)
		}
	})
}

// flip returns b with the bits of mask changed in byte i.
func flip(b []byte, i int, mask byte) []byte {
	b = bytes.Clone(b)
	b[i] ^= mask
	return b
}

// TestOffSubgroupKeys: OpenSSL, and so py-ipv8, verifies with any point of the curve, also one of small order. The recorded
// signatures are valid only by the exact sum u1·G + u2·Q.
func TestOffSubgroupKeys(t *testing.T) {
	data, err := os.ReadFile("testdata/off_subgroup.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Cases []struct {
			Curve, Point       string
			PublicKey          vectors.Hex `json:"public_key"`
			Message, Signature vectors.Hex
			Valid              bool
		}
	}
	if err := json.Unmarshal(data, &file); err != nil || len(file.Cases) == 0 {
		t.Fatalf("%d cases, %v", len(file.Cases), err)
	}
	v := NewVerifier(VerifierConfig{})
	for i, c := range file.Cases {
		t.Run(c.Curve+"/"+c.Point, func(t *testing.T) {
			key, err := ParsePublicKey(c.PublicKey)
			if err != nil {
				t.Fatal(err)
			}
			err = v.Verify(start.Add(time.Duration(i)*time.Second), key, c.Message, c.Signature)
			if c.Valid && err != nil {
				t.Errorf("Verify = %v, want nil", err)
			}
			if !c.Valid && !errors.Is(err, ErrSignature) {
				t.Errorf("Verify = %v, want ErrSignature", err)
			}
		})
	}
}

func TestLegacyPrivateKeys(t *testing.T) {
	forEachCurve(t, func(t *testing.T, typ KeyType, c *binaryCurve, ref *reference, rng *rand.Rand) {
		minusOne := new(big.Int).Sub(c.n, big.NewInt(1))
		for _, d := range []*big.Int{big.NewInt(1), big.NewInt(2), minusOne, ref.random(rng)} {
			key := newSectPrivate(typ, d)
			read, err := ParsePrivateKey(key.Bytes())
			if err != nil {
				t.Fatalf("ParsePrivateKey of scalar %x: %v", d, err)
			}
			if got, want := read.Bytes(), key.Bytes(); !bytes.Equal(got, want) {
				t.Errorf("written back = %x, want %x", got, want)
			}
			if read.Public() != key.Public() || read.CanSign() {
				t.Errorf("key = %v, CanSign %v, want %v, false", read, read.CanSign(), key)
			}
		}
	})
}

// TestLegacyPrivateKeyWithoutPublicHalf: the field is optional in SEC 1, and written back.
func TestLegacyPrivateKeyWithoutPublicHalf(t *testing.T) {
	want := newSectPrivate(Sect163K1, big.NewInt(2))
	short, err := asn1.Marshal(struct {
		Version int
		Scalar  []byte
		Curve   asn1.ObjectIdentifier `asn1:"explicit,tag:0"`
	}{1, []byte{2}, sectOID(1)})
	if err != nil {
		t.Fatal(err)
	}
	got, err := ParsePrivateKey(short)
	if err != nil || got.Public() != want.Public() || !bytes.Equal(got.Bytes(), want.Bytes()) {
		t.Errorf("ParsePrivateKey = %x, %v, want %x", got.Bytes(), err, want.Bytes())
	}
}

func TestLegacyPrivateKeyRefused(t *testing.T) {
	good := newSectPrivate(Sect163K1, big.NewInt(2)).Bytes()
	scalar := 7 // offset
	if good[scalar+20] != 2 {
		t.Fatalf("scalar is not where it is expected in %x", good)
	}
	zero := flip(good, scalar+20, 2)
	aboveN := bytes.Clone(good) // n + 2 has the same public half as 2
	new(big.Int).Add(sectCurve(Sect163K1).n, big.NewInt(2)).FillBytes(aboveN[scalar : scalar+21])
	tests := map[string][]byte{
		"public half of another scalar": flip(good, scalar+20, 1),
		"scalar zero":                   zero,
		"scalar above n":                aboveN,
		"version":                       flip(good, 4, 3),
		"other curve":                   flip(good, bytes.Index(good, []byte{0x2b, 0x81, 0x04})+4, 0x40),
		"truncated":                     good[:len(good)-1],
		"no sequence":                   flip(good, 0, 1),
	}
	for name, blob := range tests {
		if key, err := ParsePrivateKey(blob); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: ParsePrivateKey = %v, %v, want ErrMalformed", name, key, err)
		}
	}
}
