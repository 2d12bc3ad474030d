package simnet

import (
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"time"

	"peerscope/engine/udp"
)

// Conn is a socket with the methods of [udp.Conn].
type Conn struct {
	host  *Host
	addr  netip.AddrPort
	id    uint64
	rng   *rand.Rand // one per socket, so that goroutines taking turns do not change the draws
	ready sync.Cond

	// Guarded by the mutex of the Net.
	sent      uint64
	queue     queue
	closed    bool
	drops     uint64
	truncated uint64
	refused   uint64
}

// newConn returns an open socket; the caller holds the lock.
func newConn(h *Host, addr netip.AddrPort, id uint64) *Conn {
	return &Conn{
		host: h, addr: addr, id: id,
		rng:   rand.New(rand.NewPCG(h.net.cfg.Seed, id)),
		ready: sync.Cond{L: &h.net.mu},
	}
}

// LocalAddr returns the address of the host, private behind a NAT, and the port.
func (c *Conn) LocalAddr() netip.AddrPort { return c.addr }

// ReadBatch blocks until a datagram has arrived and copies those waiting into the
// buffers of ds, as [udp.Conn.ReadBatch] does. At is the time of arrival.
func (c *Conn) ReadBatch(ds []udp.Datagram) (int, error) {
	if len(ds) == 0 {
		return 0, nil
	}
	n := c.host.net
	n.mu.Lock()
	defer n.mu.Unlock()
	for {
		for c.queue.len() == 0 && !c.closed {
			c.ready.Wait()
		}
		if c.closed {
			return 0, net.ErrClosed
		}
		if k := c.fill(ds); k > 0 {
			return k, nil
		}
	}
}

// fill moves waiting datagrams into ds and returns how many were whole.
func (c *Conn) fill(ds []udp.Datagram) int {
	k := 0
	for k < len(ds) && c.queue.len() > 0 {
		p := c.queue.pop()
		d := &ds[k]
		if len(p.data) > cap(d.Data) {
			c.truncated++
		} else {
			d.Data = append(d.Data[:0], p.data...)
			d.Addr, d.Local, d.At = p.src, c.addr.Addr(), p.at
			k++
		}
		c.host.net.flight.release(p)
	}
	return k
}

// WriteBatch sends copies of ds in order and returns how many were taken; what happens
// to them on the way is not known here, as with UDP. At is set to the present.
func (c *Conn) WriteBatch(ds []udp.Datagram) (int, error) {
	n := c.host.net
	n.mu.Lock()
	defer n.mu.Unlock()
	if c.closed {
		return 0, net.ErrClosed
	}
	now, sent := time.Now(), 0
	for i := range ds {
		ds[i].At = now
		dst := netip.AddrPortFrom(ds[i].Addr.Addr().Unmap(), ds[i].Addr.Port())
		if !dst.IsValid() || dst.Addr().Is4() != c.addr.Addr().Is4() {
			c.refused++
			continue
		}
		n.send(c, dst, ds[i].Data, now)
		sent++
	}
	n.schedule()
	return sent, nil
}

// KernelDrops returns how many datagrams did not fit into the socket's queue.
func (c *Conn) KernelDrops() uint64 { return c.count(&c.drops) }

// Truncated returns how many datagrams were longer than the reader's buffer.
func (c *Conn) Truncated() uint64 { return c.count(&c.truncated) }

func (c *Conn) count(counter *uint64) uint64 {
	c.host.net.mu.Lock()
	defer c.host.net.mu.Unlock()
	return *counter
}

// ReadErrors returns no errors: reading from this network does not fail.
func (c *Conn) ReadErrors() map[string]uint64 { return map[string]uint64{} }

// WriteErrors returns how many datagrams had an address of the wrong family, under
// the errno name of that.
func (c *Conn) WriteErrors() map[string]uint64 {
	counts := make(map[string]uint64)
	if n := c.count(&c.refused); n > 0 {
		counts["EAFNOSUPPORT"] = n
	}
	return counts
}

// Close closes the socket and frees its port. Blocked reads return [net.ErrClosed].
func (c *Conn) Close() error {
	n := c.host.net
	n.mu.Lock()
	defer n.mu.Unlock()
	if c.closed {
		return net.ErrClosed
	}
	c.closeLocked()
	return nil
}

func (c *Conn) closeLocked() {
	c.closed = true
	delete(c.host.conns, c.addr.Port())
	for c.queue.len() > 0 {
		c.host.net.flight.release(c.queue.pop())
	}
	c.ready.Broadcast()
}
