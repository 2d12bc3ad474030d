package keyvault

import (
	"math/big"
	"math/rand/v2"
	"testing"
)

// TestCurveParameters: the base point is on the curve and n times it is infinity, while n is prime, so n is its order.
func TestCurveParameters(t *testing.T) {
	forEachCurve(t, func(t *testing.T, _ KeyType, c *binaryCurve, ref *reference, _ *rand.Rand) {
		if !c.onCurve(&c.base) {
			t.Error("the base point is not on the curve")
		}
		if !c.n.ProbablyPrime(20) {
			t.Errorf("n = %x is not prime", c.n)
		}
		if p := c.doubleScalarMul(c.n, new(big.Int), &c.base); !p.z.isZero() {
			t.Errorf("n·G = %v, want infinity", c.projectiveToRef(&p))
		}
		minusOne := new(big.Int).Sub(c.n, big.NewInt(1))
		if p := c.doubleScalarMul(minusOne, big.NewInt(1), &c.base); !p.z.isZero() {
			t.Errorf("(n-1)·G + G = %v, want infinity", c.projectiveToRef(&p))
		}
	})
}

// points returns points of a curve that meet in every way: random ones, a negative, and those of small order.
func points(ref *reference, rng *rand.Rand) []*refPoint {
	p := ref.scalarMul(short(rng), ref.base)
	twice := ref.add(p, p)
	found := []*refPoint{ref.base, p, twice, {p.x, sum(p.x, p.y)}, ref.scalarMul(short(rng), ref.base)}
	for _, q := range smallPoints(ref) {
		found = append(found, q, ref.add(p, q))
	}
	return found
}

// short returns a scalar of 32 bits: the reference takes a second for a full one.
func short(rng *rand.Rand) *big.Int { return new(big.Int).SetUint64(uint64(rng.Uint32())) }

// smallPoints returns the point of order two, (0, √b), and where the cofactor is 4 the two of order four, with x = 1.
func smallPoints(ref *reference) []*refPoint {
	root := ref.b
	for range ref.m - 1 {
		root = ref.mul(root, root)
	}
	found := []*refPoint{{new(big.Int), root}}
	if ref.a.Sign() == 0 {
		one := big.NewInt(1)
		found = append(found, &refPoint{one, new(big.Int)}, &refPoint{one, one})
	}
	return found
}

func TestPointAddition(t *testing.T) {
	forEachCurve(t, func(t *testing.T, _ KeyType, c *binaryCurve, ref *reference, rng *rand.Rand) {
		all := points(ref, rng)
		for i, p := range all {
			double := c.fromRef(t, p).projective()
			c.double(&double, &double)
			if got, want := c.projectiveToRef(&double), ref.add(p, p); !got.equal(want) {
				t.Errorf("2·p%d = %v, want %v", i, got, want)
			}
			for j, q := range all {
				got := scaled(c, c.fromRef(t, p), rng)
				c.addAffine(&got, c.fromRef(t, q))
				if got, want := c.projectiveToRef(&got), ref.add(p, q); !got.equal(want) {
					t.Errorf("p%d + p%d = %v, want %v", i, j, got, want)
				}
			}
		}
	})
}

// scaled returns p with a random Z.
func scaled(c *binaryCurve, p *affine, rng *rand.Rand) (q projective) {
	q.z[0], q.z[1] = rng.Uint64()|1, rng.Uint64()
	c.mul(&q.x, &p.x, &q.z)
	c.square(&q.y, &q.z)
	c.mul(&q.y, &q.y, &p.y)
	return q
}

