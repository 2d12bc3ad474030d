package udp

import (
	"fmt"
	"net"
	"net/netip"
)

// Interfaces returns the addresses of this host's network interfaces, in the system's
// order, both families mixed, without zones. py-ipv8 never counts loopback and the
// unspecified and broadcast addresses as an interface's (IPv8 reference, 8.1), so a
// host with nothing but loopback has none.
func Interfaces() ([]netip.Addr, error) {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return nil, fmt.Errorf("interface addresses: %w", err)
	}
	var own []netip.Addr
	for _, a := range addrs {
		ipnet, ok := a.(*net.IPNet)
		if !ok {
			continue
		}
		if addr, ok := netip.AddrFromSlice(ipnet.IP); ok && interfaceAddress(addr.Unmap()) {
			own = append(own, addr.Unmap())
		}
	}
	return own, nil
}

// notInterfaces are the addresses that py-ipv8 excludes, by value and not by subnet.
var notInterfaces = [...]netip.Addr{
	netip.AddrFrom4([4]byte{127, 0, 0, 1}),
	netip.AddrFrom4([4]byte{127, 0, 1, 1}),
	netip.AddrFrom4([4]byte{0, 0, 0, 0}),
	netip.AddrFrom4([4]byte{255, 255, 255, 255}),
	netip.IPv6Loopback(),
}

// interfaceAddress reports whether addr counts as the address of an interface.
func interfaceAddress(addr netip.Addr) bool {
	for _, not := range notInterfaces {
		if addr == not {
			return false
		}
	}
	return true
}
