package wire

import (
	"encoding/binary"
	"net/netip"
	"slices"
)

// cursor reads the fields of one payload in order. The first field that cannot
// be read sets err, and every later read returns zero, so that a parser checks
// once, at the end. All bounds are checked in take.
type cursor struct {
	rest  []byte
	field string // the field that err is about
	err   error
}

func (c *cursor) fail(field string, err error) {
	if c.err == nil {
		c.field, c.err, c.rest = field, err, nil
	}
}

// take returns the next n bytes, which alias the packet, or nil.
func (c *cursor) take(field string, n int) []byte {
	if c.err != nil || n > len(c.rest) {
		c.fail(field, ErrTruncated)
		return nil
	}
	b := c.rest[:n:n]
	c.rest = c.rest[n:]
	return b
}

func (c *cursor) uint8(field string) byte {
	if b := c.take(field, 1); b != nil {
		return b[0]
	}
	return 0
}

func (c *cursor) uint16(field string) uint16 {
	if b := c.take(field, 2); b != nil {
		return binary.BigEndian.Uint16(b)
	}
	return 0
}

func (c *cursor) uint32(field string) uint32 {
	if b := c.take(field, 4); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

func (c *cursor) uint64(field string) uint64 {
	if b := c.take(field, 8); b != nil {
		return binary.BigEndian.Uint64(b)
	}
	return 0
}

// id20 reads a mid or a community id.
func (c *cursor) id20(field string) (id [20]byte) {
	copy(id[:], c.take(field, 20))
	return id
}

// ipv4 reads the "ipv4" format: 4 address bytes and a port.
func (c *cursor) ipv4(field string) netip.AddrPort {
	b := c.take(field, 6)
	if b == nil {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte(b)), binary.BigEndian.Uint16(b[4:]))
}

// ipAddress reads the "ip_address" format: a type byte, then 4 or 16 address
// bytes and a port. An IPv4-mapped IPv6 address stays an IPv6 address, so that
// it is encoded again as it came.
func (c *cursor) ipAddress(field string) netip.AddrPort {
	switch kind := c.uint8(field); {
	case c.err != nil:
		return netip.AddrPort{}
	case kind == addressIPv4:
		return c.ipv4(field)
	case kind == addressIPv6:
		b := c.take(field, 18)
		if b == nil {
			return netip.AddrPort{}
		}
		return netip.AddrPortFrom(netip.AddrFrom16([16]byte(b)), binary.BigEndian.Uint16(b[16:]))
	}
	c.fail(field, ErrAddressType)
	return netip.AddrPort{}
}

// varlenH reads a u16 length and as many bytes, which alias the packet. Unlike
// py-ipv8 it refuses a length that reaches beyond the data: what py-ipv8 then
// takes for the value fails one step later (IPv8 reference 1.1).
func (c *cursor) varlenH(field string) []byte {
	return c.take(field, int(c.uint16(field)))
}

// raw copies everything that is left, nil if that is nothing.
func (c *cursor) raw() []byte {
	if len(c.rest) == 0 {
		return nil
	}
	b := slices.Clone(c.rest)
	c.rest = nil
	return b
}

// ids reads up to n items of 20 bytes. When fewer are left it takes the whole
// ones and drops a partial last one: py-ipv8 accepts such lists and keeps the
// short tail, which must never be stored as an id (IPv8 reference Q13).
func (c *cursor) ids(field string, n int) [][20]byte {
	have := len(c.rest) / 20
	short := have < n
	var ids [][20]byte
	if n = min(n, have); n > 0 {
		ids = make([][20]byte, n)
	}
	for i := range ids {
		ids[i] = c.id20(field)
	}
	if short {
		c.rest = nil
	}
	return ids
}

// finish returns p when all fields were read and nothing is left over, and a
// [FieldError] with a zero payload otherwise.
func finish[P any](c *cursor, message string, p P) (P, error) {
	if len(c.rest) != 0 {
		c.fail("end", ErrTrailing)
	}
	if c.err != nil {
		var zero P
		return zero, &FieldError{message, c.field, c.err}
	}
	return p, nil
}
