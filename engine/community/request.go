package community

import (
	"time"

	"peerscope/engine/peer"
	"peerscope/engine/requestcache"
	"peerscope/engine/wire"
)

// identifierTries is how many identifiers a request may find taken by pending
// ones to the same address: those of our other keys, whose clocks run apart.
const identifierTries = 4

// expect starts to wait for the answer to a request and returns the global time
// that it claimed for it, whose lower 16 bits it made the identifier.
func (h *Host) expect(now time.Time, r requestcache.Request, key *ownKey, identifier *uint16) (globalTime uint64, ok bool) {
	for range identifierTries {
		t := key.claimGlobalTime()
		*identifier = uint16(t)
		if h.requests.Add(now, r) == nil {
			return t, true
		}
	}
	return 0, false
}

// sendRequest sends what pending waits for. What could not even be queued is
// not waited for: it would count as lost.
func (h *Host) sendRequest(to Packet, community peer.CommunityID, key *ownKey, globalTime uint64, pending requestcache.Request, p wire.Payload) bool {
	if h.send(to, community, key, globalTime, p) != Accepted {
		h.requests.Pop(pending.Key())
		return false
	}
	return true
}
