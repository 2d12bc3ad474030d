package network

import (
	"net/netip"

	"peerscope/engine/peer"
)

// An AddResult is what became of a peer that was to be verified.
type AddResult uint8

// The results of [Network.AddVerifiedPeer].
const (
	Added              AddResult = iota + 1
	Known                        // the key was verified before
	RefusedBlacklisted           // its mid or one of its addresses is blacklisted
	RefusedFull                  // no room for another peer or address
	RefusedAddressFull           // too many verified peers at its preferred address
)

// OK reports whether the peer is verified now.
func (r AddResult) OK() bool { return r == Added || r == Known }

// String is the result in words, fit for a counter's label.
func (r AddResult) String() string {
	switch r {
	case Added:
		return "added"
	case Known:
		return "known"
	case RefusedBlacklisted:
		return "blacklisted"
	case RefusedFull:
		return "full"
	case RefusedAddressFull:
		return "address-full"
	}
	return "invalid"
}

// AddVerifiedPeer records that we had a validly signed message from a peer. If
// its key is known, the known peer takes over p's addresses and is returned; else
// p itself is in the network from now on and is returned; nil if it is refused.
//
// A new peer is verified if one of its addresses is listed, even if that was
// blacklisted meanwhile, or if none of them is blacklisted; in the latter case
// all of them get listed (IPv8 reference, 7.3). Where there is room for the
// preferred address only, the peer is not found by its others.
func (n *Network) AddVerifiedPeer(p *peer.Peer) (*peer.Peer, AddResult) {
	if n.BlacklistedMid(p.Mid) {
		return nil, RefusedBlacklisted
	}
	if id := n.verifiedKey(p.Mid); id != 0 {
		known := n.keys.at(id).peer
		if known != p {
			for class, addr := range addressesOf(p) {
				if !peer.IsNone(addr) {
					n.setAddress(id, class, addr)
				}
			}
		}
		return known, Known
	}
	if res := n.addPeer(p); res != Added {
		return nil, res
	}
	return p, Added
}

// addressesOf are a peer's addresses by class.
func addressesOf(p *peer.Peer) [classes]netip.AddrPort {
	return [classes]netip.AddrPort{p.IPv6(), p.IPv4(), p.LAN()}
}

// addPeer verifies a peer whose key is not verified.
func (n *Network) addPeer(p *peer.Peer) AddResult {
	addrs := addressesOf(p)
	known, barred := n.inspect(addrs)
	if barred && !known {
		return RefusedBlacklisted
	}
	if len(n.verified) >= n.cfg.VerifiedPeers {
		return RefusedFull
	}
	// The preferred address is claimed before the key's record is made, because
	// making room for it may forget an introduction, and with that its introducer.
	if preferred := p.Address(); !peer.IsNone(preferred) {
		id, ok := n.claim(keyOf(preferred))
		if !ok {
			return RefusedFull
		}
		if n.addresses.at(id).owner != 0 && len(n.sharers[id])+1 >= n.cfg.KeysPerAddress {
			return RefusedAddressFull
		}
	}
	key := n.key(p.Mid)
	n.promote(key, p)
	for class, addr := range addrs {
		if peer.IsNone(addr) || !n.setAddress(key, class, addr) || known {
			continue
		}
		if id := n.keys.at(key).addresses[class]; n.addresses.at(id).flags&listed == 0 {
			n.list(id, 0, 0, false)
		}
	}
	return Added
}

// inspect reports whether one of the addresses is listed, and whether one is
// blacklisted.
func (n *Network) inspect(addrs [classes]netip.AddrPort) (known, barred bool) {
	for _, addr := range addrs {
		if peer.IsNone(addr) {
			continue
		}
		k := keyOf(addr)
		if id := n.address(k); id != 0 && n.addresses.at(id).flags&listed != 0 {
			known = true
		}
		if _, ok := n.blacklist[k]; ok {
			barred = true
		}
	}
	return known, barred
}

// promote turns an unverified key into a verified peer, still without addresses.
func (n *Network) promote(key keyID, p *peer.Peer) {
	k := n.keys.at(key)
	n.unverified.remove(key, n.queueLinks)
	k.peer = p
	k.position = uint32(len(n.verified))
	n.verified = append(n.verified, key)
	for i := range k.services {
		n.enter(key, i)
	}
}
