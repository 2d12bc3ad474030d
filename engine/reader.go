package engine

import (
	"errors"
	"hash/maphash"
	"net"
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
	checks  [][lanes]*checkBatch // per checker, filled from one read
	direct  *messageBatch        // unsigned messages of one read
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
			r.closed()
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

// closed tells the operator when it was not us who closed the socket.
func (r *reader) closed() {
	select {
	case <-r.p.stopped:
	default:
		r.p.log.Error("socket closed, no more packets from it", "socket", r.socket.LocalAddr())
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
		r.toChecker(now, d, id)
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

// toChecker adds a packet to the batch for its checker. One of a source that has
// just become an acquaintance may overtake those that are in line already.
func (r *reader) toChecker(now time.Time, d *udp.Datagram, id wire.MessageID) {
	i, l := 0, strange
	if len(r.checks) > 1 {
		i = int(maphash.Comparable(r.p.seed, d.Addr) % uint64(len(r.checks)))
	}
	if r.p.known.knows(now, d.Addr) {
		l = acquainted
	}
	if r.checks[i][l] == nil {
		r.checks[i][l] = newCheckBatch()
	}
	r.checks[i][l].add(d, id)
}

// flush hands the batches on without waiting: a full queue drops its packets.
func (r *reader) flush() {
	if r.direct != nil {
		select {
		case r.p.messages <- r.direct:
		case <-r.p.stopped:
			r.p.late(r.direct)
		}
		r.direct = nil
	}
	for i := range r.checks {
		for l, b := range r.checks[i] {
			if b != nil {
				r.enqueue(r.p.checks[i][l], b)
				r.checks[i][l] = nil
			}
		}
	}
}

func (r *reader) enqueue(queue chan<- *checkBatch, b *checkBatch) {
	select {
	case queue <- b:
	default:
		for _, j := range b.jobs {
			r.p.rejected(j.at, j.from, j.id, community.Overload, b.data[j.start:j.end])
		}
		b.free()
	}
}
