package simnet

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"peerscope/engine/udp"
)

// Defaults of [Config].
const (
	DefaultQueueLen    = 4096
	DefaultMaxInFlight = 1 << 20
)

// Config describes a network. The zero value works: 10 ms everywhere and no loss.
type Config struct {
	// Seed decides every loss, duplicate, jitter and NAT port.
	Seed uint64
	// Links gives the link from src to dst. For hosts behind a NAT these are the
	// addresses seen on the way: the NAT's own, except between hosts of one NAT. It is
	// called for every datagram, under the network's lock. nil is [DefaultDelay].
	Links func(src, dst netip.Addr) Link
	// QueueLen bounds the datagrams waiting in one socket; more are dropped and
	// counted in [Conn.KernelDrops]. 0 means [DefaultQueueLen].
	QueueLen int
	// MaxInFlight bounds the datagrams on the way. 0 means [DefaultMaxInFlight].
	MaxInFlight int
}

// Stats counts what became of datagrams.
type Stats struct {
	Sent        uint64 // handed to WriteBatch, with an address of the right family
	Delivered   uint64 // put into a socket's queue
	Lost        uint64 // by a link's Loss
	Cut         uint64 // by a partition
	Unreachable uint64 // nobody has that address and port
	Filtered    uint64 // refused by a NAT
	Overflow    uint64 // the socket's queue was full
	Congested   uint64 // too many in flight
}

// Net is a network. Its methods may be called from any goroutine of the bubble that it
// was made in.
type Net struct {
	cfg Config

	mu       sync.Mutex
	closed   bool
	public   realm
	nats     map[netip.Addr]*NAT
	cut      func(src, dst netip.Addr) bool
	sockets  uint64 // opened so far: numbers them
	flight   flight
	timer    *time.Timer
	timerAt  time.Time // what timer is set to; zero when it is not set
	counters Stats
}

// realm is one address space: the public one, or that behind a NAT.
type realm map[netip.Addr]*Host

// New returns an empty network.
func New(cfg Config) *Net {
	if cfg.Links == nil {
		cfg.Links = uniform
	}
	if cfg.QueueLen == 0 {
		cfg.QueueLen = DefaultQueueLen
	}
	if cfg.MaxInFlight == 0 {
		cfg.MaxInFlight = DefaultMaxInFlight
	}
	return &Net{cfg: cfg, public: make(realm), nats: make(map[netip.Addr]*NAT)}
}

// HostOptions places a host.
type HostOptions struct {
	// NAT is the NAT that the host is behind; nil puts it on the public network.
	NAT *NAT
}

// Host is a machine with one address.
type Host struct {
	net   *Net
	nat   *NAT
	addr  netip.Addr
	conns map[uint16]*Conn
}

// Host returns the host at addr, which is made if it is new. Hosts behind different
// NATs may have the same address.
func (n *Net) Host(addr netip.Addr, opts HostOptions) *Host {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.host(addr, opts.NAT)
}

func (n *Net) host(addr netip.Addr, nat *NAT) *Host {
	r := n.public
	if nat == nil && n.nats[addr] != nil {
		panic("simnet: two owners of public address " + addr.String())
	}
	if nat != nil {
		r = nat.inside
	}
	h, ok := r[addr]
	if !ok {
		h = &Host{net: n, nat: nat, addr: addr, conns: make(map[uint16]*Conn)}
		r[addr] = h
	}
	return h
}

// Listen opens a socket on a host of the public network; see [Host.Listen].
func (n *Net) Listen(addr netip.AddrPort) (*Conn, error) {
	if !addr.IsValid() {
		return nil, errors.New("listen: no address")
	}
	return n.Host(addr.Addr(), HostOptions{}).Listen(addr.Port())
}

// firstPort is where the search for a free port begins.
const firstPort = 49152

// Addr returns the host's own address, which is private behind a NAT.
func (h *Host) Addr() netip.Addr { return h.addr }

// Listen opens a socket on the host's address. Port 0 picks a free port. The error
// wraps [udp.ErrAddressInUse] when the port is taken.
func (h *Host) Listen(port uint16) (*Conn, error) {
	h.net.mu.Lock()
	defer h.net.mu.Unlock()
	if h.net.closed {
		return nil, net.ErrClosed
	}
	for p := uint16(firstPort); port == 0 && p != 0; p++ {
		if h.conns[p] == nil {
			port = p
		}
	}
	addr := netip.AddrPortFrom(h.addr, port)
	if port == 0 || h.conns[port] != nil {
		return nil, fmt.Errorf("listen on %v: %w", addr, udp.ErrAddressInUse)
	}
	h.net.sockets++
	c := newConn(h, addr, h.net.sockets)
	h.conns[port] = c
	return c, nil
}

// SetLinks replaces [Config.Links]; nil is [DefaultDelay] everywhere. Datagrams on the
// way keep the link that they took.
func (n *Net) SetLinks(links func(src, dst netip.Addr) Link) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if links == nil {
		links = uniform
	}
	n.cfg.Links = links
}

// Partition drops, from now on, what is sent from src to dst where cut says so; nil
// heals the network. What is on the way arrives.
func (n *Net) Partition(cut func(src, dst netip.Addr) bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.cut = cut
}

// Stats returns the counts so far.
func (n *Net) Stats() Stats {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.counters
}

// Close closes every socket and forgets what is on the way.
func (n *Net) Close() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.closed = true
	n.flight = flight{}
	if n.timer != nil {
		n.timer.Stop()
	}
	n.public.close()
	for _, nat := range n.nats {
		nat.inside.close()
	}
	return nil
}

// close closes the sockets of every host.
func (r realm) close() {
	for _, h := range r {
		for _, c := range h.conns {
			c.closeLocked()
		}
	}
}
