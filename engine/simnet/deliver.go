package simnet

import (
	"net/netip"
	"time"
)

// send puts the copies of a datagram on the way; the caller holds the lock and calls
// schedule afterwards.
func (n *Net) send(c *Conn, dst netip.AddrPort, data []byte, now time.Time) {
	n.counters.Sent++
	src, realm, ok := n.route(c, dst, now)
	if !ok {
		n.counters.Filtered++
		return
	}
	if n.cut != nil && n.cut(src.Addr(), dst.Addr()) {
		n.counters.Cut++
		return
	}
	delays, copies := n.cfg.Links(src.Addr(), dst.Addr()).draw(c.rng)
	if copies == 0 {
		n.counters.Lost++
	}
	for _, delay := range delays[:copies] {
		if len(n.flight.heap) >= n.cfg.MaxInFlight {
			n.counters.Congested++
			return
		}
		p := n.flight.packet(data)
		p.at, p.src, p.dst, p.realm = now.Add(delay), src, dst, realm
		p.socket, p.number = c.id, c.sent
		c.sent++
		n.flight.push(p)
	}
}

// route returns the source address that the destination sees, and the NAT that the
// datagram stays behind: hosts of one NAT reach each other directly. ok is false when
// the sender's NAT does not let the datagram out.
func (n *Net) route(c *Conn, dst netip.AddrPort, now time.Time) (src netip.AddrPort, behind *NAT, ok bool) {
	nat := c.host.nat
	if nat == nil {
		return c.addr, nil, true
	}
	if nat.inside[dst.Addr()] != nil {
		return c.addr, nat, true
	}
	src, ok = nat.outbound(c.addr, dst, now)
	return src, nil, ok
}

// schedule sets the timer to the earliest arrival; the caller holds the lock.
func (n *Net) schedule() {
	if len(n.flight.heap) == 0 {
		return
	}
	at := n.flight.heap[0].at
	if !n.timerAt.IsZero() && !at.Before(n.timerAt) {
		return
	}
	n.timerAt = at
	if n.timer == nil {
		n.timer = time.AfterFunc(time.Until(at), n.arrive)
		return
	}
	n.timer.Reset(time.Until(at))
}

// arrive delivers everything that is due, in order, before any reader sees a part.
func (n *Net) arrive() {
	n.mu.Lock()
	defer n.mu.Unlock()
	now := time.Now()
	for p := n.flight.pop(now); p != nil; p = n.flight.pop(now) {
		if !n.deliver(p) {
			n.flight.release(p)
		}
	}
	n.timerAt = time.Time{}
	n.schedule()
}

// deliver puts a packet into the socket that it is for, and reports whether it did.
func (n *Net) deliver(p *packet) bool {
	c := n.lookup(p)
	switch {
	case c == nil:
		return false
	case c.queue.len() >= n.cfg.QueueLen:
		c.drops++
		n.counters.Overflow++
		return false
	}
	c.queue.push(p)
	n.counters.Delivered++
	c.ready.Signal()
	return true
}

// lookup finds the socket that a packet is for, through its NAT if there is one, and
// counts why there is none.
func (n *Net) lookup(p *packet) *Conn {
	r, dst := n.public, p.dst
	if p.realm != nil {
		r = p.realm.inside
	} else if nat := n.nats[dst.Addr()]; nat != nil {
		inside, ok := nat.inbound(p.src, dst.Port(), p.at)
		if !ok {
			n.counters.Filtered++
			return nil
		}
		r, dst = nat.inside, inside
	}
	if h := r[dst.Addr()]; h != nil && h.conns[dst.Port()] != nil {
		return h.conns[dst.Port()]
	}
	n.counters.Unreachable++
	return nil
}
