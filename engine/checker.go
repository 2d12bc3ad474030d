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

// check is a checker: it decodes and verifies the packets of its queue until the
// queue is closed.
func (p *pipeline) check(queue <-chan *checkBatch, d community.Decoder) {
	for b := range queue {
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
		b.free()
		select {
		case p.messages <- out:
		case <-p.stopped:
		}
	}
}
