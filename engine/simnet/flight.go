package simnet

import (
	"net/netip"
	"time"
)

// packet is a datagram on the way or waiting in a socket.
type packet struct {
	at       time.Time
	socket   uint64 // who sent it and its number there: the order of equal times
	number   uint64
	src, dst netip.AddrPort
	realm    *NAT // whose inside dst is in; nil for the public network
	data     []byte
}

// before orders arrivals, independently of how goroutines were scheduled.
func (p *packet) before(q *packet) bool {
	if c := p.at.Compare(q.at); c != 0 {
		return c < 0
	}
	if p.socket != q.socket {
		return p.socket < q.socket
	}
	return p.number < q.number
}

// flight holds the datagrams on the way in a heap, the earliest arrival first, and
// keeps packets for reuse.
type flight struct {
	heap []*packet
	free []*packet
}

// maxFree bounds the packets kept for reuse.
const maxFree = 1 << 14

// packet returns a packet with a copy of data.
func (f *flight) packet(data []byte) *packet {
	p := new(packet)
	if last := len(f.free) - 1; last >= 0 {
		p, f.free = f.free[last], f.free[:last]
	}
	p.data = append(p.data[:0], data...)
	return p
}

// release takes back a packet that nobody needs any more.
func (f *flight) release(p *packet) {
	if len(f.free) < maxFree {
		f.free = append(f.free, p)
	}
}

// push adds a packet to the heap.
func (f *flight) push(p *packet) {
	f.heap = append(f.heap, p)
	i := len(f.heap) - 1
	for i > 0 {
		parent := (i - 1) / 2
		if !p.before(f.heap[parent]) {
			break
		}
		f.heap[i] = f.heap[parent]
		i = parent
	}
	f.heap[i] = p
}

// pop removes the earliest packet if it arrives at now or before, else returns nil.
func (f *flight) pop(now time.Time) *packet {
	if len(f.heap) == 0 || f.heap[0].at.After(now) {
		return nil
	}
	first := f.heap[0]
	last := len(f.heap) - 1
	p := f.heap[last]
	f.heap[last] = nil
	f.heap = f.heap[:last]
	if last > 0 {
		f.sink(p)
	}
	return first
}

// sink puts p where it belongs, from the root down.
func (f *flight) sink(p *packet) {
	i := 0
	for {
		child := 2*i + 1
		if child >= len(f.heap) {
			break
		}
		if child+1 < len(f.heap) && f.heap[child+1].before(f.heap[child]) {
			child++
		}
		if !f.heap[child].before(p) {
			break
		}
		f.heap[i] = f.heap[child]
		i = child
	}
	f.heap[i] = p
}

// queue is what waits in a socket: a ring of packets that grows to its bound.
type queue struct {
	ring []*packet
	head int
	n    int
}

func (q *queue) len() int { return q.n }

func (q *queue) push(p *packet) {
	if q.n == len(q.ring) {
		grown := make([]*packet, max(16, 2*q.n))
		for i := range q.n {
			grown[i] = q.ring[(q.head+i)%len(q.ring)]
		}
		q.ring, q.head = grown, 0
	}
	q.ring[(q.head+q.n)%len(q.ring)] = p
	q.n++
}

func (q *queue) pop() *packet {
	p := q.ring[q.head]
	q.ring[q.head] = nil
	q.head = (q.head + 1) % len(q.ring)
	q.n--
	return p
}
