package network

import (
	"net/netip"

	"peerscope/engine/peer"
)

// RemovePeer drops the verified peer with p's key, its services, and the entries
// of its addresses. What it introduced stays. It reports whether there was one.
func (n *Network) RemovePeer(p *peer.Peer) bool {
	id := n.verifiedKey(p.Mid)
	if id == 0 {
		return false
	}
	n.demote(id, true)
	return true
}

// RemoveByAddress drops the entry of an address and every verified peer that has
// it, with its services but without the entries of its other addresses. It
// returns the peers.
func (n *Network) RemoveByAddress(addr netip.AddrPort) (removed []*peer.Peer) {
	id := n.address(keyOf(addr))
	if id == 0 {
		return nil
	}
	var owners []keyID
	for key := range n.owners(id) {
		owners = append(owners, key)
		removed = append(removed, n.keys.at(key).peer)
	}
	for _, key := range owners {
		n.demote(key, false)
	}
	// The last owner's going may have taken the record along.
	if id := n.address(keyOf(addr)); id != 0 {
		n.unlist(id)
	}
	return removed
}

// demote makes a verified peer an unverified key again, and drops the key if it
// introduced nobody.
func (n *Network) demote(key keyID, unlistAddresses bool) {
	k := n.keys.at(key)
	n.clearServices(key)
	for class, id := range k.addresses {
		k.addresses[class] = 0
		if id == 0 {
			continue
		}
		shared := false // with a class yet to come
		for _, other := range k.addresses {
			shared = shared || other == id
		}
		if shared {
			continue
		}
		n.disown(id, key)
		if unlistAddresses {
			n.unlist(id)
		} else {
			n.releaseAddress(id)
		}
	}
	last := n.verified[len(n.verified)-1]
	n.verified[k.position] = last
	n.keys.at(last).position = k.position
	n.verified = n.verified[:len(n.verified)-1]
	k.peer, k.position = nil, 0
	n.unverified.pushBack(key, n.queueLinks)
	n.releaseKey(key)
	if int(n.unverified.len) > n.cfg.UnverifiedKeys {
		n.forgetKey(n.unverified.first)
	}
}
