package community

import (
	"peerscope/engine/keyvault"
	"peerscope/engine/peer"
)

// An ownKey is what all overlays with one key of ours share.
type ownKey struct {
	private *keyvault.PrivateKey
	public  keyvault.PublicKey
	blob    []byte // the public key as packets carry it
	mid     peer.Mid
	// globalTime is the Lamport clock. It counts what the key sent and starts
	// at 0 with each start; received times are ignored (IPv8 reference, 3.7).
	globalTime uint64
	// communities are those of the overlays, in registration order, and
	// preferences the same as similarity messages list them.
	communities []peer.CommunityID
	preferences [][20]byte
}

// claimGlobalTime advances the clock and returns its new value.
func (k *ownKey) claimGlobalTime() uint64 {
	k.globalTime++
	return k.globalTime
}

// ownKey finds or makes the shared part of a key. A node has few.
func (h *Host) ownKey(private *keyvault.PrivateKey) *ownKey {
	public := private.Public()
	for _, k := range h.keys {
		if k.public == public {
			return k
		}
	}
	k := &ownKey{private: private, public: public, blob: public.Bytes(), mid: public.Mid()}
	h.keys = append(h.keys, k)
	return k
}

// isOwn tells whether a mid is one of ours.
func (h *Host) isOwn(mid peer.Mid) bool {
	for _, k := range h.keys {
		if k.mid == mid {
			return true
		}
	}
	return false
}
