package engine

import (
	"context"
	"net"
	"net/netip"
)

// systemResolve looks a name up with the system's resolver.
func systemResolve(ctx context.Context, host string) ([]netip.Addr, error) {
	return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
}
