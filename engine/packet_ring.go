package engine

import (
	"net/netip"
	"slices"
	"sync"
	"time"

	"peerscope/engine/community"
)

const (
	// packetsKept is how many packets the ring holds.
	packetsKept = 2000
	// packetBytesKept bounds what is kept of one packet.
	packetBytesKept = 2048
)

// A PacketRecord is one of the last packets, as it was on the wire.
type PacketRecord struct {
	Time time.Time
	// Peer is the other end.
	Peer netip.AddrPort
	// Sent tells our packets from those received.
	Sent bool
	// Reason is what became of a received packet at decoding.
	Reason community.Reason
	// Data is the packet, cut at 2 KiB; Size its whole length.
	Data []byte
	Size int
}

// packetRing keeps the last packets in memory, for people who look at what a
// peer says. Slots are used again, so recording allocates nothing.
type packetRing struct {
	mu    sync.Mutex
	slots []PacketRecord
	next  int
}

func newPacketRing() *packetRing { return &packetRing{slots: make([]PacketRecord, 0, packetsKept)} }

func (r *packetRing) record(at time.Time, peer netip.AddrPort, sent bool, reason community.Reason, data []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.slots) < packetsKept {
		r.slots = append(r.slots, PacketRecord{})
		r.next = len(r.slots) - 1
	}
	s := &r.slots[r.next]
	kept := append(s.Data[:0], data[:min(len(data), packetBytesKept)]...)
	*s = PacketRecord{Time: at, Peer: peer, Sent: sent, Reason: reason, Data: kept, Size: len(data)}
	r.next = (r.next + 1) % packetsKept
}

// last copies the newest n records that match, oldest first.
func (r *packetRing) last(n int, match func(*PacketRecord) bool) []PacketRecord {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []PacketRecord
	for i := range r.slots {
		at := (r.next - 1 - i + 2*packetsKept) % packetsKept
		if at >= len(r.slots) || len(out) == n {
			continue
		}
		if s := &r.slots[at]; match == nil || match(s) {
			c := *s
			c.Data = slices.Clone(s.Data)
			out = append(out, c)
		}
	}
	slices.Reverse(out)
	return out
}
