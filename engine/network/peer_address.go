package network

import (
	"net/netip"

	"peerscope/engine/peer"
)

// setAddress makes addr the address of a class of a verified peer, in the peer
// and in the index. It reports false if the index has no room for it; the peer
// then keeps its former address, except for a LAN address, which it takes
// without being found by it.
func (n *Network) setAddress(key keyID, class int, addr netip.AddrPort) bool {
	k := n.keys.at(key)
	id, ok := n.claim(keyOf(addr))
	if ok && !n.own(id, key, class == classLAN) {
		n.releaseAddress(id)
		ok = false
	}
	if !ok && class != classLAN {
		return false
	}
	former := k.addresses[class]
	if !ok {
		id = 0
	}
	k.addresses[class] = id
	if class == classLAN {
		k.peer.SetLAN(addr)
	} else {
		k.peer.AddAddress(addr)
	}
	if former != id {
		n.abandon(key, former)
	}
	return ok
}

// abandon ends a verified peer's hold on a record that it had for one class of
// address, unless it has the same address for another class.
func (n *Network) abandon(key keyID, id addressID) {
	if id == 0 {
		return
	}
	for _, other := range n.keys.at(key).addresses {
		if other == id {
			return
		}
	}
	n.disown(id, key)
	n.releaseAddress(id)
}

// AddAddress makes addr the peer's address of its class, IPv6 or IPv4. The
// address is not listed by this (IPv8 reference, 7.3). If p's key is verified, the
// verified peer and the index change, else only p does. It reports false, and
// nothing changes, if addr is no address or there is no room for it.
func (n *Network) AddAddress(p *peer.Peer, addr netip.AddrPort) bool {
	if peer.IsNone(addr) {
		return false
	}
	id := n.verifiedKey(p.Mid)
	if id == 0 {
		p.AddAddress(addr)
		return true
	}
	return n.setAddress(id, classOf(addr), addr)
}

func classOf(addr netip.AddrPort) int {
	if addr.Addr().Is4() {
		return classIPv4
	}
	return classIPv6
}

// ReplaceAddress is AddAddress for a peer that moved: the former address of the
// class is no longer listed, unless another verified peer has it, and the new one
// is listed unless it is blacklisted. So a peer that moves often leaves no trail
// of addresses to be walked to.
func (n *Network) ReplaceAddress(p *peer.Peer, addr netip.AddrPort) bool {
	key := n.verifiedKey(p.Mid)
	if key == 0 || peer.IsNone(addr) {
		return n.AddAddress(p, addr)
	}
	class := classOf(addr)
	former := addressesOf(n.keys.at(key).peer)[class]
	if !n.setAddress(key, class, addr) {
		return false
	}
	if id := n.address(keyOf(former)); id != 0 && n.addresses.at(id).owner == 0 {
		n.unlist(id)
	}
	id := n.keys.at(key).addresses[class]
	if n.addresses.at(id).flags&listed == 0 && !n.Blacklisted(addr) {
		n.list(id, 0, 0, false)
	}
	return true
}

// SetLAN records the address that a peer claims in its own network, or forgets
// it if addr is none. What is not IPv4 is ignored.
func (n *Network) SetLAN(p *peer.Peer, addr netip.AddrPort) {
	id := n.verifiedKey(p.Mid)
	if id == 0 {
		p.SetLAN(addr)
		return
	}
	k := n.keys.at(id)
	switch {
	case peer.IsNone(addr):
		former := k.addresses[classLAN]
		k.addresses[classLAN] = 0
		k.peer.SetLAN(addr)
		n.abandon(id, former)
	case addr.Addr().Is4():
		n.setAddress(id, classLAN, addr)
	}
}
