package keyvault

import (
	"crypto/sha1"
	"fmt"
	"math/big"
)

// sectSignature is a legacy signature that passed every check but the costly one.
type sectSignature struct {
	curve *binaryCurve
	key   affine
	r, s  *big.Int
}

// validateSect checks that a legacy key is a point of its curve.
func validateSect(k PublicKey, t KeyType) error {
	_, err := sectPoint(k, t)
	return err
}

// sectPoint decodes a legacy key. Infinity has no encoding of this length, and any other point of the curve is taken, also
// one outside the base point's subgroup: so does OpenSSL, and so py-ipv8.
func sectPoint(k PublicKey, t KeyType) (p affine, err error) {
	c := sectCurve(t)
	x, y := k.point(t)
	var okX, okY bool
	p.x, okX = c.parse(x)
	p.y, okY = c.parse(y)
	switch {
	case !okX || !okY:
		return affine{}, fmt.Errorf("%w: %v coordinate out of range", ErrKey, t)
	case !c.onCurve(&p):
		return affine{}, fmt.Errorf("%w: point is not on %v", ErrKey, t)
	}
	return p, nil
}

// parseSect reads a signature r‖s of the right length and the key that it is for. It costs a few field operations.
func parseSect(k PublicKey, t KeyType, sig []byte) (s sectSignature, err error) {
	s.curve = sectCurve(t)
	half := len(sig) / 2
	s.r = new(big.Int).SetBytes(sig[:half])
	s.s = new(big.Int).SetBytes(sig[half:])
	if !s.curve.isScalar(s.r) || !s.curve.isScalar(s.s) {
		return s, fmt.Errorf("%w: r or s out of range", ErrSignature)
	}
	s.key, err = sectPoint(k, t)
	return s, err
}

// isScalar reports whether 0 < k < n.
func (c *binaryCurve) isScalar(k *big.Int) bool { return k.Sign() > 0 && k.Cmp(c.n) < 0 }

// verify reports whether s signs msg: ECDSA with SHA-1, whose 160 bits are below every order here and so not truncated
// (IPv8 reference 5.2).
func (s *sectSignature) verify(msg []byte) bool {
	digest := sha1.Sum(msg)
	c := s.curve
	w := new(big.Int).ModInverse(s.s, c.n)
	u1 := new(big.Int).SetBytes(digest[:])
	u1.Mod(u1.Mul(u1, w), c.n)
	u2 := w.Mod(w.Mul(w, s.r), c.n)
	p := c.doubleScalarMul(u1, u2, &s.key)
	if p.z.isZero() {
		return false
	}
	var x element
	c.invert(&x, &p.z)
	c.mul(&x, &x, &p.x)
	v := new(big.Int).SetBytes(c.encode(&x))
	return v.Mod(v, c.n).Cmp(s.r) == 0
}
