package network

import (
	"peerscope/engine/peer"
)

// maxRegistered is what fits into the bits of a word beside anyBit.
const maxRegistered = 63

// RegisterService tells that an overlay of ours runs the community: from now on
// its walkable addresses are kept. It reports false for the zero id and for more
// than 63 services. Register before anything else is added where possible; later
// it takes a walk over all that is known.
func (n *Network) RegisterService(id peer.CommunityID) bool {
	if n.bit(id) != anyBit {
		return true
	}
	if id.IsZero() || len(n.registered) == maxRegistered {
		return false
	}
	sid, ok := n.service(id)
	if !ok {
		return false
	}
	n.registered = append(n.registered, id)
	n.walkable = append(n.walkable, indexedSet{})
	s := n.services.at(sid)
	s.refs++
	s.bit = uint8(len(n.registered))
	n.indexService(sid)
	return true
}

// indexService brings keys and addresses up to date with a service that was
// just registered.
func (n *Network) indexService(sid serviceID) {
	bit := n.services.at(sid).bit
	for _, k := range n.keys.all {
		for _, m := range k.services {
			if m.service == sid {
				k.registered |= 1 << bit
			}
		}
	}
	for id := range n.addresses.all {
		n.evaluate(id)
	}
}

// Services are the registered services in the order of their registration.
func (n *Network) Services() []peer.CommunityID {
	return append([]peer.CommunityID(nil), n.registered...)
}

// bit is the bit of a registered service, anyBit if it is not registered.
func (n *Network) bit(id peer.CommunityID) uint8 {
	if sid, ok := n.byService[id]; ok {
		return n.services.at(sid).bit
	}
	return anyBit
}
