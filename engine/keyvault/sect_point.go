package keyvault

// affine is a point (x, y) of a curve, never infinity.
type affine struct {
	x, y element
}

// projective is a point in López-Dahab coordinates: x = X/Z, y = Y/Z². Z = 0 is the point at infinity.
type projective struct {
	x, y, z element
}

var one = element{1}

func (p *affine) projective() projective { return projective{p.x, p.y, one} }

// onCurve reports whether y² + xy = x³ + ax² + b.
func (c *binaryCurve) onCurve(p *affine) bool {
	var left, right element
	left.add(&p.x, &p.y)
	c.mul(&left, &left, &p.y) // y(x + y)
	xa := p.x
	if c.a {
		xa[0] ^= 1
	}
	c.square(&right, &p.x)
	c.mul(&right, &right, &xa) // x²(x + a)
	right.add(&right, &c.b)
	return left == right
}

// double sets p to 2q (Guide to Elliptic Curve Cryptography, algorithm 3.24). It holds for infinity, and for the point
// with x = 0, whose double is infinity.
func (c *binaryCurve) double(p, q *projective) {
	var x2, z2, bz4, t element
	c.square(&x2, &q.x)
	c.square(&z2, &q.z)
	c.square(&bz4, &z2)
	if !c.koblitz {
		c.mul(&bz4, &bz4, &c.b)
	}
	c.square(&t, &q.y)
	c.mul(&p.z, &x2, &z2)
	c.square(&p.x, &x2)
	p.x.add(&p.x, &bz4)
	t.add(&t, &bz4)
	if c.a {
		t.add(&t, &p.z)
	}
	c.mul(&t, &t, &p.x)
	c.mul(&bz4, &bz4, &p.z)
	p.y.add(&t, &bz4)
}

// addAffine sets p to p + q (the same book, algorithm 3.25), whatever the two are.
func (c *binaryCurve) addAffine(p *projective, q *affine) {
	if p.z.isZero() {
		*p = q.projective()
		return
	}
	var z2, a, b, t, d element
	c.square(&z2, &p.z)
	c.mul(&a, &q.y, &z2)
	a.add(&a, &p.y) // A = y2·Z² + Y
	c.mul(&b, &q.x, &p.z)
	b.add(&b, &p.x) // B = x2·Z + X
	if b.isZero() {
		c.addSameX(p, q, a.isZero())
		return
	}
	c.mul(&t, &p.z, &b) // C = B·Z
	c.square(&p.z, &t)  // Z3 = C²
	c.square(&b, &b)
	c.mul(&d, &a, &t) // A·C
	if c.a {
		b.add(&b, &t)
	}
	b.add(&b, &a)
	c.mul(&b, &b, &t) // C·(A + B² + aC)
	c.square(&p.x, &a)
	p.x.add(&p.x, &b) // X3 = A² + C·(A + B² + aC)

	d.add(&d, &p.z)       // A·C + Z3
	c.mul(&t, &q.x, &p.z) // D = x2·Z3
	t.add(&t, &p.x)
	c.mul(&t, &t, &d)
	c.square(&z2, &p.z)
	a.add(&q.x, &q.y)
	c.mul(&a, &a, &z2)
	p.y.add(&t, &a) // Y3 = (D + X3)·(A·C + Z3) + (x2 + y2)·Z3²
}

// addSameX finishes p + q when the two have the same x: they are equal, or each other's negative.
func (c *binaryCurve) addSameX(p *projective, q *affine, equal bool) {
	if !equal {
		*p = projective{}
		return
	}
	t := q.projective()
	c.double(p, &t)
}

// oddMultiples fills table with q, 3q, 5q and so on. For a point of the curve none of them is infinity: its order divides
// h·n with h 2 or 4, so an odd multiple below n vanishes only for infinity itself. 2q does, for the point of order two.
func (c *binaryCurve) oddMultiples(table []affine, q *affine) {
	var twice projective
	p := q.projective()
	c.double(&twice, &p)
	if twice.z.isZero() {
		for i := range table {
			table[i] = *q
		}
		return
	}
	var zi element
	c.invert(&zi, &twice.z)
	step := c.affine(&twice, &zi)
	multiples := make([]projective, len(table))
	multiples[0] = p
	for i := 1; i < len(table); i++ {
		multiples[i] = multiples[i-1]
		c.addAffine(&multiples[i], &step)
	}
	c.normalise(table, multiples)
}

// normalise sets table to points, none of them infinity, with one inversion for all (Montgomery's trick).
func (c *binaryCurve) normalise(table []affine, points []projective) {
	products := make([]element, len(points)) // products[i] is Z0·...·Zi
	products[0] = points[0].z
	for i := 1; i < len(points); i++ {
		c.mul(&products[i], &products[i-1], &points[i].z)
	}
	var rest, zi element // rest is 1/products[i]
	c.invert(&rest, &products[len(points)-1])
	for i := len(points) - 1; i > 0; i-- {
		c.mul(&zi, &rest, &products[i-1])
		c.mul(&rest, &rest, &points[i].z)
		table[i] = c.affine(&points[i], &zi)
	}
	table[0] = c.affine(&points[0], &rest)
}

// affine returns p in affine coordinates, given 1/Z.
func (c *binaryCurve) affine(p *projective, zi *element) (q affine) {
	c.mul(&q.x, &p.x, zi)
	c.square(&q.y, zi)
	c.mul(&q.y, &q.y, &p.y)
	return q
}
