package simnet

import (
	"net/netip"
	"time"
)

// Kind is how a NAT maps and filters, by the names of RFC 3489.
type Kind uint8

// The kinds of NAT. All but Symmetric map one inside address and port to one outside
// port whatever the destination; they differ in who may answer.
const (
	FullCone       Kind = iota // anyone
	Restricted                 // addresses that the inside has sent to
	PortRestricted             // addresses and ports that the inside has sent to
	Symmetric                  // as PortRestricted, with an outside port of its own for each destination
)

// String returns the kind's usual name.
func (k Kind) String() string {
	switch k {
	case FullCone:
		return "full cone"
	case Restricted:
		return "restricted"
	case PortRestricted:
		return "port restricted"
	case Symmetric:
		return "symmetric"
	}
	return "unknown"
}

// DefaultNATTimeout is how long a mapping and the permission to answer last after the
// inside last sent something: the least that RFC 4787 (REQ-5) allows.
const DefaultNATTimeout = 2 * time.Minute

// NATConfig describes a NAT.
type NATConfig struct {
	Kind    Kind
	Timeout time.Duration // since the inside last sent; 0 means DefaultNATTimeout
	// MaxMappings bounds the outside ports in use at a time, as the table of a home router
	// does; what would need one more is dropped. 0 means all ports from 1024 up.
	MaxMappings int
	// NoHairpin drops what the inside sends to the NAT's own public address.
	NoHairpin bool
}

// NAT translates between the hosts behind it and its public address. Its state is
// guarded by the mutex of the Net.
type NAT struct {
	cfg      NATConfig
	seed     uint64
	addr     netip.Addr
	inside   realm
	byKey    map[mappingKey]*mapping
	byPort   map[uint16]*mapping
	sweepLen int // this many mappings make the next new one forget those that expired
}

// NAT returns a new NAT with a public address, which must not be a host's or another
// NAT's. Hosts are put behind it with [HostOptions].
func (n *Net) NAT(addr netip.Addr, cfg NATConfig) *NAT {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.nats[addr] != nil || n.public[addr] != nil {
		panic("simnet: two owners of public address " + addr.String())
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = DefaultNATTimeout
	}
	if cfg.MaxMappings == 0 {
		cfg.MaxMappings = natPorts
	}
	nat := &NAT{
		cfg: cfg, seed: n.cfg.Seed, addr: addr, inside: make(realm),
		byKey: make(map[mappingKey]*mapping), byPort: make(map[uint16]*mapping), sweepLen: min(minSweep, cfg.MaxMappings),
	}
	n.nats[addr] = nat
	return nat
}

// Addr returns the public address.
func (t *NAT) Addr() netip.Addr { return t.addr }

// outbound returns the public source of a datagram that leaves the inside for remote,
// opening or keeping the way back. It fails when no more ports may be used, or for hairpinning
// that the NAT does not do.
func (t *NAT) outbound(inside, remote netip.AddrPort, now time.Time) (netip.AddrPort, bool) {
	if t.cfg.NoHairpin && remote.Addr() == t.addr {
		return netip.AddrPort{}, false
	}
	key := mappingKey{inside: inside}
	if t.cfg.Kind == Symmetric {
		key.remote = remote
	}
	m := t.byKey[key]
	if m != nil && t.expired(m.used, now) {
		t.forget(m)
		m = nil
	}
	if m == nil {
		if m = t.newMapping(key, now); m == nil {
			return netip.AddrPort{}, false
		}
	}
	m.used = now
	t.permit(m, remote, now)
	return netip.AddrPortFrom(t.addr, m.port), true
}

// inbound returns the inside address that a datagram from remote to a public port is
// for, if the NAT lets it through. It does not keep the mapping: RFC 4787 (REQ-6)
// leaves that open, and the stricter NAT is the better test.
func (t *NAT) inbound(remote netip.AddrPort, port uint16, now time.Time) (netip.AddrPort, bool) {
	m := t.byPort[port]
	if m == nil || t.expired(m.used, now) {
		return netip.AddrPort{}, false
	}
	if t.cfg.Kind != FullCone {
		used, ok := m.allowed[t.permission(remote)]
		if !ok || t.expired(used, now) {
			return netip.AddrPort{}, false
		}
	}
	return m.key.inside, true
}

// permission is what an outgoing datagram lets in: an address, or an address and port.
func (t *NAT) permission(remote netip.AddrPort) netip.AddrPort {
	if t.cfg.Kind == Restricted {
		return netip.AddrPortFrom(remote.Addr(), 0)
	}
	return remote
}

// permit lets remote answer. A mapping with too many live permissions takes no more.
func (t *NAT) permit(m *mapping, remote netip.AddrPort, now time.Time) {
	if t.cfg.Kind == FullCone {
		return
	}
	p := t.permission(remote)
	if _, known := m.allowed[p]; !known && len(m.allowed) >= m.sweepLen {
		for q, used := range m.allowed {
			if t.expired(used, now) {
				delete(m.allowed, q)
			}
		}
		m.sweepLen = max(minSweep, 2*len(m.allowed))
		if len(m.allowed) >= maxPermissions {
			return
		}
	}
	m.allowed[p] = now
}

func (t *NAT) expired(used, now time.Time) bool { return now.Sub(used) >= t.cfg.Timeout }
