package bootstrap

import (
	"net/netip"
	"slices"
	"time"
)

// name is a server known by a host name.
type name struct {
	endpoint Endpoint
	started  time.Time // the latest look-up; zero before the first
	pending  bool      // its result is not known yet
	addrs    []netip.AddrPort
	err      error // of the latest look-up
}

// dueAt is when the name has to be looked up next: once each interval, or when a look-up was never reported.
func (n *name) dueAt(interval time.Duration) time.Time {
	switch {
	case n.started.IsZero():
		return time.Time{}
	case n.pending:
		return n.started.Add(max(lookupTimeout, interval))
	}
	return n.started.Add(interval)
}

func (b *DispersyBootstrapper) name(e Endpoint) *name {
	for _, n := range b.names {
		if n.endpoint == e {
			return n
		}
	}
	return nil
}

// Names returns the names to resolve now: all at first, then each again before its servers are due. The look-up happens
// elsewhere; its result is reported with [DispersyBootstrapper.Resolved].
func (b *DispersyBootstrapper) Names(now time.Time, wanting bool) []Endpoint {
	b.wanting = wanting
	var due []Endpoint
	for _, n := range b.names {
		if n.dueAt(b.interval()).After(now) {
			continue
		}
		if n.pending { // the last look-up got lost: what was known before has to do
			b.ready(n)
		}
		n.started, n.pending = now, true
		due = append(due, n.endpoint)
	}
	return due
}

// Resolved reports the addresses of a name, or the error of its look-up, and returns the ones that were not known
// before (to be blacklisted in the network). They are due at once. After an error the former addresses stay. Of the
// addresses the first 16 that can be used count; IPv6 ones only if the Config says so.
func (b *DispersyBootstrapper) Resolved(of Endpoint, addrs []netip.Addr, err error) []netip.AddrPort {
	n := b.name(of)
	if n == nil {
		return nil
	}
	usable := b.usable(addrs, of.Port)
	if err == nil && len(usable) == 0 {
		err = ErrNoAddress
	}
	n.pending, n.err = false, err
	var added []netip.AddrPort
	if err == nil {
		added = b.replace(n, usable)
	}
	b.ready(n)
	return added
}

func (b *DispersyBootstrapper) usable(addrs []netip.Addr, port uint16) []netip.AddrPort {
	var out []netip.AddrPort
	for _, addr := range addrs {
		addr = addr.Unmap().WithZone("")
		server := netip.AddrPortFrom(addr, port)
		if !usable(addr) || addr.Is6() && !b.config.IPv6 || slices.Contains(out, server) {
			continue
		}
		if out = append(out, server); len(out) == maxAddresses {
			break
		}
	}
	return out
}

// replace makes addrs the addresses of the name and forgets servers that nothing leads to any more.
func (b *DispersyBootstrapper) replace(n *name, addrs []netip.AddrPort) (added []netip.AddrPort) {
	for _, addr := range addrs {
		if b.find(addr) == nil {
			added = append(added, addr)
		}
		b.server(addr).names++
	}
	for _, addr := range n.addrs {
		b.server(addr).names--
	}
	n.addrs = addrs
	b.servers = slices.DeleteFunc(b.servers, func(s *server) bool { return !s.literal && s.names == 0 })
	return added
}

// ready lets the servers of a name be asked: its look-up is over.
func (b *DispersyBootstrapper) ready(n *name) {
	for _, addr := range n.addrs {
		b.server(addr).ready = true
	}
}
