package bootstrap

import (
	"net/netip"
	"time"
)

// server is one address of a bootstrap server.
type server struct {
	addr     netip.AddrPort
	literal  bool      // given as an address
	names    int       // names that resolve to it
	ready    bool      // a name that leads here was resolved since it was asked
	offered  time.Time // when Due last returned it
	asked    time.Time
	answered time.Time
	since    time.Time // while waiting: since when
	waiting  bool
	silent   bool // it did not answer the last time
}

// dueAt is when the server is to be asked next, false if that has to wait for its name.
func (s *server) dueAt(interval time.Duration) (time.Time, bool) {
	if !s.literal && !s.ready {
		return time.Time{}, false
	}
	var at time.Time
	if !s.asked.IsZero() {
		at = s.asked.Add(interval)
	}
	if !s.offered.IsZero() && s.offered.Add(offerAgain).After(at) {
		at = s.offered.Add(offerAgain)
	}
	return at, true
}

func (b *DispersyBootstrapper) find(addr netip.AddrPort) *server {
	for _, s := range b.servers {
		if s.addr == addr {
			return s
		}
	}
	return nil
}

// server returns the server at the address, making it known if it is not.
func (b *DispersyBootstrapper) server(addr netip.AddrPort) *server {
	if s := b.find(addr); s != nil {
		return s
	}
	s := &server{addr: addr}
	b.servers = append(b.servers, s)
	return s
}

// Known reports whether the address is one of a bootstrap server.
func (b *DispersyBootstrapper) Known(addr netip.AddrPort) bool { return b.find(addr) != nil }

// Addresses returns the addresses of all servers known at present, which must never be verified or introduced.
func (b *DispersyBootstrapper) Addresses() []netip.AddrPort {
	addrs := make([]netip.AddrPort, 0, len(b.servers))
	for _, s := range b.servers {
		addrs = append(addrs, s.addr)
	}
	return addrs
}

// Status is what is known about one server, for a status page.
type Status struct {
	Endpoint Endpoint       // as configured
	Address  netip.AddrPort // invalid while the name is not resolved
	Asked    time.Time      // last time; zero if never
	Answered time.Time      // last time; zero if never
	Silent   bool           // it did not answer when it was last asked
	Err      error          // of the latest look-up of its name
}

// Status returns one entry for each server as configured, or several for a name with several addresses.
func (b *DispersyBootstrapper) Status() []Status {
	var out []Status
	for _, s := range b.servers {
		if s.literal {
			out = append(out, s.status(Endpoint{Host: s.addr.Addr().String(), Port: s.addr.Port()}))
		}
	}
	for _, n := range b.names {
		if len(n.addrs) == 0 {
			out = append(out, Status{Endpoint: n.endpoint, Err: n.err})
		}
		for _, addr := range n.addrs {
			status := b.server(addr).status(n.endpoint)
			status.Err = n.err
			out = append(out, status)
		}
	}
	return out
}

func (s *server) status(of Endpoint) Status {
	return Status{Endpoint: of, Address: s.addr, Asked: s.asked, Answered: s.answered, Silent: s.silent}
}
