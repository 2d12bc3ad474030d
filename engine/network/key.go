package network

import (
	"peerscope/engine/peer"
)

type keyID = uint32

// The classes of a peer's addresses.
const (
	classIPv6 = iota
	classIPv4
	classLAN
	classes
)

// A keyRecord is a key that is verified, or has services, or introduced somebody.
// What every look-up reads comes first.
type keyRecord struct {
	mid           peer.Mid
	position      uint32     // of a verified peer in Network.verified
	peer          *peer.Peer // nil if not verified
	services      []membership
	registered    uint64             // which registered services it has, by bit
	addresses     [classes]addressID // of a verified peer, as indexed
	introductions list               // of addressRecord.intro
	queue         links              // of an unverified key in Network.unverified
}

// A membership is a service of a key, and of a verified key its position among
// the service's members.
type membership struct {
	service  serviceID
	position uint32
}

func (n *Network) introLinks(id addressID) *links { return &n.addresses.at(id).intro }

func (n *Network) queueLinks(id keyID) *links { return &n.keys.at(id).queue }

// lookup is the id of a key's record, 0 if it has none.
func (n *Network) lookup(mid peer.Mid) keyID {
	return n.byMid.find(n.byMid.hash(mid[:]), func(id uint32) bool { return n.keys.at(id).mid == mid })
}

// verifiedKey is the id of a verified peer's key, 0 if it is not verified.
func (n *Network) verifiedKey(mid peer.Mid) keyID {
	if id := n.lookup(mid); id != 0 && n.keys.at(id).peer != nil {
		return id
	}
	return 0
}

// key finds or makes the record of a key. One made by it is unverified, and the
// caller has to give it a service or an introduction, or verify it. The oldest
// unverified key goes when there are too many.
func (n *Network) key(mid peer.Mid) keyID {
	if id := n.lookup(mid); id != 0 {
		return id
	}
	if int(n.unverified.len) >= n.cfg.UnverifiedKeys {
		n.forgetKey(n.unverified.first)
	}
	id, k := n.keys.alloc()
	k.mid = mid
	n.byMid.insert(n.byMid.hash(mid[:]), id)
	n.unverified.pushBack(id, n.queueLinks)
	return id
}

// forgetKey drops an unverified key with its services; what it introduced is
// then introduced by nobody.
func (n *Network) forgetKey(id keyID) {
	k := n.keys.at(id)
	n.clearServices(id)
	for k.introductions.len > 0 {
		n.dropIntroducer(k.introductions.first)
	}
	n.freeKey(id)
}

// releaseKey drops the record of a key about which there is nothing to know.
func (n *Network) releaseKey(id keyID) {
	k := n.keys.at(id)
	if k.peer == nil && len(k.services) == 0 && k.introductions.len == 0 {
		n.freeKey(id)
	}
}

func (n *Network) freeKey(id keyID) {
	n.unverified.remove(id, n.queueLinks)
	n.byMid.remove(n.byMid.hash(n.keys.at(id).mid[:]), id)
	n.keys.release(id)
}

// linkIntroduction records who introduced an address. Of too many introductions
// the oldest loses its introducer.
func (n *Network) linkIntroduction(id addressID, introducer keyID) {
	a, k := n.addresses.at(id), n.keys.at(introducer)
	a.introducer = introducer
	k.introductions.pushBack(id, n.introLinks)
	if int(k.introductions.len) > n.cfg.Introductions {
		n.dropIntroducer(k.introductions.first)
	}
	n.deferSettling(id)
}

// unlinkIntroduction forgets who introduced an address, and the key if that was
// all there was to know about it.
func (n *Network) unlinkIntroduction(id addressID) {
	if introducer := n.addresses.at(id).introducer; introducer != 0 {
		n.addresses.at(id).introducer = 0
		n.keys.at(introducer).introductions.remove(id, n.introLinks)
		n.releaseKey(introducer)
	}
}

// dropIntroducer makes a listed address one that nobody introduced, and leaves
// the key's record in place.
func (n *Network) dropIntroducer(id addressID) {
	a := n.addresses.at(id)
	n.keys.at(a.introducer).introductions.remove(id, n.introLinks)
	a.introducer = 0
	n.evaluate(id)
}
