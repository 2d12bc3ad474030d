package peer

import "net/netip"

// IsNone reports whether addr stands for "no address": the zero AddrPort,
// 0.0.0.0:0 as messages write it, or [::]:0.
func IsNone(addr netip.AddrPort) bool {
	return !addr.IsValid() || addr.Port() == 0 && addr.Addr().IsUnspecified()
}

// An ipv4Address is 6 bytes where netip.AddrPort takes 32 and a pointer for the
// collector to follow. All zero is no address.
type ipv4Address struct {
	ip   [4]byte
	port uint16
}

func newIPv4Address(addr netip.AddrPort) ipv4Address {
	return ipv4Address{ip: addr.Addr().As4(), port: addr.Port()}
}

func (a ipv4Address) addrPort() netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4(a.ip), a.port)
}

// An ipv6Address is the same for IPv6, without a zone.
type ipv6Address struct {
	ip   [16]byte
	port uint16
}

func newIPv6Address(addr netip.AddrPort) *ipv6Address {
	return &ipv6Address{ip: addr.Addr().As16(), port: addr.Port()}
}

func (a *ipv6Address) addrPort() netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom16(a.ip), a.port)
}
