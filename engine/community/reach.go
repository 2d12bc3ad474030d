package community

import (
	"net/netip"
	"slices"
	"time"
)

// MyLAN is our own address of a family as seen from our network: the address
// that the socket is bound to, else the first interface's, else loopback.
func (h *Host) MyLAN(is4 bool) netip.AddrPort {
	for _, socket := range h.cfg.Sockets {
		if socket.Addr().Is4() != is4 {
			continue
		}
		if !socket.Addr().IsUnspecified() {
			return socket
		}
		for _, ip := range h.interfaces {
			if ip.Is4() == is4 {
				return netip.AddrPortFrom(ip, socket.Port())
			}
		}
		if is4 {
			return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), socket.Port())
		}
	}
	return unspecified4
}

// MyWAN is our IPv4 address as others see it, 0.0.0.0:0 while unknown.
func (h *Host) MyWAN() netip.AddrPort {
	if h.wan.current.IsValid() {
		return h.wan.current
	}
	return unspecified4
}

// myPreferred is what we announce as our WAN address in new-style messages: the
// estimate, and before there is one the LAN address. py-ipv8 announces its LAN
// address throughout; no receiver may rely on it (IPv8 reference, 8.1, Q7).
func (h *Host) myPreferred() netip.AddrPort {
	if wan := h.MyWAN(); !isNone(wan) {
		return wan
	}
	return h.MyLAN(true)
}

// SetInterfaces replaces the addresses of this host, which are read again every
// few seconds.
func (h *Host) SetInterfaces(ips []netip.Addr) { h.interfaces = slices.Clone(ips) }

// onThisHost tells whether an address is one of our interfaces' (not a test of
// the subnet).
func (h *Host) onThisHost(ip netip.Addr) bool { return slices.Contains(h.interfaces, ip) }

// reachable tells whether a packet may leave for an address: one that can be
// sent to at all, by a socket of its family. A socket bound to loopback reaches
// loopback only.
func (h *Host) reachable(a netip.AddrPort) bool {
	if !Sendable(a) {
		return false
	}
	for _, s := range h.cfg.Sockets {
		if s.Addr().Is4() == a.Addr().Is4() && (!s.Addr().IsLoopback() || a.Addr().IsLoopback()) {
			return true
		}
	}
	return false
}

// mine tells whether an address leads back to a socket of ours.
func (h *Host) mine(a netip.AddrPort) bool {
	if a == h.wan.current {
		return true
	}
	ip := a.Addr()
	for _, s := range h.cfg.Sockets {
		if s.Port() != a.Port() || s.Addr().Is4() != ip.Is4() {
			continue
		}
		if s.Addr() == ip || s.Addr().IsUnspecified() && (ip.IsLoopback() || h.onThisHost(ip)) {
			return true
		}
	}
	return false
}

// usable tells whether we would send to an address that somebody named: it is
// within reach and not our own (Q14).
func (h *Host) usable(a netip.AddrPort) bool { return h.reachable(a) && !h.mine(a) }

// mayRequest spends the budget of one packet that we send first. An address
// that was never contacted costs a new flow too: home routers die of connection
// tables, not of bytes.
func (h *Host) mayRequest(now time.Time, to netip.AddrPort) bool {
	if !h.usable(to) || !h.packets.ready(now) {
		return false
	}
	if !h.contacted(to) {
		if !h.newFlows.ready(now) {
			return false
		}
		h.newFlows.spend()
		h.flows.remember(to)
	}
	h.packets.spend()
	return true
}

// contacted tells whether packets went to or came from an address before. A
// verified peer's address is one even when there were too many to remember.
func (h *Host) contacted(a netip.AddrPort) bool {
	if h.flows.contacted(a) {
		return true
	}
	p, ok := h.network.ByAddress(a)
	return ok && (p.Address() == a || p.IPv4() == a) // not one that he merely claims
}
