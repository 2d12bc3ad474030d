package network

import (
	"net/netip"

	"peerscope/engine/peer"
)

// DiscoverAddress records that introducer told us of an address under a service
// (the zero id for none), and verifies the introducer. An entry is written if
// there is none or its introducer is not verified: the first verified introducer
// sticks (IPv8 reference, 7.3). It reports whether an entry was written; nothing
// is listed for a blacklisted address or for none at all.
func (n *Network) DiscoverAddress(introducer *peer.Peer, addr netip.AddrPort, service peer.CommunityID, isNewStyle bool) bool {
	written := n.discover(introducer.Mid, true, addr, service, isNewStyle)
	n.AddVerifiedPeer(introducer)
	return written
}

// DiscoverUnintroduced is DiscoverAddress for an address that no peer introduced
// but that is worth a walk under the service: one remembered over a restart, say.
func (n *Network) DiscoverUnintroduced(addr netip.AddrPort, service peer.CommunityID, isNewStyle bool) bool {
	return n.discover(peer.Mid{}, false, addr, service, isNewStyle)
}

func (n *Network) discover(introducer peer.Mid, introduced bool, addr netip.AddrPort, service peer.CommunityID, isNewStyle bool) bool {
	if peer.IsNone(addr) || n.Blacklisted(addr) {
		return false
	}
	k := keyOf(addr)
	if id := n.address(k); id != 0 {
		if by := n.addresses.at(id).introducer; by != 0 && n.keys.at(by).peer != nil {
			return false
		}
	}
	sid, ok := n.service(service)
	if !ok {
		return false
	}
	if sid != 0 {
		n.services.at(sid).refs++ // held while other references may go
		defer n.releaseService(sid)
	}
	id, ok := n.claim(k)
	if !ok {
		return false
	}
	n.clearEntry(id)
	var by keyID
	if introduced {
		by = n.key(introducer)
	}
	n.list(id, by, sid, isNewStyle)
	return true
}

// IntroductionsFrom are the addresses recorded with a key as their introducer,
// oldest first.
func (n *Network) IntroductionsFrom(mid peer.Mid) []netip.AddrPort {
	key := n.lookup(mid)
	if key == 0 {
		return nil
	}
	intros := n.keys.at(key).introductions
	out := make([]netip.AddrPort, 0, intros.len)
	for id := intros.first; id != 0; id = n.addresses.at(id).intro.next {
		out = append(out, n.addresses.at(id).key.addrPort())
	}
	return out
}

// IsNewStyle reports whether an address was introduced as speaking new style.
func (n *Network) IsNewStyle(addr netip.AddrPort) bool {
	id := n.address(keyOf(addr))
	return id != 0 && n.addresses.at(id).flags&newStyle != 0
}

// Listed reports whether an address is known, by introduction or because a peer
// was verified at it.
func (n *Network) Listed(addr netip.AddrPort) bool {
	id := n.address(keyOf(addr))
	return id != 0 && n.addresses.at(id).flags&listed != 0
}

// Snapshot is the preferred address of every verified peer that has one. It
// walks over all of them.
func (n *Network) Snapshot() []netip.AddrPort {
	out := make([]netip.AddrPort, 0, len(n.verified))
	for _, id := range n.verified {
		if addr := n.keys.at(id).peer.Address(); !peer.IsNone(addr) {
			out = append(out, addr)
		}
	}
	return out
}

// LoadSnapshot lists addresses without introducer or service, those that are
// listed or blacklisted left as they are, and returns how many it added. Such
// addresses are walkable for no service in particular; use
// [Network.DiscoverUnintroduced] for those that an overlay should walk to.
func (n *Network) LoadSnapshot(addrs []netip.AddrPort) (added int) {
	for _, addr := range addrs {
		if !n.Listed(addr) && n.DiscoverUnintroduced(addr, peer.CommunityID{}, false) {
			added++
		}
	}
	return added
}
