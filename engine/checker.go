package engine

import (
	"net/netip"
	"sync"
	"time"

	"peerscope/engine/community"
	"peerscope/engine/udp"
	"peerscope/engine/wire"
)

// A checkBatch holds signed packets of one read, copied out of the reader's
// buffers.
type checkBatch struct {
	data []byte
	jobs []checkJob
}

type checkJob struct {
	start, end int // in data
	from       netip.AddrPort
	local      netip.Addr
	at         time.Time
	id         wire.MessageID
}

var checkBatches = sync.Pool{New: func() any {
	return &checkBatch{data: make([]byte, 0, readBatch*256), jobs: make([]checkJob, 0, readBatch)}
}}

func newCheckBatch() *checkBatch { return checkBatches.Get().(*checkBatch) }

func (b *checkBatch) add(d *udp.Datagram, id wire.MessageID) {
	start := len(b.data)
	b.data = append(b.data, d.Data...)
	b.jobs = append(b.jobs, checkJob{start, len(b.data), d.Addr, d.Local, d.At, id})
}

func (b *checkBatch) free() {
	b.data, b.jobs = b.data[:0], b.jobs[:0]
	checkBatches.Put(b)
}

// A messageBatch carries decoded messages to the loop.
type messageBatch struct {
	messages []community.Message
}

var messageBatches = sync.Pool{New: func() any {
	return &messageBatch{make([]community.Message, 0, readBatch)}
}}

func newMessageBatch() *messageBatch { return messageBatches.Get().(*messageBatch) }

func (b *messageBatch) free() {
	clear(b.messages)
	b.messages = b.messages[:0]
	messageBatches.Put(b)
}

// A lane is one of a checker's two queues.
type lane int

const (
	// acquainted is for packets of sources that we asked or that answered us. The
	// other lane has its turn when this one is empty.
	acquainted lane = iota
	strange
	lanes
)

// checkQueues are the lanes of one checker.
type checkQueues [lanes]chan *checkBatch

func newCheckQueues() (q checkQueues) {
	for l := range q {
		q[l] = make(chan *checkBatch, checkQueue)
	}
	return q
}

// take waits for a batch; false means that both lanes are closed and empty.
func (q *checkQueues) take() (b *checkBatch, from lane, ok bool) {
	select {
	case b, ok = <-q[acquainted]:
		if ok {
			return b, acquainted, true
		}
	default:
	}
	select {
	case b, ok = <-q[acquainted]:
		if !ok { // both are closed by now
			b, ok = <-q[strange]
			return b, strange, ok
		}
		return b, acquainted, true
	case b, ok = <-q[strange]:
		if !ok {
			b, ok = <-q[acquainted]
			return b, acquainted, ok
		}
		return b, strange, true
	}
}

// close lets the checker empty the queues and end.
func (q *checkQueues) close() {
	for _, queue := range q {
		close(queue)
	}
}

// check is a checker: it decodes and verifies the packets of its queues until they
// are closed. Each lane has a decoder, for each has a budget of its own.
func (p *pipeline) check(q checkQueues, decoders [lanes]community.Decoder) {
	for {
		b, from, ok := q.take()
		if !ok {
			return
		}
		p.checkBatch(b, &decoders[from])
		b.free()
	}
}

func (p *pipeline) checkBatch(b *checkBatch, d *community.Decoder) {
	out := newMessageBatch()
	for _, j := range b.jobs {
		now, data := time.Now(), b.data[j.start:j.end]
		m, reason := d.Decode(now, j.from, data)
		if reason != community.Accepted {
			p.rejected(now, j.from, j.id, reason, data)
			continue
		}
		p.packets.record(now, j.from, false, reason, data)
		m.At, m.Local = j.at, j.local
		out.messages = append(out.messages, m)
	}
	if len(out.messages) == 0 {
		out.free()
		return
	}
	select {
	case p.messages <- out:
	case <-p.stopped:
		p.late(out)
	}
}
