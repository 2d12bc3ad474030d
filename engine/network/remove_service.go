package network

import (
	"slices"

	"peerscope/engine/peer"
)

// RemoveService takes one service from a key, and reports whether it had it.
// Overlays never do; a tracker does, for a peer that does not answer in a
// community any more (IPv8 reference, 11.3).
func (n *Network) RemoveService(mid peer.Mid, id peer.CommunityID) bool {
	key, sid := n.lookup(mid), n.byService[id]
	if key == 0 || sid == 0 {
		return false
	}
	k := n.keys.at(key)
	i := slices.IndexFunc(k.services, func(m membership) bool { return m.service == sid })
	if i < 0 {
		return false
	}
	before := k.registered
	if k.peer != nil {
		n.leave(k.services[i])
	}
	k.services = slices.Delete(k.services, i, i+1)
	if bit := n.services.at(sid).bit; bit != anyBit {
		k.registered &^= 1 << bit
	}
	n.memberships--
	n.releaseService(sid)
	n.registeredChanged(key, before)
	n.releaseKey(key)
	return true
}
