package community

import (
	"peerscope/engine/keyvault"
	"peerscope/engine/peer"
	"peerscope/engine/wire"
)

// packetSize is room for every message with a 74-byte key and its signature,
// similarity lists of more than a few ids excepted.
const packetSize = 320

// send encodes a message and queues it: signed with key, or unsigned if the
// message has no signature.
func (h *Host) send(to Packet, community peer.CommunityID, key *keyvault.PrivateKey, globalTime uint64, p wire.Payload) Reason {
	var err error
	id := p.ID()
	if id.Signed() {
		to.Key = key
		to.Data = wire.AppendSignedHeader(make([]byte, 0, packetSize), community, id, key.Public().Bytes(), globalTime)
	} else {
		to.Data = wire.AppendUnsignedHeader(make([]byte, 0, wire.HeaderLen+8+48), community, id, globalTime)
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
