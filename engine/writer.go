package engine

import (
	"sync/atomic"
	"time"

	"peerscope/engine/community"
	"peerscope/engine/udp"
	"peerscope/engine/wire"
)

const (
	// sendQueue bounds the packets between the loop and the kernel: the signed and
	// the unsigned apart, so that no load of signing keeps a ping or a pong back.
	sendQueue = 8192
	// signBatch is how many packets one signer takes at a time, so that several
	// share a burst.
	signBatch = 16
)

// outbox collects what the loop wants to send while it handles a batch. It
// belongs to the loop.
type outbox struct {
	signed, unsigned []community.Packet
}

// send queues a packet; false when too many wait already.
func (p *pipeline) send(packet community.Packet) bool {
	queued, out := &p.queued, &p.out.unsigned
	if packet.Key != nil {
		queued, out = &p.queuedSigned, &p.out.signed
	}
	if queued.Load() >= sendQueue {
		return false
	}
	queued.Add(1)
	*out = append(*out, packet)
	return true
}

// flush hands the collected packets to the writers. The queues hold sendQueue
// batches, more than there can be, so it never waits.
func (p *pipeline) flush(now time.Time) {
	for i := range p.out.signed {
		if c := &p.out.signed[i]; asks(wire.MessageID(c.Data[wire.PrefixLen])) {
			p.known.met(now, c.To, askedFor)
		}
	}
	if len(p.out.unsigned) > 0 {
		p.prompt <- p.out.unsigned
		p.out.unsigned = nil
	}
	for len(p.out.signed) > 0 {
		n := min(signBatch, len(p.out.signed))
		p.toSign <- p.out.signed[:n:n]
		p.out.signed = p.out.signed[n:]
	}
	p.out.signed = nil
}

// write is a writer: it signs and sends the batches of its queue until the queue
// is closed. Unsigned packets have a writer of their own, so that a ping leaves
// when it is stamped.
func (p *pipeline) write(queue <-chan []community.Packet, queued *atomic.Int64) {
	var v4, v6 []udp.Datagram
	for batch := range queue {
		v4, v6 = v4[:0], v6[:0]
		for i := range batch {
			c := &batch[i]
			if c.Key != nil {
				c.Data = c.Key.AppendSignature(c.Data, c.Data)
			}
			d := udp.Datagram{Data: c.Data, Addr: c.To, Local: c.From}
			if c.To.Addr().Is4() {
				v4 = append(v4, d)
			} else {
				v6 = append(v6, d)
			}
		}
		p.stamp(batch)
		p.sendAll(v4)
		p.sendAll(v6)
		queued.Add(-int64(len(batch)))
	}
}

// stamp notes the time just before the batch is sent.
func (p *pipeline) stamp(batch []community.Packet) {
	now := time.Now()
	for i := range batch {
		if batch[i].Stamp != nil {
			batch[i].Stamp.Set(now)
		}
		p.packets.record(now, batch[i].To, true, community.Accepted, batch[i].Data)
	}
}

// sendAll sends datagrams of one family.
func (p *pipeline) sendAll(ds []udp.Datagram) {
	if len(ds) == 0 {
		return
	}
	s := socketFor(p.sockets, ds[0].Addr.Addr())
	if s == nil {
		return // the state machine sends to families that we have
	}
	n, err := s.WriteBatch(ds)
	p.counters.sent.Add(uint64(n))
	if err != nil {
		p.log.Debug("sending packets failed", "socket", s.LocalAddr(), "error", err)
	}
}
