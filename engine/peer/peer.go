package peer

import (
	"log/slog"
	"net/netip"
	"time"

	"peerscope/engine/keyvault"
)

// A Peer is what the engine knows about one public key at present. It holds at
// most one address per class (IPv8 reference, 7.1): IPv6, IPv4, and the IPv4
// address that the peer claims to have in its own network.
//
// Addresses are kept without an IPv6 zone, which no message can carry, and
// 0.0.0.0:0, [::]:0 and the zero AddrPort all mean "no address".
type Peer struct {
	// What every packet reads or writes is kept together, in one cache line.

	// LastResponse is when a valid packet of the peer last came in; zero means never.
	LastResponse time.Time

	ipv6 *ipv6Address // nil for most peers, so a pointer takes less room
	ipv4 ipv4Address

	// Mid is the SHA-1 of Key.
	Mid Mid
	// NewStyleIntro is set once the peer showed that it speaks new style.
	NewStyleIntro bool
	// Answered is set once the peer answered a request of ours, which shows that
	// somebody is at its address. A signed request shows only that somebody has the key.
	Answered bool

	lan ipv4Address

	// Key is the public key; the zero key only in tests.
	Key keyvault.PublicKey
	// CreatedAt is when this object was made, not when the peer was first heard of.
	CreatedAt time.Time
	// LastLost is when the latest ping that got no answer was sent; zero means none did.
	LastLost time.Time
	// Pings are the last few round-trip times.
	Pings Pings
}

// NewPeer makes the peer of a key that was heard from addr at time now. It has
// not responded yet: whoever verifies it sets LastResponse (py-ipv8 does not,
// and so never drops a peer that fell silent after its first packet).
func NewPeer(key keyvault.PublicKey, addr netip.AddrPort, now time.Time) *Peer {
	p := &Peer{Key: key, Mid: key.Mid(), CreatedAt: now}
	p.AddAddress(addr)
	return p
}

// Address is the address to send to: IPv6 if known, else IPv4, else 0.0.0.0:0.
// A LAN address is never preferred.
func (p *Peer) Address() netip.AddrPort {
	if p.ipv6 != nil {
		return p.ipv6.addrPort()
	}
	return p.ipv4.addrPort()
}

// IPv4 is the peer's IPv4 address, 0.0.0.0:0 if it has none.
func (p *Peer) IPv4() netip.AddrPort { return p.ipv4.addrPort() }

// IPv6 is the peer's IPv6 address, [::]:0 if it has none.
func (p *Peer) IPv6() netip.AddrPort {
	if p.ipv6 == nil {
		return netip.AddrPortFrom(netip.IPv6Unspecified(), 0)
	}
	return p.ipv6.addrPort()
}

// LAN is the IPv4 address the peer claims in its own network, 0.0.0.0:0 if it
// claimed none.
func (p *Peer) LAN() netip.AddrPort { return p.lan.addrPort() }

// AddAddress makes addr the peer's address of its class, IPv6 or IPv4, in place
// of the former one. No address leaves the peer as it was. An IPv4-mapped
// address counts as IPv6, as on the wire.
func (p *Peer) AddAddress(addr netip.AddrPort) {
	switch {
	case IsNone(addr):
	case addr.Addr().Is4():
		p.ipv4 = newIPv4Address(addr)
	default:
		p.ipv6 = newIPv6Address(addr)
	}
}

// SetLAN records the address the peer claims in its own network; no address
// forgets it. What is not IPv4 is ignored: the class has no other kind.
func (p *Peer) SetLAN(addr netip.AddrPort) {
	switch {
	case IsNone(addr):
		p.lan = ipv4Address{}
	case addr.Addr().Is4():
		p.lan = newIPv4Address(addr)
	}
}

// Addresses are all addresses the peer has: preferred first, LAN last.
func (p *Peer) Addresses() []netip.AddrPort {
	out := make([]netip.AddrPort, 0, 3)
	if p.ipv6 != nil {
		out = append(out, p.ipv6.addrPort())
	}
	if p.ipv4 != (ipv4Address{}) {
		out = append(out, p.ipv4.addrPort())
	}
	if p.lan != (ipv4Address{}) && p.lan != p.ipv4 {
		out = append(out, p.lan.addrPort())
	}
	return out
}

// HasAddress reports whether addr is one of the peer's addresses, of any class.
func (p *Peer) HasAddress(addr netip.AddrPort) bool {
	if IsNone(addr) {
		return false
	}
	if addr.Addr().Is4() {
		a := newIPv4Address(addr)
		return p.ipv4 == a || p.lan == a
	}
	return p.ipv6 != nil && *p.ipv6 == *newIPv6Address(addr)
}

// LogValue logs a peer by its short mid and address.
func (p *Peer) LogValue() slog.Value {
	return slog.GroupValue(slog.Any("mid", p.Mid), slog.String("address", p.Address().String()))
}
