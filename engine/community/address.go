package community

import "net/netip"

var (
	unspecified4 = netip.AddrPortFrom(netip.IPv4Unspecified(), 0)
	broadcast4   = netip.AddrFrom4([4]byte{255, 255, 255, 255})

	// privateNetworks are the destinations that never change the WAN estimate
	// (IPv8 reference, 8.1): the carrier-grade and loopback ranges do.
	privateNetworks = [...]netip.Prefix{
		netip.MustParsePrefix("192.168.0.0/16"),
		netip.MustParsePrefix("172.16.0.0/12"),
		netip.MustParsePrefix("10.0.0.0/8"),
	}
)

// isNone tells the wire's "no address", 0.0.0.0:0.
func isNone(a netip.AddrPort) bool { return !a.IsValid() || a == unspecified4 }

// Sendable tells whether an address may be sent to at all: a host with a port.
// Unspecified, multicast and broadcast addresses are not (IPv8 reference, Q14).
// Loopback and private addresses are: test networks live there.
func Sendable(a netip.AddrPort) bool {
	ip := a.Addr()
	return a.Port() != 0 && ip.IsValid() && ip.Zone() == "" && !ip.Is4In6() &&
		!ip.IsUnspecified() && !ip.IsMulticast() && ip != broadcast4
}

func isPrivate(ip netip.Addr) bool {
	for _, n := range privateNetworks {
		if n.Contains(ip) {
			return true
		}
	}
	return false
}

// ipv4OrNone writes what is unknown, or of the other family, as "no address".
func ipv4OrNone(a netip.AddrPort) netip.AddrPort {
	if a.Addr().Is4() {
		return a
	}
	return unspecified4
}
