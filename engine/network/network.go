package network

import (
	"net/netip"

	"peerscope/engine/peer"
)

// A Network is the shared graph of a node's overlays. See the package comment
// for who may use it.
type Network struct {
	cfg Config

	addresses arena[addressRecord]
	byAddress index
	sharers   map[addressID][]keyID // further owners of addresses that have several

	keys       arena[keyRecord]
	byMid      index
	verified   []keyID
	unverified list // of keyRecord.queue, oldest first

	services    arena[serviceRecord]
	byService   map[peer.CommunityID]serviceID
	registered  []peer.CommunityID
	memberships int

	walkable     []indexedSet // by bit: anyBit, then one per registered service
	unsettled    []addressID  // see settle
	evictionHand uint64
	evicted      uint64

	blacklist     map[addressKey]struct{}
	blacklistMids map[peer.Mid]struct{}
}

// New makes an empty network.
func New(cfg Config) *Network {
	return &Network{
		cfg:           cfg.withDefaults(),
		byAddress:     newIndex(),
		sharers:       make(map[addressID][]keyID),
		byMid:         newIndex(),
		byService:     make(map[peer.CommunityID]serviceID),
		walkable:      make([]indexedSet, 1),
		blacklist:     make(map[addressKey]struct{}),
		blacklistMids: make(map[peer.Mid]struct{}),
	}
}

// Blacklist bars an address, a tracker's for instance, from being listed, and
// peers from being verified at it, unless the address is listed already. It
// reports false for no address and when the blacklist is full.
func (n *Network) Blacklist(addr netip.AddrPort) bool {
	if peer.IsNone(addr) || len(n.blacklist) >= n.cfg.Blacklist {
		return n.Blacklisted(addr)
	}
	n.blacklist[keyOf(addr)] = struct{}{}
	return true
}

// Blacklisted reports whether an address is blacklisted.
func (n *Network) Blacklisted(addr netip.AddrPort) bool {
	_, ok := n.blacklist[keyOf(addr)]
	return ok
}

// BlacklistMid bars a key, our own for instance, from being verified. It
// reports false when the blacklist is full.
func (n *Network) BlacklistMid(mid peer.Mid) bool {
	if len(n.blacklistMids) >= n.cfg.Blacklist {
		return n.BlacklistedMid(mid)
	}
	n.blacklistMids[mid] = struct{}{}
	return true
}

// BlacklistedMid reports whether a key is blacklisted.
func (n *Network) BlacklistedMid(mid peer.Mid) bool {
	_, ok := n.blacklistMids[mid]
	return ok
}

// Stats are the sizes of a network's tables.
type Stats struct {
	Verified    int    // verified peers
	Unverified  int    // other keys with services or introductions
	Addresses   int    // known addresses, those of verified peers included
	Walkable    int    // addresses that no verified peer has
	Communities int    // different services
	Memberships int    // pairs of a key and a service of it
	Evicted     uint64 // addresses that were forgotten to make room
}

// Stats counts what is known.
func (n *Network) Stats() Stats {
	return Stats{
		Verified:    len(n.verified),
		Unverified:  int(n.unverified.len),
		Addresses:   n.addresses.len(),
		Walkable:    len(n.walkable[anyBit].items),
		Communities: n.services.len(),
		Memberships: n.memberships,
		Evicted:     n.evicted,
	}
}

// ByMid is the verified peer of a key.
func (n *Network) ByMid(mid peer.Mid) (*peer.Peer, bool) {
	id := n.lookup(mid)
	if id == 0 {
		return nil, false
	}
	p := n.keys.at(id).peer
	return p, p != nil
}

// ByAddress is a verified peer that has the address among its own, of any class.
// If several do, those that merely claim it as their LAN address come last.
func (n *Network) ByAddress(addr netip.AddrPort) (*peer.Peer, bool) {
	id := n.address(keyOf(addr))
	if id == 0 {
		return nil, false
	}
	p := n.addresses.at(id).peer
	return p, p != nil
}

// Has reports whether this very peer, not just its key, is verified.
func (n *Network) Has(p *peer.Peer) bool {
	known, ok := n.ByMid(p.Mid)
	return ok && known == p
}

// Len is the number of verified peers.
func (n *Network) Len() int { return len(n.verified) }

// At is the i-th verified peer; removals change the order.
func (n *Network) At(i int) *peer.Peer { return n.keys.at(n.verified[i]).peer }

// PeersForService are the verified peers that are known to have a service; the
// zero id means all verified peers.
func (n *Network) PeersForService(service peer.CommunityID) PeerSet {
	if service.IsZero() {
		return PeerSet{n, n.verified}
	}
	sid, ok := n.byService[service]
	if !ok {
		return PeerSet{}
	}
	return PeerSet{n, n.services.at(sid).members}
}

// A PeerSet is a view on verified peers. It is good until the network changes.
type PeerSet struct {
	n    *Network
	keys []keyID
}

// Len is the number of peers.
func (s PeerSet) Len() int { return len(s.keys) }

// At is the i-th peer, in no particular order.
func (s PeerSet) At(i int) *peer.Peer { return s.n.keys.at(s.keys[i]).peer }
