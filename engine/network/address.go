package network

import (
	"encoding/binary"
	"net/netip"
	"slices"

	"peerscope/engine/peer"
)

type addressID = uint32

// An addressKey is an address as a map key: family (4 or 6), 16 bytes of IP,
// port. It has no pointer, unlike netip.AddrPort, and no zone.
type addressKey [19]byte

func keyOf(addr netip.AddrPort) (k addressKey) {
	k[0] = 6
	if addr.Addr().Is4() {
		k[0] = 4
	}
	ip := addr.Addr().As16()
	copy(k[1:], ip[:])
	binary.BigEndian.PutUint16(k[17:], addr.Port())
	return k
}

func (k *addressKey) addrPort() netip.AddrPort {
	ip := netip.AddrFrom16([16]byte(k[1:17]))
	if k[0] == 4 {
		ip = ip.Unmap()
	}
	return netip.AddrPortFrom(ip, binary.BigEndian.Uint16(k[17:]))
}

// Flags of an addressRecord.
const (
	listed    = 1 << iota // it is in py-ipv8's all_addresses
	newStyle              // introduced as speaking new style
	unsettled             // waits in Network.unsettled
)

// An addressRecord is an address that is listed, or that a verified peer has, or
// both. It fills a cache line.
type addressRecord struct {
	key        addressKey
	flags      uint8
	introducer keyID // of a listed address, 0 if nobody introduced it
	peer       *peer.Peer
	owner      keyID     // a verified peer with this address, peer; others are in Network.sharers
	service    serviceID // of a listed address, 0 for none
	intro      links     // in the introducer's list
	walkable   uint64    // the walkable sets it is in, by bit
	_          [8]byte
}

// address is the id of an address's record, 0 if it has none.
func (n *Network) address(k addressKey) addressID {
	return n.byAddress.find(n.byAddress.hash(k[:]), func(id uint32) bool { return n.addresses.at(id).key == k })
}

// claim finds or makes the record of an address. A record made by it is neither
// listed nor owned, and the caller has to change that. It reports false when
// the table is full of addresses of verified peers.
func (n *Network) claim(k addressKey) (addressID, bool) {
	if id := n.address(k); id != 0 {
		return id, true
	}
	if n.addresses.len() >= n.cfg.Addresses && !n.evictAddress() {
		return 0, false
	}
	id, a := n.addresses.alloc()
	a.key = k
	n.byAddress.insert(n.byAddress.hash(k[:]), id)
	return id, true
}

// evictAddress forgets one address that no verified peer has. The hand goes
// round the set, so flooding the table takes as long as filling it.
func (n *Network) evictAddress() bool {
	items := n.walkable[anyBit].items
	if len(items) == 0 {
		return false
	}
	n.evictionHand++
	n.evicted++
	n.unlist(items[n.evictionHand%uint64(len(items))])
	return true
}

// list (re)writes the entry of an address.
func (n *Network) list(id addressID, introducer keyID, service serviceID, isNewStyle bool) {
	a := n.addresses.at(id)
	a.flags |= listed
	a.service = service
	if service != 0 {
		n.services.at(service).refs++
	}
	if isNewStyle {
		a.flags |= newStyle
	}
	if introducer != 0 {
		n.linkIntroduction(id, introducer)
	}
	n.evaluate(id)
}

// clearEntry forgets what list wrote, and leaves the walkable sets to the caller.
func (n *Network) clearEntry(id addressID) {
	a := n.addresses.at(id)
	n.unlinkIntroduction(id)
	if a.service != 0 {
		n.releaseService(a.service)
		a.service = 0
	}
	a.flags = 0
}

// unlist takes an address out of all_addresses; its record goes too unless a
// verified peer has it.
func (n *Network) unlist(id addressID) {
	n.clearEntry(id)
	n.evaluate(id)
	n.releaseAddress(id)
}

// releaseAddress drops the record of an address that is neither listed nor owned.
func (n *Network) releaseAddress(id addressID) {
	a := n.addresses.at(id)
	if a.flags&listed != 0 || a.owner != 0 {
		return
	}
	n.byAddress.remove(n.byAddress.hash(a.key[:]), id)
	n.addresses.release(id)
}

// owners yields the verified peers that have an address.
func (n *Network) owners(id addressID) func(yield func(keyID) bool) {
	return func(yield func(keyID) bool) {
		owner := n.addresses.at(id).owner
		if owner == 0 || !yield(owner) {
			return
		}
		if len(n.sharers) == 0 {
			return
		}
		for _, k := range n.sharers[id] {
			if !yield(k) {
				return
			}
		}
	}
}

func (n *Network) setOwner(a *addressRecord, key keyID) {
	a.owner, a.peer = key, n.keys.at(key).peer
}

// own makes key an owner of the address, at most once. Who has it as more than
// a LAN address comes first, because that is who a packet from it is likely to
// be from. It reports false when too many share the address.
func (n *Network) own(id addressID, key keyID, lan bool) bool {
	a := n.addresses.at(id)
	if a.owner == 0 {
		n.setOwner(a, key)
		n.evaluate(id)
		return true
	}
	others := n.sharers[id]
	i := slices.Index(others, key)
	switch {
	case a.owner == key || i >= 0 && lan:
		return true
	case i >= 0:
		others = slices.Delete(others, i, i+1)
		fallthrough
	case !lan && len(others)+1 < n.cfg.KeysPerAddress:
		n.sharers[id] = slices.Insert(others, 0, a.owner)
		n.setOwner(a, key)
	case lan && len(others)+1 < n.cfg.KeysPerAddress:
		n.sharers[id] = append(others, key)
	default:
		return false
	}
	n.evaluate(id)
	return true
}

// disown is the reverse of own. The record stays, listed or not.
func (n *Network) disown(id addressID, key keyID) {
	a := n.addresses.at(id)
	others := n.sharers[id]
	if a.owner == key {
		a.owner, a.peer = 0, nil
		if len(others) > 0 {
			n.setOwner(a, others[0])
			others = slices.Delete(others, 0, 1)
		}
	} else if i := slices.Index(others, key); i >= 0 {
		others = slices.Delete(others, i, i+1)
	}
	if len(others) == 0 {
		delete(n.sharers, id)
	} else {
		n.sharers[id] = others
	}
	n.evaluate(id)
}
