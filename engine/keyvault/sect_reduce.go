package keyvault

// reduce sets e to c modulo the field's reduction polynomial. c is used up.
//
// The polynomials are x^m plus a few low terms x^e, so the word of weight x^(64i) folds to x^(64i-(m-e)): down by a number
// of words and bits that depends on m-e only. Each m-e is at least 64, so no word folds into itself. At last the bits from
// x^m on in the last word fold into the lowest words; they are few enough to stay in the word they fold into.
func (f *field) reduce(e *element, c *product) {
	switch f.m {
	case 163:
		c.reduce163()
	case 233:
		c.reduce233()
	case 409:
		c.reduce409()
	case 571:
		c.reduce571()
	}
	*e = element{}
	copy(e[:f.words], c[:f.words])
}

// reduce163 reduces modulo x^163 + x^7 + x^6 + x^3 + 1.
func (c *product) reduce163() {
	for i := 5; i >= 3; i-- {
		w := c[i]
		c[i-2] ^= w>>28 ^ w>>29 ^ w>>32 ^ w>>35
		c[i-3] ^= w<<36 ^ w<<35 ^ w<<32 ^ w<<29
	}
	w := c[2] >> 35
	c[2] ^= w << 35
	c[0] ^= w ^ w<<3 ^ w<<6 ^ w<<7
}

// reduce233 reduces modulo x^233 + x^74 + 1.
func (c *product) reduce233() {
	for i := 7; i >= 4; i-- {
		w := c[i]
		c[i-2] ^= w >> 31
		c[i-3] ^= w<<33 ^ w>>41
		c[i-4] ^= w << 23
	}
	w := c[3] >> 41
	c[3] ^= w << 41
	c[0] ^= w
	c[1] ^= w << 10
}

// reduce409 reduces modulo x^409 + x^87 + 1.
func (c *product) reduce409() {
	for i := 13; i >= 7; i-- {
		w := c[i]
		c[i-5] ^= w >> 2
		c[i-6] ^= w<<62 ^ w>>25
		c[i-7] ^= w << 39
	}
	w := c[6] >> 25
	c[6] ^= w << 25
	c[0] ^= w
	c[1] ^= w << 23
}

// reduce571 reduces modulo x^571 + x^10 + x^5 + x^2 + 1.
func (c *product) reduce571() {
	for i := 17; i >= 9; i-- {
		w := c[i]
		c[i-8] ^= w>>49 ^ w>>54 ^ w>>57 ^ w>>59
		c[i-9] ^= w<<15 ^ w<<10 ^ w<<7 ^ w<<5
	}
	w := c[8] >> 59
	c[8] ^= w << 59
	c[0] ^= w ^ w<<2 ^ w<<5 ^ w<<10
}
