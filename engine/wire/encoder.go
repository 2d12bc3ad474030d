package wire

import (
	"encoding/binary"
	"math"
	"net/netip"
)

// Type bytes of the "ip_address" and "address" formats (IPv8 reference 2).
const (
	addressIPv4 = 0x01
	addressHost = 0x02 // in snapshots only
	addressIPv6 = 0x03
)

// encoder appends the fields of one payload. It is the cursor's counterpart:
// the first value that does not fit its format sets err.
type encoder struct {
	b     []byte
	field string
	err   error
}

func (e *encoder) fail(field string, err error) {
	if e.err == nil {
		e.field, e.err = field, err
	}
}

func (e *encoder) uint8(v byte)    { e.b = append(e.b, v) }
func (e *encoder) uint16(v uint16) { e.b = binary.BigEndian.AppendUint16(e.b, v) }
func (e *encoder) uint32(v uint32) { e.b = binary.BigEndian.AppendUint32(e.b, v) }
func (e *encoder) raw(v []byte)    { e.b = append(e.b, v...) }

func (e *encoder) ids(ids [][20]byte) {
	for i := range ids {
		e.b = append(e.b, ids[i][:]...)
	}
}

// count writes the number of items that follow.
func (e *encoder) count(field string, n int) {
	if n > math.MaxUint16 {
		e.fail(field, ErrTooLong)
	}
	e.uint16(uint16(n))
}

// ipv4 writes the "ipv4" format. The zero AddrPort, like every address that is
// not valid, is written as 0.0.0.0:0, IPv8's "no address".
func (e *encoder) ipv4(field string, a netip.AddrPort) {
	if !a.IsValid() {
		e.b = append(e.b, 0, 0, 0, 0, 0, 0)
		return
	}
	if !a.Addr().Is4() {
		e.fail(field, ErrAddressFamily)
		return
	}
	ip := a.Addr().As4()
	e.b = append(e.b, ip[:]...)
	e.uint16(a.Port())
}

// ipAddress writes the "ip_address" format. The family decides the type byte;
// an IPv4-mapped address is an IPv6 address. A zone has no place on the wire.
func (e *encoder) ipAddress(field string, a netip.AddrPort) {
	if !a.IsValid() || a.Addr().Is4() {
		e.uint8(addressIPv4)
		e.ipv4(field, a)
		return
	}
	e.uint8(addressIPv6)
	ip := a.Addr().As16()
	e.b = append(e.b, ip[:]...)
	e.uint16(a.Port())
}

// end returns the extended slice, or the one that the caller began with.
func (e *encoder) end(message string, begin []byte) ([]byte, error) {
	if e.err != nil {
		return begin, &FieldError{message, e.field, e.err}
	}
	return e.b, nil
}
