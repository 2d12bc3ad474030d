package keyvault

import (
	"encoding/binary"
	"math/big"
)

// The widths of the signed windows of doubleScalarMul. The base point's table (32 points) is made once, the other one
// (8 points) for each verification, where a wider window would cost more than it saves.
const (
	baseWindow = 7
	keyWindow  = 5
)

// doubleScalarMul returns u1·G + u2·q for 0 <= u1, u2 < n: one chain of doublings, into which both scalars' digits are
// added (interleaved width-w non-adjacent forms). It is variable time, and right for every point q of the curve, also
// outside the base point's subgroup: OpenSSL, and so py-ipv8, computes with such keys too.
func (c *binaryCurve) doubleScalarMul(u1, u2 *big.Int, q *affine) (sum projective) {
	var d1, d2 digits
	n1, n2 := d1.set(u1, baseWindow), d2.set(u2, keyWindow)
	var keyTable [1 << (keyWindow - 2)]affine
	c.oddMultiples(keyTable[:], q)
	for i := max(n1, n2) - 1; i >= 0; i-- {
		c.double(&sum, &sum)
		c.addDigit(&sum, c.baseTable[:], d1[i])
		c.addDigit(&sum, keyTable[:], d2[i])
	}
	return sum
}

// addDigit adds d times a point, given the table of its odd multiples.
func (c *binaryCurve) addDigit(sum *projective, table []affine, d int8) {
	switch {
	case d > 0:
		c.addAffine(sum, &table[d/2])
	case d < 0:
		negative := table[-d/2]
		negative.y.add(&negative.y, &negative.x)
		c.addAffine(sum, &negative)
	}
}

// digits is a signed-digit form, least significant first: the digits are 0 or odd and below 2^(w-1) in absolute value. It
// has room for one digit more than the bits of the largest order.
type digits [64 * maxWords]int8

// set makes d, which must be zero, the width-w non-adjacent form of k and returns its length.
func (d *digits) set(k *big.Int, w int) int {
	words := scalarWords(k)
	length, carry := 0, 0
	for i := 0; i <= k.BitLen(); {
		digit := words.window(i, w) + carry
		if digit&1 == 0 {
			i++
			continue
		}
		carry = digit >> (w - 1)
		d[i] = int8(digit - carry<<w)
		length = i + 1
		i += w
	}
	return length
}

// scalarWords returns k, of at most 576 bits, as little-endian words.
func scalarWords(k *big.Int) (words element) {
	var b [8 * maxWords]byte
	k.FillBytes(b[:])
	for i := range words {
		words[i] = binary.BigEndian.Uint64(b[8*(maxWords-1-i):])
	}
	return words
}

// window returns the w bits of e from bit i on; bits beyond the end are 0.
func (e *element) window(i, w int) int {
	bits := e[i/64] >> (i % 64)
	if i/64+1 < maxWords {
		bits |= e[i/64+1] << (64 - i%64)
	}
	return int(bits & (1<<w - 1))
}
