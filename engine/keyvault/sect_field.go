package keyvault

import "encoding/binary"

// maxWords is the number of 64-bit words of an element of the largest field, GF(2^571).
const maxWords = 9

// element is a polynomial over GF(2) of degree below m, the coefficient of x^i in bit i%64 of word i/64. The words from
// field.words on are zero, so elements compare with ==. Addition is xor.
type element [maxWords]uint64

// field is GF(2^m) with a reduction polynomial x^m + sum of x^taps, as the SEC 2 curves define it.
type field struct {
	m     int
	words int // 64-bit words of an element
	bytes int // bytes of an encoded element
	taps  []tap
}

// tap is one lower term x^exp of the reduction polynomial, with the shifts that reducing by it takes. Replacing x^(m+k) by
// x^(exp+k) moves a word down by m-exp bits, which is the same number of words and bits for each word.
type tap struct {
	down, downBits uint // whole words and bits of m-exp
	up, upBits     uint // whole words and bits of exp
}

func newField(m int, exponents ...int) *field {
	f := &field{m: m, words: (m + 63) / 64, bytes: (m + 7) / 8}
	for _, e := range exponents {
		f.taps = append(f.taps, tap{uint(m-e) / 64, uint(m-e) % 64, uint(e) / 64, uint(e) % 64})
	}
	return f
}

// parse reads the big-endian encoding of an element. It reports false if that has bits at or above x^m.
func (f *field) parse(b string) (e element, ok bool) {
	for i := range len(b) {
		k := len(b) - 1 - i
		e[k/8] |= uint64(b[i]) << (k % 8 * 8)
	}
	return e, e[f.words-1]>>f.topBits() == 0
}

// topBits returns the number of bits that an element has in its last word.
func (f *field) topBits() uint { return uint(f.m) % 64 }

// encode returns the big-endian bytes of e, leading zero bytes included.
func (f *field) encode(e *element) []byte {
	var b [8 * maxWords]byte
	for i, w := range e {
		binary.BigEndian.PutUint64(b[8*(maxWords-1-i):], w)
	}
	return append([]byte(nil), b[len(b)-f.bytes:]...)
}

func (e *element) isZero() bool { return *e == element{} }

// add sets e to a + b, which is also a - b.
func (e *element) add(a, b *element) {
	for i := range e {
		e[i] = a[i] ^ b[i]
	}
}

// mul sets e to a·b: a comb with a window of four bits ("left-to-right comb", Hankerson, Menezes, Vanstone: Guide to
// Elliptic Curve Cryptography, algorithm 2.36), then a reduction. The largest multiple in the table has degree m+2, which
// fits the words of an element for each of our fields.
func (f *field) mul(e, a, b *element) {
	n := f.words
	var table [16 * maxWords]uint64
	f.multiples(&table, b)
	var c [2 * maxWords]uint64
	for shift := 60; ; shift -= 4 {
		for j := range n {
			u := int(a[j]>>shift&15) * n
			dst := c[j : j+n]
			for k, w := range table[u : u+n] {
				dst[k] ^= w
			}
		}
		if shift == 0 {
			break
		}
		shiftLeft4(c[:2*n])
	}
	f.reduce(e, &c)
}

// multiples fills table with u·b for the 16 polynomials u of degree below four, each of f.words words.
func (f *field) multiples(table *[16 * maxWords]uint64, b *element) {
	n := f.words
	copy(table[n:2*n], b[:n])
	for u := 2; u < 16; u += 2 {
		half, even, odd := table[u/2*n:u/2*n+n], table[u*n:u*n+n], table[(u+1)*n:(u+1)*n+n]
		var carry uint64
		for k, w := range half {
			even[k] = w<<1 | carry
			odd[k] = even[k] ^ b[k]
			carry = w >> 63
		}
	}
}

func shiftLeft4(c []uint64) {
	var carry uint64
	for i, w := range c {
		c[i] = w<<4 | carry
		carry = w >> 60
	}
}

// square sets e to a²: the bits of a with a zero between each two, reduced.
func (f *field) square(e, a *element) {
	var c [2 * maxWords]uint64
	for i := range f.words {
		c[2*i] = spread(uint32(a[i]))
		c[2*i+1] = spread(uint32(a[i] >> 32))
	}
	f.reduce(e, &c)
}

// spread puts bit i of w into bit 2i.
func spread(w uint32) uint64 {
	x := uint64(w)
	x = (x | x<<16) & 0x0000ffff0000ffff
	x = (x | x<<8) & 0x00ff00ff00ff00ff
	x = (x | x<<4) & 0x0f0f0f0f0f0f0f0f
	x = (x | x<<2) & 0x3333333333333333
	return (x | x<<1) & 0x5555555555555555
}

// squareTimes sets e to a^(2^k).
func (f *field) squareTimes(e, a *element, k int) {
	*e = *a
	for range k {
		f.square(e, e)
	}
}

// reduce sets e to c modulo the reduction polynomial. Every m-exp is at least 64, so a word never reduces into itself.
func (f *field) reduce(e *element, c *[2 * maxWords]uint64) {
	for i := 2*f.words - 1; i >= f.words; i-- {
		w := c[i]
		for _, t := range f.taps {
			k := uint(i) - t.down
			c[k] ^= w >> (t.downBits & 63)
			c[k-1] ^= w << (64 - t.downBits) // a shift by 64 gives 0
		}
	}
	last := f.words - 1
	w := c[last] >> f.topBits()
	c[last] ^= w << f.topBits()
	for _, t := range f.taps {
		c[t.up] ^= w << (t.upBits & 63)
		c[t.up+1] ^= w >> (64 - t.upBits)
	}
	*e = element{}
	copy(e[:f.words], c[:f.words])
}

// invert sets e to 1/a, which is a^(2^m - 2), by Itoh and Tsujii's chain: with b(k) = a^(2^k - 1),
// b(2k) = b(k)^(2^k)·b(k) and b(k+1) = b(k)²·a. The inverse of 0 comes out as 0.
func (f *field) invert(e, a *element) {
	b, k := *a, 1
	var t element
	for bit := topBit(f.m-1) - 1; bit >= 0; bit-- {
		f.squareTimes(&t, &b, k)
		f.mul(&b, &t, &b)
		k *= 2
		if (f.m-1)>>bit&1 == 1 {
			f.square(&t, &b)
			f.mul(&b, &t, a)
			k++
		}
	}
	f.square(e, &b)
}
