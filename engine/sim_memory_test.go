package engine

import (
	"context"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"peerscope/engine/wire"
)

// fakeMemory is a store of known addresses.
type fakeMemory struct {
	mu    sync.Mutex
	known map[string][]netip.AddrPort
	saved int // calls of Remember
}

func newMemory() *fakeMemory { return &fakeMemory{known: make(map[string][]netip.AddrPort)} }

func (m *fakeMemory) Known(_ context.Context, origin string) ([]netip.AddrPort, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.known[origin]), nil
}

func (m *fakeMemory) Remember(_ context.Context, origin string, addrs []netip.AddrPort) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.known[origin] = slices.Clone(addrs)
	m.saved++
	return nil
}

// origins are those that something is remembered for.
func (m *fakeMemory) origins() (out []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for origin := range m.known {
		out = append(out, origin)
	}
	return out
}

// requested are the addresses that a node sent introduction requests to, each
// once, in that order.
func (n *simNode) requested() (out []netip.AddrPort) {
	for _, r := range n.engine.Packets(packetsKept, netip.AddrPort{}) {
		_, id, err := wire.ParseHeader(r.Data)
		walk := id == wire.IntroductionRequestID || id == wire.NewIntroductionRequestID
		if err == nil && r.Sent && walk && !slices.Contains(out, r.Peer) {
			out = append(out, r.Peer)
		}
	}
	return out
}

func addrsOf(nodes []*simNode) (out []netip.AddrPort) {
	for _, n := range nodes {
		out = append(out, n.addr())
	}
	return out
}

// The addresses of the last run are walked to first, and the network is found
// again although the tracker is gone.
func TestSimMemory(t *testing.T) {
	simulate(t, 13, func(s *sim) {
		s.startTracker()
		memory := newMemory()
		o := s.startObserver(configure(func(c *Config) { c.Memory = memory }))
		nodes := s.startMany(10)
		s.within(2*time.Minute, "all nodes verified", func() bool { return o.knows(nodes...) })
		s.sleep(time.Minute)
		if memory.saved == 0 {
			t.Error("nothing kept in the first minute: a killed process would have forgotten all")
		}
		o.kill()
		if got, want := memory.origins(), []string{trackerAddr.String()}; !slices.Equal(got, want) {
			t.Fatalf("origins %v, want %v", got, want)
		}
		s.stopTracker()
		s.sleep(2 * time.Minute) // until they have forgotten the observer
		o.restart()
		s.within(10*time.Second, "all nodes verified again", func() bool { return o.knows(nodes...) })
	})
}

// With the tracker up and new nodes around, the remembered addresses still come
// first, the one that answered last before the others.
func TestSimMemoryFirst(t *testing.T) {
	simulate(t, 14, func(s *sim) {
		s.startTracker()
		old := s.startMany(6)
		s.sleep(30 * time.Second)
		s.startMany(20)
		s.sleep(time.Minute)
		memory := newMemory()
		memory.known[trackerAddr.String()] = addrsOf(old)
		o := s.startObserver(configure(func(c *Config) { c.Memory = memory }))
		s.sleep(20 * time.Second)
		got := o.requested()
		got = slices.DeleteFunc(got, func(a netip.AddrPort) bool { return a == trackerAddr })
		if want := addrsOf(old); len(got) < len(want) || !slices.Equal(got[:len(want)], want) {
			t.Errorf("walked to %v first, want %v", got[:min(len(got), len(want))], want)
		}
	})
}

// Another bootstrap server means another network: nobody remembered from the
// first is contacted.
func TestSimMemoryOfAnotherNetwork(t *testing.T) {
	simulate(t, 15, func(s *sim) {
		s.startTracker()
		old := s.startMany(6)
		memory := newMemory()
		memory.known[trackerAddr.String()] = addrsOf(old)
		s.bootstrapFrom(netip.MustParseAddrPort("192.0.2.99:8470")) // nobody there
		o := s.startObserver(configure(func(c *Config) { c.Memory = memory }))
		s.sleep(2 * time.Minute)
		o.wantVerified()
		for _, r := range o.engine.Packets(packetsKept, netip.AddrPort{}) {
			if r.Sent && r.Peer.Addr() != netip.MustParseAddr("192.0.2.99") {
				t.Errorf("packet to %v, which was remembered for another network", r.Peer)
			}
		}
		o.kill()
		if got := memory.known[trackerAddr.String()]; !slices.Equal(got, addrsOf(old)) {
			t.Errorf("remembered for the other network: %v, want it untouched: %v", got, addrsOf(old))
		}
	})
}

// Without a bootstrap server nobody is contacted, whatever is remembered.
func TestSimMemoryWithoutBootstrap(t *testing.T) {
	simulate(t, 16, func(s *sim) {
		other := s.start()
		memory := newMemory()
		memory.known[""] = []netip.AddrPort{other.addr()}
		o := s.startObserver(configure(func(c *Config) { c.Memory = memory }))
		s.sleep(2 * time.Minute)
		if got := o.engine.Stats().Sent; got != 0 {
			t.Errorf("%d packets sent, want none", got)
		}
	})
}
