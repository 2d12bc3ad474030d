package keyvault

import "encoding/binary"

// maxWords is the number of 64-bit words of an element of the largest field, GF(2^571).
const maxWords = 9

// element is a polynomial over GF(2) of degree below m, the coefficient of x^i in bit i%64 of word i/64. The words from
// field.words on are zero, so elements compare with ==. Addition is xor.
type element [maxWords]uint64

// field is GF(2^m) for m of 163, 233, 409 or 571, with the reduction polynomial of the SEC 2 curves (sect_reduce.go).
type field struct {
	m       int
	words   int  // 64-bit words of an element
	bytes   int  // bytes of an encoded element
	topBits uint // bits of an element in its last word
}

func newField(m int) *field {
	return &field{m: m, words: (m + 63) / 64, bytes: (m + 7) / 8, topBits: uint(m) % 64}
}

// parse reads the big-endian encoding of an element. It reports false if that has bits at or above x^m.
func (f *field) parse(b string) (e element, ok bool) {
	for i := range len(b) {
		k := len(b) - 1 - i
		e[k/8] |= uint64(b[i]) << (k % 8 * 8)
	}
	return e, e[f.words-1]>>f.topBits == 0
}

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

// product is the unreduced product of two elements.
type product [2 * maxWords]uint64

// mul sets e to a·b: a comb with a window of four bits ("left-to-right comb", Hankerson, Menezes, Vanstone: Guide to
// Elliptic Curve Cryptography, algorithm 2.36), then a reduction. The largest multiple in the table has degree m+2, which
// fits the words of an element for each of our fields.
func (f *field) mul(e, a, b *element) {
	var table [16]element
	f.multiples(&table, b)
	var c product
	if f.words == 3 {
		c.comb3(a, &table)
		f.reduce(e, &c)
		return
	}
	for shift := 60; ; shift -= 4 {
		for j, w := range a[:f.words] {
			c.addShifted(j, &table[w>>(shift&63)&15], f.words)
		}
		if shift == 0 {
			break
		}
		c.shiftLeft4(f.words)
	}
	f.reduce(e, &c)
}

// multiples fills table with u·b for the 16 polynomials u of degree below four.
func (f *field) multiples(table *[16]element, b *element) {
	table[1] = *b
	for u := 2; u < 16; u += 2 {
		var carry uint64
		for k, w := range table[u/2][:f.words] {
			v := w<<1 | carry
			carry = w >> 63
			table[u][k] = v
			table[u+1][k] = v ^ b[k]
		}
	}
}

// addShifted adds the first n words of e, 4, 7 or 9, to c from word j on. The loop is written out because this is where a
// verification spends most of its time.
func (c *product) addShifted(j int, e *element, n int) {
	d := (*element)(c[j:])
	switch n {
	case 9:
		d[8] ^= e[8]
		d[7] ^= e[7]
		fallthrough
	case 7:
		d[6] ^= e[6]
		d[5] ^= e[5]
		d[4] ^= e[4]
		fallthrough
	case 4:
		d[3] ^= e[3]
		d[2] ^= e[2]
		d[1] ^= e[1]
		d[0] ^= e[0]
	}
}

// comb3 is the comb for elements of three words with the product in registers: sect163k1 is what trackers sign with.
func (c *product) comb3(a *element, table *[16]element) {
	var c0, c1, c2, c3, c4, c5 uint64
	a0, a1, a2 := a[0], a[1], a[2]
	for range 16 {
		c5 = c5<<4 | c4>>60
		c4 = c4<<4 | c3>>60
		c3 = c3<<4 | c2>>60
		c2 = c2<<4 | c1>>60
		c1 = c1<<4 | c0>>60
		c0 = c0 << 4
		t := &table[a0>>60]
		c0 ^= t[0]
		c1 ^= t[1]
		c2 ^= t[2]
		t = &table[a1>>60]
		c1 ^= t[0]
		c2 ^= t[1]
		c3 ^= t[2]
		t = &table[a2>>60]
		c2 ^= t[0]
		c3 ^= t[1]
		c4 ^= t[2]
		a0, a1, a2 = a0<<4, a1<<4, a2<<4
	}
	c[0], c[1], c[2], c[3], c[4], c[5] = c0, c1, c2, c3, c4, c5
}

// shiftLeft4 multiplies the product of two elements of n words by x^4.
func (c *product) shiftLeft4(n int) {
	var carry uint64
	for i, w := range c[:2*n] {
		c[i] = w<<4 | carry
		carry = w >> 60
	}
}

// square sets e to a²: the bits of a with a zero between each two, reduced.
func (f *field) square(e, a *element) {
	var c product
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
