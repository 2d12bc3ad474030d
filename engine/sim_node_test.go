package engine

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"peerscope/engine/event"
	"peerscope/engine/peer"
	"peerscope/engine/simnet"
)

// A simNode is one engine of a simulated network, which may be killed and
// started again.
type simNode struct {
	sim    *sim
	number int
	cfg    Config // as given to New, but for the sockets
	hosts  []*simnet.Host
	// prepare changes the engine before it runs; nil does nothing.
	prepare func(*Engine)

	engine  *Engine
	stop    func()
	running bool
	seen    []event.Event // all events of the present run, see drain
}

// An option changes a node before it is started.
type option func(*simNode)

// newNode makes a node with the next identity on the next public address. It is
// a plain peer: it keeps few events and sends little, so that two hundred of
// them fit into a test.
func (s *sim) newNode(options ...option) *simNode {
	s.t.Helper()
	n := &simNode{sim: s, number: len(s.nodes)}
	n.cfg = Config{
		Identity: s.key(n.number), Bootstrap: s.bootstrap, EventLog: 256,
		MaxPackets: plainPackets, PingInterval: plainPings, Seed: s.seed + 100 + uint64(n.number),
	}
	for _, o := range options {
		o(n)
	}
	if n.hosts == nil {
		n.hosts = []*simnet.Host{s.net.Host(public(n.number), simnet.HostOptions{})}
	}
	s.nodes = append(s.nodes, n)
	return n
}

// plainPackets and plainPings are the packet budget and the ping interval of a
// node that is not the observer.
const (
	plainPackets = 2
	plainPings   = 5 * time.Minute
)

// start makes a node and runs it.
func (s *sim) start(options ...option) *simNode {
	s.t.Helper()
	n := s.newNode(options...)
	n.start()
	return n
}

// startMany starts nodes, spread over the first seconds as people are.
func (s *sim) startMany(count int, options ...option) []*simNode {
	s.t.Helper()
	nodes := make([]*simNode, count)
	for i := range nodes {
		nodes[i] = s.start(options...)
		time.Sleep(10 * time.Millisecond)
	}
	return nodes
}

// startObserver starts a node with the budgets and the memory of `serve`.
func (s *sim) startObserver(options ...option) *simNode {
	s.t.Helper()
	return s.start(append([]option{observer}, options...)...)
}

func observer(n *simNode) { n.cfg.MaxPackets, n.cfg.PingInterval, n.cfg.EventLog = 0, 0, 1<<17 }

// lively is a plain node that walks at py-ipv8's pace.
func lively(n *simNode) { n.cfg.MaxPackets = 20 }

// configure changes the engine's configuration.
func configure(f func(*Config)) option { return func(n *simNode) { f(&n.cfg) } }

// at puts a node on public addresses instead of its own, one per family.
func at(addrs ...netip.Addr) option {
	return func(n *simNode) {
		n.hosts = nil
		for _, a := range addrs {
			n.hosts = append(n.hosts, n.sim.net.Host(a, simnet.HostOptions{}))
		}
	}
}

// behind puts a node behind a NAT.
func behind(nat *simnet.NAT, inside string) option {
	return func(n *simNode) {
		n.hosts = []*simnet.Host{n.sim.net.Host(netip.MustParseAddr(inside), simnet.HostOptions{NAT: nat})}
	}
}

// start runs the node, with the state of a process that was just started.
func (n *simNode) start() {
	n.sim.t.Helper()
	n.startOn(n.open()...)
}

// open opens the node's sockets.
func (n *simNode) open() (sockets []Socket) {
	n.sim.t.Helper()
	for _, h := range n.hosts {
		c, err := h.Listen(simPort)
		if err != nil {
			n.sim.t.Fatal(err)
		}
		sockets = append(sockets, c)
	}
	return sockets
}

// startOn runs the node on sockets that are open already.
func (n *simNode) startOn(sockets ...Socket) {
	t := n.sim.t
	t.Helper()
	cfg := n.cfg
	cfg.Sockets = sockets
	if cfg.Interfaces == nil {
		cfg.Interfaces = func() ([]netip.Addr, error) { return n.interfaces(), nil }
	}
	if cfg.Resolve == nil {
		cfg.Resolve = func(_ context.Context, host string) ([]netip.Addr, error) {
			return nil, errors.New("no such host in the simulation: " + host)
		}
	}
	e, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if n.prepare != nil {
		n.prepare(e)
	}
	n.engine, n.seen, n.running = e, nil, true
	ctx, cancel := context.WithCancel(n.sim.ctx)
	done := make(chan struct{})
	n.sim.running.Go(func() {
		defer close(done)
		if err := e.Run(ctx); err != nil {
			t.Errorf("node %d: Run: %v", n.number, err)
		}
	})
	n.stop = func() { cancel(); <-done }
}

func (n *simNode) interfaces() (ips []netip.Addr) {
	for _, h := range n.hosts {
		ips = append(ips, h.Addr())
	}
	return ips
}

// kill stops a node. Nobody else is told: IPv8 has no goodbye.
func (n *simNode) kill() {
	n.stop()
	n.running = false
}

// restart starts a killed node again, with its identity and nothing else.
func (n *simNode) restart() {
	n.sim.t.Helper()
	n.start()
}

// mid is the node's identity.
func (n *simNode) mid() peer.Mid { return n.cfg.Identity.Public().Mid() }

// addr is the node's own first address.
func (n *simNode) addr() netip.AddrPort {
	return netip.AddrPortFrom(n.hosts[0].Addr(), simPort)
}

// answersWithin is how long an engine may take to answer a question.
const answersWithin = 10 * time.Second

// snapshot is the node's state.
func (n *simNode) snapshot() event.Snapshot {
	n.sim.t.Helper()
	ctx, cancel := context.WithTimeout(n.sim.ctx, answersWithin)
	defer cancel()
	s, err := n.engine.Snapshot(ctx)
	if err != nil {
		n.sim.t.Fatalf("node %d: Snapshot: %v", n.number, err)
	}
	return s
}

// peer is what the node knows of a verified peer.
func (n *simNode) peer(of *simNode) (event.Peer, bool) {
	n.sim.t.Helper()
	ctx, cancel := context.WithTimeout(n.sim.ctx, answersWithin)
	defer cancel()
	p, _, ok, err := n.engine.Peer(ctx, of.mid())
	if err != nil {
		n.sim.t.Fatalf("node %d: Peer: %v", n.number, err)
	}
	return p, ok
}
