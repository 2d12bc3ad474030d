package engine

import (
	"maps"
	"net/netip"
	"sync"
	"sync/atomic"

	"peerscope/engine/community"
	"peerscope/engine/wire"
)

// rejectedPrefixes bounds the source prefixes that rejections are counted for;
// those beyond it share one entry, the zero prefix.
const rejectedPrefixes = 4096

// Stats counts packets since the start. Received is what the kernel handed us;
// it equals the sum of Reasons once the queues are empty.
type Stats struct {
	// Received counts datagrams read, truncated ones included; KernelDrops those
	// that found the socket's buffer full.
	Received, KernelDrops uint64
	// Sent counts datagrams given to the kernel.
	Sent uint64
	// Reasons counts received packets by what became of them.
	Reasons map[string]uint64
	// Accepted counts accepted packets by message.
	Accepted map[string]uint64
	// ReadErrors and WriteErrors count by errno name.
	ReadErrors, WriteErrors map[string]uint64
	// RejectedFrom counts rejected packets by source /24 or /48; the zero prefix
	// stands for all that found the table full.
	RejectedFrom map[netip.Prefix]uint64
	// ClockJumps counts leaps of the wall clock against the monotonic one.
	ClockJumps uint64
}

// counters are written by every stage.
type counters struct {
	received, sent, jumps atomic.Uint64
	late                  atomic.Uint64 // received and on their way when the loop stopped
	reasons               [community.Reasons]atomic.Uint64
	accepted              [256]atomic.Uint64

	mu       sync.Mutex
	prefixes map[netip.Prefix]uint64
}

// outcome counts what became of a received packet.
func (c *counters) outcome(from netip.AddrPort, id wire.MessageID, r community.Reason) {
	c.reasons[r].Add(1)
	if r == community.Accepted {
		c.accepted[id].Add(1)
		return
	}
	prefix := sourcePrefix(from.Addr())
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, known := c.prefixes[prefix]; !known {
		if c.prefixes == nil {
			c.prefixes = make(map[netip.Prefix]uint64)
		}
		if len(c.prefixes) >= rejectedPrefixes {
			prefix = netip.Prefix{}
		}
	}
	c.prefixes[prefix]++
}

func sourcePrefix(a netip.Addr) netip.Prefix {
	bits := 24
	if a.Is6() {
		bits = 48
	}
	p, _ := a.Prefix(bits) // the zero prefix for the zero address
	return p
}

// stats adds what the sockets count themselves.
func (c *counters) stats(sockets []Socket) Stats {
	s := Stats{
		Received: c.received.Load(), Sent: c.sent.Load(), ClockJumps: c.jumps.Load(),
		Reasons: make(map[string]uint64), Accepted: make(map[string]uint64),
		ReadErrors: make(map[string]uint64), WriteErrors: make(map[string]uint64),
	}
	for r := range c.reasons {
		if n := c.reasons[r].Load(); n > 0 {
			s.Reasons[community.Reason(r).String()] = n
		}
	}
	if n := c.late.Load(); n > 0 {
		s.Reasons[stopped] = n
	}
	for id := range c.accepted {
		if n := c.accepted[id].Load(); n > 0 {
			s.Accepted[wire.MessageID(id).String()] = n
		}
	}
	for _, socket := range sockets {
		s.KernelDrops += socket.KernelDrops()
		if n := socket.Truncated(); n > 0 {
			s.Received += n
			s.Reasons[tooLong] += n
		}
		addAll(s.ReadErrors, socket.ReadErrors())
		addAll(s.WriteErrors, socket.WriteErrors())
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	s.RejectedFrom = maps.Clone(c.prefixes)
	return s
}

// Reasons that the state machine does not know: of datagrams that the socket cut
// and dropped, and of packets that we had no time for when we stopped.
const (
	tooLong = "too-long"
	stopped = "stopped"
)

func addAll(to, from map[string]uint64) {
	for k, n := range from {
		to[k] += n
	}
}
