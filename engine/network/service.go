package network

import (
	"peerscope/engine/peer"
)

type serviceID = uint32

// A serviceRecord is a service that some key has, some address was introduced
// under, or an overlay of ours is registered for.
type serviceRecord struct {
	id      peer.CommunityID
	members []keyID // the verified ones
	refs    uint32  // keys (verified or not), addresses and overlays that name it
	bit     uint8   // of a registered service; 0, which is anyBit, if it is not
}

// anyBit is the walkable set of no service in particular.
const anyBit = 0

// service finds or makes the record of a service; the caller has to add a
// reference. The zero id has none: it reports 0 and true.
func (n *Network) service(id peer.CommunityID) (serviceID, bool) {
	if id.IsZero() {
		return 0, true
	}
	if sid, ok := n.byService[id]; ok {
		return sid, true
	}
	if n.services.len() >= n.cfg.Communities {
		return 0, false
	}
	sid, s := n.services.alloc()
	s.id = id
	n.byService[id] = sid
	return sid, true
}

// releaseService drops a reference, and the record with the last one.
func (n *Network) releaseService(sid serviceID) {
	s := n.services.at(sid)
	s.refs--
	if s.refs == 0 {
		delete(n.byService, s.id)
		n.services.release(sid)
	}
}

// DiscoverServices records that a key has the services ids, and returns those
// that it was not known to have. Zero ids, and what goes beyond the bounds of
// [Config], are left out. The key need not be verified.
func (n *Network) DiscoverServices(mid peer.Mid, ids []peer.CommunityID) (added []peer.CommunityID) {
	if len(ids) == 0 {
		return nil
	}
	ids = ids[:min(len(ids), n.cfg.ServicesPerPeer)]
	key := n.key(mid)
	before := n.keys.at(key).registered
	for _, id := range ids {
		if sid, ok := n.service(id); ok && sid != 0 && n.join(key, sid) {
			added = append(added, id)
		}
	}
	n.registeredChanged(key, before)
	n.releaseKey(key)
	return added
}

// join adds a service to a key. It reports false if the key has it or there is
// no room. The caller calls registeredChanged.
func (n *Network) join(key keyID, sid serviceID) bool {
	k, s := n.keys.at(key), n.services.at(sid)
	for _, m := range k.services {
		if m.service == sid {
			return false
		}
	}
	s.refs++
	if len(k.services) >= n.cfg.ServicesPerPeer || n.memberships >= n.cfg.Memberships {
		n.releaseService(sid)
		return false
	}
	n.memberships++
	k.services = append(k.services, membership{service: sid})
	if s.bit != anyBit {
		k.registered |= 1 << s.bit
	}
	if k.peer != nil {
		n.enter(key, len(k.services)-1)
	}
	return true
}

// enter puts a verified key among the members of its i-th service.
func (n *Network) enter(key keyID, i int) {
	m := &n.keys.at(key).services[i]
	s := n.services.at(m.service)
	m.position = uint32(len(s.members))
	s.members = append(s.members, key)
}

// leave takes a verified key from the members of one of its services.
func (n *Network) leave(m membership) {
	s := n.services.at(m.service)
	last := s.members[len(s.members)-1]
	s.members[m.position] = last
	s.members = s.members[:len(s.members)-1]
	moved := n.keys.at(last).services
	for i := range moved {
		if moved[i].service == m.service {
			moved[i].position = m.position
			return
		}
	}
}

// clearServices takes all services from a key. For a verified one this is the
// time when it still is.
func (n *Network) clearServices(key keyID) {
	k := n.keys.at(key)
	before := k.registered
	for _, m := range k.services {
		if k.peer != nil {
			n.leave(m)
		}
		n.releaseService(m.service)
	}
	n.memberships -= len(k.services)
	k.services, k.registered = nil, 0
	n.registeredChanged(key, before)
}

// registeredChanged brings the walkable sets up to date after the registered
// services of a key changed: for its own addresses and those it introduced.
func (n *Network) registeredChanged(key keyID, before uint64) {
	k := n.keys.at(key)
	if k.registered == before {
		return
	}
	for _, id := range k.addresses {
		if id != 0 {
			n.evaluate(id)
		}
	}
	for id := k.introductions.first; id != 0; id = n.addresses.at(id).intro.next {
		n.evaluate(id)
	}
}

// ServicesOf are the services a key is known to have, verified or not, in the
// order in which they were learned.
func (n *Network) ServicesOf(mid peer.Mid) []peer.CommunityID {
	id := n.lookup(mid)
	if id == 0 {
		return nil
	}
	k := n.keys.at(id)
	out := make([]peer.CommunityID, len(k.services))
	for i, m := range k.services {
		out[i] = n.services.at(m.service).id
	}
	return out
}

// HasService reports whether a key is known to have a service.
func (n *Network) HasService(mid peer.Mid, id peer.CommunityID) bool {
	key, sid := n.lookup(mid), n.byService[id]
	if key == 0 || sid == 0 {
		return false
	}
	for _, m := range n.keys.at(key).services {
		if m.service == sid {
			return true
		}
	}
	return false
}
