package keyvault

import (
	"crypto/sha1"
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"
)

// reference computes on the same curves the slow and obvious way: field elements are big integers, points are affine, a
// nil point is infinity. It shares nothing with the code under test but the parameters, which TestCurveParameters checks.
type reference struct {
	m    int
	poly *big.Int
	a, b *big.Int
	n    *big.Int
	base *refPoint
}

type refPoint struct{ x, y *big.Int }

// refExponents are the reduction polynomials, by KeyType - Sect163K1.
var refExponents = [...][]int{{163, 7, 6, 3, 0}, {233, 74, 0}, {409, 87, 0}, {571, 10, 5, 2, 0}, {571, 10, 5, 2, 0}}

// legacyTypes are all the curves.
var legacyTypes = []KeyType{Sect163K1, Sect233K1, Sect409K1, Sect571R1, Sect571K1}

// forEachCurve runs test for each curve, with a generator that is the same at each run.
func forEachCurve(t *testing.T, test func(t *testing.T, typ KeyType, c *binaryCurve, ref *reference, rng *rand.Rand)) {
	for _, typ := range legacyTypes {
		t.Run(typ.String(), func(t *testing.T) {
			test(t, typ, sectCurve(typ), newReference(typ), rand.New(rand.NewPCG(1, uint64(typ))))
		})
	}
}

func newReference(typ KeyType) *reference {
	c := sectCurve(typ)
	r := &reference{m: c.m, poly: new(big.Int), a: new(big.Int), b: c.toBig(&c.b), n: c.n, base: c.toRef(&c.base)}
	for _, e := range refExponents[typ-Sect163K1] {
		r.poly.SetBit(r.poly, e, 1)
	}
	if c.a {
		r.a.SetInt64(1)
	}
	return r
}

func (c *binaryCurve) toBig(e *element) *big.Int { return new(big.Int).SetBytes(c.encode(e)) }

func (c *binaryCurve) toRef(p *affine) *refPoint { return &refPoint{c.toBig(&p.x), c.toBig(&p.y)} }

// fromBig returns k, below 2^m, as an element.
func (c *binaryCurve) fromBig(t testing.TB, k *big.Int) element {
	t.Helper()
	e, ok := c.parse(string(k.FillBytes(make([]byte, c.bytes))))
	if !ok {
		t.Fatalf("%x is not an element of GF(2^%d)", k, c.m)
	}
	return e
}

func (c *binaryCurve) fromRef(t testing.TB, p *refPoint) *affine {
	return &affine{c.fromBig(t, p.x), c.fromBig(t, p.y)}
}

// projectiveToRef returns p in the reference's form.
func (c *binaryCurve) projectiveToRef(p *projective) *refPoint {
	if p.z.isZero() {
		return nil
	}
	var zi element
	c.invert(&zi, &p.z)
	q := c.affine(p, &zi)
	return c.toRef(&q)
}

func (p *refPoint) String() string {
	if p == nil {
		return "infinity"
	}
	return fmt.Sprintf("(%x, %x)", p.x, p.y)
}

func (p *refPoint) equal(q *refPoint) bool {
	if p == nil || q == nil {
		return p == q
	}
	return p.x.Cmp(q.x) == 0 && p.y.Cmp(q.y) == 0
}

func sum(terms ...*big.Int) *big.Int {
	s := new(big.Int)
	for _, t := range terms {
		s.Xor(s, t)
	}
	return s
}

func (r *reference) mul(a, b *big.Int) *big.Int {
	p := new(big.Int)
	for i := b.BitLen() - 1; i >= 0; i-- {
		p.Lsh(p, 1)
		if p.Bit(r.m) == 1 {
			p.Xor(p, r.poly)
		}
		if b.Bit(i) == 1 {
			p.Xor(p, a)
		}
	}
	return p
}

// invert is the extended Euclidean algorithm for polynomials over GF(2).
func (r *reference) invert(a *big.Int) *big.Int {
	u, v := new(big.Int).Set(a), new(big.Int).Set(r.poly)
	g, h := big.NewInt(1), new(big.Int)
	for u.BitLen() > 1 {
		if u.BitLen() < v.BitLen() {
			u, v, g, h = v, u, h, g
		}
		shift := uint(u.BitLen() - v.BitLen())
		u.Xor(u, new(big.Int).Lsh(v, shift))
		g.Xor(g, new(big.Int).Lsh(h, shift))
	}
	return r.mul(g, big.NewInt(1))
}

// add is the addition of IPv8 reference 5.3.
func (r *reference) add(p, q *refPoint) *refPoint {
	switch {
	case p == nil:
		return q
	case q == nil:
		return p
	case p.x.Cmp(q.x) == 0 && (p.y.Cmp(q.y) != 0 || p.x.Sign() == 0):
		return nil
	case p.x.Cmp(q.x) == 0:
		l := sum(p.x, r.mul(p.y, r.invert(p.x)))
		x := sum(r.mul(l, l), l, r.a)
		return &refPoint{x, sum(r.mul(p.x, p.x), r.mul(sum(l, big.NewInt(1)), x))}
	}
	l := r.mul(sum(p.y, q.y), r.invert(sum(p.x, q.x)))
	x := sum(r.mul(l, l), l, p.x, q.x, r.a)
	return &refPoint{x, sum(r.mul(l, sum(p.x, x)), x, p.y)}
}

func (r *reference) scalarMul(k *big.Int, p *refPoint) (q *refPoint) {
	for i := k.BitLen() - 1; i >= 0; i-- {
		q = r.add(q, q)
		if k.Bit(i) == 1 {
			q = r.add(q, p)
		}
	}
	return q
}

// random returns a number in [1, n).
func (r *reference) random(rng *rand.Rand) *big.Int {
	b := make([]byte, (r.m+7)/8+8)
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
	k := new(big.Int).SetBytes(b)
	k.Mod(k, new(big.Int).Sub(r.n, big.NewInt(1)))
	return k.Add(k, big.NewInt(1))
}

// publicKey returns the wire form of a point.
func (c *binaryCurve) publicKey(t testing.TB, typ KeyType, p *refPoint) PublicKey {
	t.Helper()
	x, y := make([]byte, c.bytes), make([]byte, c.bytes)
	blob := slices.Concat([]byte(sectForms[typ-Sect163K1].spkiPrefix), p.x.FillBytes(x), p.y.FillBytes(y))
	key, err := ParsePublicKey(blob)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// signWith makes an ECDSA signature with the private scalar d and the nonce k, where x is the x coordinate of k·G.
func (r *reference) signWith(x, d, k *big.Int, msg []byte) []byte {
	digest := sha1.Sum(msg)
	x = new(big.Int).Mod(x, r.n)
	s := new(big.Int).Mul(x, d)
	s.Add(s, new(big.Int).SetBytes(digest[:]))
	s.Mul(s, new(big.Int).ModInverse(k, r.n))
	s.Mod(s, r.n)
	return encodeSignature(r, x, s)
}

// encodeSignature returns r‖s in the wire form; the two must fit the field length.
func encodeSignature(ref *reference, r, s *big.Int) []byte {
	n := (ref.m + 7) / 8
	return append(r.FillBytes(make([]byte, n)), s.FillBytes(make([]byte, n))...)
}
