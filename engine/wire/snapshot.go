package wire

import (
	"net"
	"net/netip"
	"strconv"
	"unicode/utf8"
)

// SnapshotAddress is one entry of a snapshot, in the "address" format (IPv8
// reference 2):
//
//	type  content
//	0x01  4 address bytes, u16 port
//	0x02  u16 length, host name in UTF-8, u16 port
//	0x03  16 address bytes, u16 port
type SnapshotAddress struct {
	AddrPort netip.AddrPort // of types 1 and 3; not valid for a host name

	Host string // of type 2, otherwise empty. Whoever wrote the file chose it
	Port uint16 // of Host; AddrPort has its own
}

// String returns "1.2.3.4:5", "[v6]:5" or "host:5".
func (a SnapshotAddress) String() string {
	if a.Host == "" {
		return a.AddrPort.String()
	}
	return net.JoinHostPort(a.Host, strconv.Itoa(int(a.Port)))
}

// AppendBinary appends the entry. A host name that is not UTF-8, or longer
// than 65,535 bytes, is an error; an address that is not valid is written as
// 0.0.0.0:0.
func (a SnapshotAddress) AppendBinary(b []byte) ([]byte, error) {
	e := encoder{b: b}
	if a.Host == "" {
		e.ipAddress("address", a.AddrPort)
		return e.end("snapshot", b)
	}
	if !utf8.ValidString(a.Host) {
		e.fail("address", ErrText)
	}
	e.uint8(addressHost)
	e.count("address", len(a.Host))
	e.b = append(e.b, a.Host...)
	e.uint16(a.Port)
	return e.end("snapshot", b)
}

// snapshotAddress reads one entry. A host name without a byte is refused,
// since it names nobody and would read as an address.
func (c *cursor) snapshotAddress() SnapshotAddress {
	if len(c.rest) == 0 || c.rest[0] != addressHost {
		return SnapshotAddress{AddrPort: c.ipAddress("address")}
	}
	c.take("address", 1)
	host := c.varlenH("address")
	if c.err == nil && (len(host) == 0 || !utf8.Valid(host)) {
		c.fail("address", ErrText)
	}
	return SnapshotAddress{Host: string(host), Port: c.uint16("address")}
}

// AppendSnapshot appends addrs as py-ipv8's Network.snapshot writes them: one
// after the other without header or count. Addresses that are not valid, or
// that are 0.0.0.0:0, are left out.
func AppendSnapshot(b []byte, addrs []netip.AddrPort) []byte {
	e := encoder{b: b}
	none := netip.AddrPortFrom(netip.IPv4Unspecified(), 0)
	for _, a := range addrs {
		if a.IsValid() && a != none {
			e.ipAddress("address", a)
		}
	}
	return e.b
}

// ParseSnapshot reads a snapshot up to its end or to the first entry that it
// cannot read, as py-ipv8's Network.load_snapshot does: a damaged file gives
// what is in front of the damage. The entries copy from b and can repeat.
func ParseSnapshot(b []byte) []SnapshotAddress {
	var addrs []SnapshotAddress
	c := cursor{rest: b}
	for len(c.rest) > 0 {
		a := c.snapshotAddress()
		if c.err != nil {
			break
		}
		addrs = append(addrs, a)
	}
	return addrs
}
