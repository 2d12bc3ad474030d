package exchange

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
)

// A Target is who shall be asked: an address or a name, and a port.
type Target struct {
	Host string
	Port uint16
}

// ErrTarget is wrapped by the errors of [ParseTarget] and by those of a name
// that leads to no address which can be asked.
var ErrTarget = errors.New("no address of a peer")

// ParseTarget reads 127.0.0.1:8470, [::1]:8470 or name:8470. It resolves nothing.
func ParseTarget(text string) (Target, error) {
	host, digits, err := net.SplitHostPort(text)
	if err != nil {
		return Target{}, fmt.Errorf("%q is %w: want ADDRESS:PORT such as 127.0.0.1:8470", text, ErrTarget)
	}
	port, err := strconv.ParseUint(digits, 10, 16)
	if err != nil || port == 0 {
		return Target{}, fmt.Errorf("%q is %w: want a port from 1 to 65535", text, ErrTarget)
	}
	if host == "" {
		return Target{}, fmt.Errorf("%q is %w: the address is missing", text, ErrTarget)
	}
	if addr, err := netip.ParseAddr(host); err == nil && !askable(addr) {
		return Target{}, fmt.Errorf("%q is %w: it stands for no one host", text, ErrTarget)
	}
	return Target{Host: host, Port: uint16(port)}, nil
}

// String is the target as ParseTarget reads it.
func (t Target) String() string { return net.JoinHostPort(t.Host, strconv.Itoa(int(t.Port))) }

// askable excludes the addresses that a packet must never go to (IPv8 reference Q14).
func askable(addr netip.Addr) bool {
	broadcast := netip.AddrFrom4([4]byte{255, 255, 255, 255})
	return !addr.IsUnspecified() && !addr.IsMulticast() && addr.Unmap() != broadcast
}

// resolve finds the address of the target: of several the first IPv4 one, which
// is where IPv8 nodes are, else the first.
func (t Target) resolve(ctx context.Context, lookup func(context.Context, string) ([]netip.Addr, error)) (netip.AddrPort, error) {
	if addr, err := netip.ParseAddr(t.Host); err == nil {
		return netip.AddrPortFrom(addr.Unmap(), t.Port), nil
	}
	addrs, err := lookup(ctx, t.Host)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("resolve %s: %w", t.Host, err)
	}
	var best netip.Addr
	for _, addr := range addrs {
		addr = addr.Unmap()
		if askable(addr) && (!best.IsValid() || addr.Is4() && !best.Is4()) {
			best = addr
		}
	}
	if !best.IsValid() {
		return netip.AddrPort{}, fmt.Errorf("resolve %s: %w", t.Host, ErrTarget)
	}
	return netip.AddrPortFrom(best, t.Port), nil
}

// lookup is the system's resolver.
func lookup(ctx context.Context, host string) ([]netip.Addr, error) {
	return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
}
