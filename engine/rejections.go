package engine

import (
	"net/netip"
	"sync/atomic"
	"time"

	"peerscope/engine/community"
	"peerscope/engine/event"
	"peerscope/engine/wire"
)

// rejectionsPerSecond bounds the dropped packets that become events.
const rejectionsPerSecond = 10

// rejection is a sample of a dropped packet, on its way to the loop.
type rejection struct {
	from   netip.AddrPort
	reason community.Reason
}

// rejected counts a dropped packet and offers it as a sample.
func (p *pipeline) rejected(now time.Time, from netip.AddrPort, id wire.MessageID, reason community.Reason, data []byte) {
	p.counters.outcome(from, id, reason)
	p.packets.record(now, from, false, reason, data)
	if !p.sampled.take(now) {
		return
	}
	select {
	case p.samples <- rejection{from, reason}:
	default: // enough of them are waiting
	}
}

// sampled keeps those who drop packets from waking the loop for each of them.
type sampled struct {
	second atomic.Int64
	taken  atomic.Int32
}

// take tells whether this second may have another sample, give or take a few.
func (s *sampled) take(now time.Time) bool {
	if second := now.Unix(); s.second.Swap(second) != second {
		s.taken.Store(0)
	}
	return s.taken.Add(1) <= rejectionsPerSecond
}

// rejections turns samples of dropped packets into at most ten events in any second.
type rejections struct {
	last [rejectionsPerSecond]time.Time // when the latest events were, the oldest at next
	next int
}

func (r *rejections) emit(now time.Time, s rejection, log *event.Log) {
	if now.Sub(r.last[r.next]) < time.Second {
		return
	}
	r.last[r.next] = now
	r.next = (r.next + 1) % rejectionsPerSecond
	log.Append(now, event.PacketRejected{Address: s.from, Reason: s.reason.String()})
}
