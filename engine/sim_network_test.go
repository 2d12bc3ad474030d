package engine

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"peerscope/engine/bootstrap"
	"peerscope/engine/keyvault"
	"peerscope/engine/simnet"
)

// simPort is the port of every simulated node.
const simPort = 8470

// A sim is a network of real engines on simulated sockets, in virtual time.
// Every test has its own, in a synctest bubble: the bubble fails the test when a
// goroutine is left after everybody has stopped.
type sim struct {
	t       *testing.T
	net     *simnet.Net
	seed    uint64
	links   func(src, dst netip.Addr) simnet.Link
	ctx     context.Context
	stopAll context.CancelFunc
	running sync.WaitGroup

	tracker    *Tracker
	stopServer func()
	bootstrap  []bootstrap.Endpoint // given to every node that has none
	nodes      []*simNode
}

// simulate runs a test in a network of its own. The seed decides keys, latencies,
// loss and what the nodes draw.
func simulate(t *testing.T, seed uint64, f func(s *sim)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &sim{t: t, seed: seed}
		s.links = s.delays(5*time.Millisecond, 120*time.Millisecond)
		s.net = simnet.New(simnet.Config{Seed: seed, Links: s.links})
		s.ctx, s.stopAll = context.WithCancel(t.Context())
		defer s.net.Close()
		defer s.running.Wait()
		defer s.stopAll()
		f(s)
	})
}

// delays are links with seeded delays, each direction of each pair its own.
func (s *sim) delays(least, most time.Duration) func(src, dst netip.Addr) simnet.Link {
	return func(src, dst netip.Addr) simnet.Link {
		return simnet.Link{Delay: least + time.Duration(s.draw(src, dst)%uint64(most-least))}
	}
}

// draw is a number that follows from the seed and two addresses.
func (s *sim) draw(src, dst netip.Addr) uint64 {
	a, b := src.As16(), dst.As16()
	word := binary.LittleEndian.Uint64
	return rand.New(rand.NewPCG(s.seed^word(a[8:])^word(a[:]), ^word(b[8:])^word(b[:]))).Uint64()
}

// rtt is how long a datagram and its answer are under way between two nodes.
func (s *sim) rtt(a, b netip.Addr) time.Duration {
	return s.links(a, b).Delay + s.links(b, a).Delay
}

// changeLinks makes every link from now on what f makes of it.
func (s *sim) changeLinks(f func(simnet.Link) simnet.Link) {
	before := s.links
	s.links = func(src, dst netip.Addr) simnet.Link { return f(before(src, dst)) }
	s.net.SetLinks(s.links)
}

// key is the n-th identity of the network.
func (s *sim) key(n int) keyvault.PrivateKey {
	var seed [32]byte
	binary.LittleEndian.PutUint64(seed[:], s.seed)
	binary.LittleEndian.PutUint64(seed[8:], uint64(n))
	key, err := keyvault.GenerateKey(rand.NewChaCha8(seed))
	if err != nil {
		s.t.Fatal(err)
	}
	return key
}

// public is the n-th public IPv4 address, each in a /24 of its own, public6 the
// n-th of IPv6.
func public(n int) netip.Addr {
	return netip.AddrFrom4([4]byte{198, byte(18 + n>>8), byte(n), 10})
}

func public6(n int) netip.Addr {
	return netip.MustParseAddr(fmt.Sprintf("2001:db8:%x::10", n+1))
}

// listen opens a socket on a public address.
func (s *sim) listen(addr netip.Addr) *simnet.Conn {
	s.t.Helper()
	c, err := s.net.Listen(netip.AddrPortFrom(addr, simPort))
	if err != nil {
		s.t.Fatal(err)
	}
	return c
}

// trackerAddr is where the tracker listens.
var trackerAddr = netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, 1}), simPort)

// startTracker runs a tracker, the bootstrap server of the nodes made from then on.
func (s *sim) startTracker() {
	s.t.Helper()
	tracker, err := NewTracker(TrackerConfig{
		Identity: s.key(-1), Sockets: []Socket{s.listen(trackerAddr.Addr())}, Seed: s.seed + 1,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	s.tracker = tracker
	s.bootstrapFrom(trackerAddr)
	ctx, stop := context.WithCancel(s.ctx)
	done := make(chan struct{})
	s.running.Go(func() { tracker.Run(ctx); close(done) })
	s.stopServer = func() { stop(); <-done }
}

// stopTracker ends the tracker.
func (s *sim) stopTracker() { s.stopServer() }

// bootstrapFrom names the servers of the nodes made from then on.
func (s *sim) bootstrapFrom(servers ...netip.AddrPort) {
	s.bootstrap = nil
	for _, a := range servers {
		s.bootstrap = append(s.bootstrap, bootstrap.Endpoint{Host: a.Addr().String(), Port: a.Port()})
	}
}

// sleep lets virtual time pass and everything due at its end be done.
func (s *sim) sleep(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}