func TestDoubleScalarMul(t *testing.T) {
	forEachCurve(t, func(t *testing.T, _ KeyType, c *binaryCurve, ref *reference, rng *rand.Rand) {
		zero, minusOne := new(big.Int), new(big.Int).Sub(c.n, big.NewInt(1))
		negative := &refPoint{ref.base.x, sum(ref.base.x, ref.base.y)}
		for i, q := range points(ref, rng) {
			u2 := short(rng)
			multiple := ref.scalarMul(u2, q)
			tests := []struct {
				u1   *big.Int
				want *refPoint
			}{{zero, multiple}, {minusOne, ref.add(multiple, negative)}}
			for _, tt := range tests {
				p := c.doubleScalarMul(tt.u1, u2, c.fromRef(t, q))
				if got := c.projectiveToRef(&p); !got.equal(tt.want) {
					t.Errorf("%x·G + %x·p%d = %v, want %v", tt.u1, u2, i, got, tt.want)
				}
			}
		}
	})
}

// TestDoubleScalarMulLinear: u1·G + u2·(d·G) is (u1 + u2·d)·G, for more scalars than the reference has time for.
func TestDoubleScalarMulLinear(t *testing.T) {
	forEachCurve(t, func(t *testing.T, _ KeyType, c *binaryCurve, ref *reference, rng *rand.Rand) {
		for range 4 {
			u1, u2, d := ref.random(rng), ref.random(rng), ref.random(rng)
			p := c.doubleScalarMul(d, new(big.Int), &c.base)
			q := c.fromRef(t, c.projectiveToRef(&p))
			left := c.doubleScalarMul(u1, u2, q)
			k := new(big.Int).Mul(u2, d)
			k.Mod(k.Add(k, u1), c.n)
			right := c.doubleScalarMul(k, new(big.Int), &c.base)
			if got, want := c.projectiveToRef(&left), c.projectiveToRef(&right); !got.equal(want) {
				t.Errorf("%x·G + %x·%x·G = %v, want %v", u1, u2, d, got, want)
			}
		}
	})
}

// TestDigits: the digits of a window form are odd or zero, small, and add up to the number.
func TestDigits(t *testing.T) {
	forEachCurve(t, func(t *testing.T, _ KeyType, c *binaryCurve, ref *reference, rng *rand.Rand) {
		numbers := []*big.Int{new(big.Int), big.NewInt(1), big.NewInt(31), new(big.Int).Sub(c.n, big.NewInt(1))}
		for range 20 {
			numbers = append(numbers, ref.random(rng))
		}
		for _, k := range numbers {
			for _, w := range []int{keyWindow, baseWindow} {
				checkDigits(t, k, w)
			}
		}
	})
}

func checkDigits(t *testing.T, k *big.Int, w int) {
	t.Helper()
	var d digits
	length := d.set(k, w)
	got := new(big.Int)
	for i := len(d) - 1; i >= 0; i-- {
		got.Lsh(got, 1)
		got.Add(got, big.NewInt(int64(d[i])))
		if d[i] != 0 && (d[i]&1 == 0 || int(d[i]) >= 1<<(w-1) || int(d[i]) <= -1<<(w-1) || i >= length) {
			t.Errorf("digit %d of %x with window %d and length %d is %d", i, k, w, length, d[i])
		}
	}
	if got.Cmp(k) != 0 {
		t.Errorf("digits of %x with window %d add up to %x", k, w, got)
	}
}

func TestOffCurve(t *testing.T) {
	forEachCurve(t, func(t *testing.T, typ KeyType, c *binaryCurve, ref *reference, rng *rand.Rand) {
		for i, p := range points(ref, rng) {
			if err := c.publicKey(t, typ, p).Validate(); err != nil {
				t.Errorf("point %d of the curve: Validate = %v, want nil", i, err)
			}
			wrong := &refPoint{p.x, sum(p.y, big.NewInt(1))}
			if p.x.Cmp(big.NewInt(1)) == 0 {
				wrong.y = sum(p.y, big.NewInt(2)) // y+1 is the negative
			}
			if err := c.publicKey(t, typ, wrong).Validate(); err == nil {
				t.Errorf("point %d moved off the curve: Validate = nil, want ErrKey", i)
			}
		}
	})
}
