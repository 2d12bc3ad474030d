package engine

import (
	"errors"
	"hash/maphash"
	"net"
	"net/netip"
	"time"

	"peerscope/engine/community"
	"peerscope/engine/udp"
	"peerscope/engine/wire"
)

const (
	readBatch = 64
	// readBuffer holds the longest packet that we look at. IPv8 names no limit;
	// what fits into one Ethernet frame is the practical one.
	readBuffer = 4096
)

// A reader takes datagrams from one socket, drops what is not worth more work,
// and hands the rest on: unsigned messages to the loop, signed ones to the
// checker that their source belongs to.
type reader struct {
	p       *pipeline
	socket  Socket
	decoder community.Decoder
	limit   sourceLimit
	start   time.Time
	checks  []*checkBatch // per checker, filled from one read
	direct  *messageBatch // unsigned messages of one read
}

func (r *reader) run() {
	ds := make([]udp.Datagram, readBatch)
	memory := make([]byte, readBatch*readBuffer)
	for i := range ds {
		ds[i].Data = memory[i*readBuffer : (i+1)*readBuffer : (i+1)*readBuffer]
	}
	for {
		n, err := r.socket.ReadBatch(ds)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			r.p.log.Warn("reading packets failed", "socket", r.socket.LocalAddr(), "error", err)
			if !r.p.pause() {
				return
			}
			continue
		}
		r.p.counters.received.Add(uint64(n))
		now := time.Now()
		for i := range ds[:n] {
			r.take(now, &ds[i])
		}
		r.flush()
	}
}

// take screens one datagram and puts it where it goes next.
func (r *reader) take(now time.Time, d *udp.Datagram) {
	id, reason := r.decoder.Screen(d.Addr, d.Data)
	if reason == community.Accepted && !r.limit.allow(int64(now.Sub(r.start)), d.Addr) {
		reason = community.SourceRate
	}
	if reason != community.Accepted {
		r.p.rejected(now, d.Addr, id, reason, d.Data)
		return
	}
	if id.Signed() {
		r.toChecker(d, id)
		return
	}
	m, reason := r.decoder.Decode(now, d.Addr, d.Data)
	if reason != community.Accepted {
		r.p.rejected(now, d.Addr, id, reason, d.Data)
		return
	}
	r.p.packets.record(now, d.Addr, false, reason, d.Data)
	m.At, m.Local = d.At, d.Local
	if r.direct == nil {
		r.direct = newMessageBatch()
	}
	r.direct.messages = append(r.direct.messages, m)
}

func (r *reader) toChecker(d *udp.Datagram, id wire.MessageID) {
	i := 0
	if len(r.checks) > 1 {
		i = int(maphash.Comparable(r.p.seed, d.Addr) % uint64(len(r.checks)))
	}
	if r.checks[i] == nil {
		r.checks[i] = newCheckBatch()
	}
	r.checks[i].add(d, id)
}

// flush hands the batches on without waiting: a full queue drops its packets.
func (r *reader) flush() {
	if r.direct != nil {
		select {
		case r.p.messages <- r.direct:
		case <-r.p.stopped:
		}
		r.direct = nil
	}
	for i, b := range r.checks {
		if b == nil {
			continue
		}
		select {
		case r.p.checks[i] <- b:
		default:
			for _, j := range b.jobs {
				r.p.rejected(j.at, j.from, j.id, community.Overload, b.data[j.start:j.end])
			}
			b.free()
		}
		r.checks[i] = nil
	}
}

// rejected counts a dropped packet and offers it as a sample.
func (p *pipeline) rejected(now time.Time, from netip.AddrPort, id wire.MessageID, reason community.Reason, data []byte) {
	p.counters.outcome(from, id, reason)
	p.packets.record(now, from, false, reason, data)
	select {
	case p.samples <- rejection{from, reason}:
	default: // enough of them are waiting
	}
}

// rejection is a sample of a dropped packet, on its way to the loop.
type rejection struct {
	from   netip.AddrPort
	reason community.Reason
}
