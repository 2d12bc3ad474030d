package community

import (
	"peerscope/engine/peer"
	"peerscope/engine/wire"
)

const (
	// signedSize is room for every message with a 74-byte key and its signature;
	// similarity lists of more than five ids grow beyond it.
	signedSize = 288
	// unsignedSize is room for every unsigned message with IPv4 addresses.
	unsignedSize = 48
)

// send encodes a message and queues it: signed with key, or unsigned if the
// message has no signature. It is the one way out, so nothing leaves for where
// our sockets must not send.
func (h *Host) send(to Packet, community peer.CommunityID, key *ownKey, globalTime uint64, p wire.Payload) Reason {
	if !h.reachable(to.To) {
		return Unanswerable
	}
	var err error
	id := p.ID()
	if id.Signed() {
		to.Key = key.private
		to.Data = wire.AppendSignedHeader(make([]byte, 0, signedSize), community, id, key.blob, globalTime)
	} else {
		to.Data = wire.AppendUnsignedHeader(make([]byte, 0, unsignedSize), community, id, globalTime)
	}
	if to.Data, err = p.AppendBinary(to.Data); err != nil {
		h.log.Debug("cannot encode", "message", id.String(), "to", to.To, "error", err)
		return Unanswerable
	}
	if !h.cfg.Send(to) {
		return SendQueue
	}
	return Accepted
}
