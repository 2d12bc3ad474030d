package keyvault

import (
	"math/big"
	"math/rand/v2"
	"testing"
)

// elements returns the corner elements of a field (0, 1, all ones, single bits) and count random ones.
func (r *reference) elements(rng *rand.Rand, count int) []*big.Int {
	all := new(big.Int).Lsh(big.NewInt(1), uint(r.m))
	all.Sub(all, big.NewInt(1))
	found := []*big.Int{new(big.Int), big.NewInt(1), big.NewInt(2), all, new(big.Int).Lsh(big.NewInt(1), uint(r.m-1))}
	for range count {
		k := new(big.Int)
		for i := range r.m {
			k.SetBit(k, i, uint(rng.Uint32()&1))
		}
		found = append(found, k)
	}
	return found
}

func TestFieldAgainstReference(t *testing.T) {
	forEachCurve(t, func(t *testing.T, _ KeyType, c *binaryCurve, ref *reference, rng *rand.Rand) {
		elements := ref.elements(rng, 40)
		for _, a := range elements {
			ea := c.fromBig(t, a)
			var got element
			c.square(&got, &ea)
			if want := ref.mul(a, a); c.toBig(&got).Cmp(want) != 0 {
				t.Fatalf("%x squared = %x, want %x", a, c.encode(&got), want)
			}
			for _, b := range elements {
				eb := c.fromBig(t, b)
				c.mul(&got, &ea, &eb)
				if want := ref.mul(a, b); c.toBig(&got).Cmp(want) != 0 {
					t.Fatalf("%x · %x = %x, want %x", a, b, c.encode(&got), want)
				}
			}
		}
	})
}

func TestFieldInvert(t *testing.T) {
	forEachCurve(t, func(t *testing.T, _ KeyType, c *binaryCurve, ref *reference, rng *rand.Rand) {
		for _, a := range ref.elements(rng, 20) {
			e := c.fromBig(t, a)
			var got element
			c.invert(&got, &e)
			want := new(big.Int)
			if a.Sign() != 0 {
				want = ref.invert(a)
			}
			if c.toBig(&got).Cmp(want) != 0 {
				t.Fatalf("1/%x = %x, want %x", a, c.encode(&got), want)
			}
		}
	})
}

// TestFieldAliasing: results may be written over operands, which the point formulas do all the time.
func TestFieldAliasing(t *testing.T) {
	forEachCurve(t, func(t *testing.T, _ KeyType, c *binaryCurve, _ *reference, _ *rand.Rand) {
		a, b := c.base.x, c.base.y
		var product, square, inverse element
		c.mul(&product, &a, &b)
		c.square(&square, &a)
		c.invert(&inverse, &a)
		check := func(name string, got, want element) {
			if got != want {
				t.Errorf("%s over its operand = %x, want %x", name, c.encode(&got), c.encode(&want))
			}
		}
		x, y := a, b
		c.mul(&x, &x, &y)
		check("mul, first", x, product)
		x = a
		c.mul(&y, &x, &y)
		check("mul, second", y, product)
		x = a
		c.square(&x, &x)
		check("square", x, square)
		x = a
		c.invert(&x, &x)
		check("invert", x, inverse)
	})
}

func TestParseElementRange(t *testing.T) {
	forEachCurve(t, func(t *testing.T, _ KeyType, c *binaryCurve, _ *reference, _ *rand.Rand) {
		b := make([]byte, c.bytes)
		top := c.m - 1
		b[len(b)-1-top/8] = 1 << (top % 8)
		if _, ok := c.parse(string(b)); !ok {
			t.Errorf("x^%d is refused, want an element", top)
		}
		if top%8 == 7 {
			t.Fatal("this test takes the field not to fill its bytes")
		}
		b[len(b)-1-top/8] = 1 << (top%8 + 1)
		if _, ok := c.parse(string(b)); ok {
			t.Errorf("x^%d is an element, want it refused", top+1)
		}
	})
}

// TestSect163K1CheckValues are the check values of IPv8 reference 5.3.
func TestSect163K1CheckValues(t *testing.T) {
	c := sectCurve(Sect163K1)
	var got element
	check := func(name, want string) {
		t.Helper()
		if got != c.mustParse(want) {
			t.Errorf("%s = %x, want %s", name, c.encode(&got), want)
		}
	}
	c.mul(&got, &c.base.x, &c.base.y)
	check("Gx·Gy", "04d741872162b253d5a381f1f680b47e5c0ad3aa2a")
	c.invert(&got, &c.base.x)
	check("1/Gx", "063f514f39f4587684f96c8dd6558e69339a1efed9")

	p := c.base.projective()
	c.double(&p, &p)
	checkPoint := func(name, x, y string) {
		t.Helper()
		q := c.projectiveToRef(&p)
		got = c.fromBig(t, q.x)
		check(name+" x", x)
		got = c.fromBig(t, q.y)
		check(name+" y", y)
	}
	checkPoint("2G", "00cb5ca2738fe300aacfb00b42a77b828d8a5c41eb", "0229c79e9ab85f90acd3d5fa3a696664515efefa6b")
	c.addAffine(&p, &c.base)
	checkPoint("3G", "02acfcfcc9a2af8e3f2828024f820033db20f69520", "05729c47f915badc7b4c17df14e5804109ffecdfe4")
}
