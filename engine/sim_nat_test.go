package engine

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"peerscope/engine/simnet"
)

var natKinds = []simnet.Kind{simnet.FullCone, simnet.Restricted, simnet.PortRestricted, simnet.Symmetric}

// meet tells whether two nodes behind NATs of these kinds come together when
// each punctures towards the address at which the other is known. A symmetric
// NAT speaks to everybody from another port: whoever lets in one port only,
// that of the tracker's answer, does not hear it.
func meet(a, b simnet.Kind) bool {
	strict := func(k simnet.Kind) bool { return k == simnet.PortRestricted || k == simnet.Symmetric }
	return !(a == simnet.Symmetric && strict(b) || b == simnet.Symmetric && strict(a))
}

// Two nodes behind NATs find each other through a tracker where their kinds
// allow it, and nowhere else.
func TestSimNATPairs(t *testing.T) {
	for i, a := range natKinds {
		for _, b := range natKinds[i:] {
			t.Run(fmt.Sprintf("%v and %v", a, b), func(t *testing.T) {
				simulate(t, 3, func(s *sim) {
					s.startTracker()
					left := s.start(behind(s.net.NAT(public(300), simnet.NATConfig{Kind: a}), "10.0.0.2"), observer)
					right := s.start(behind(s.net.NAT(public(301), simnet.NATConfig{Kind: b}), "10.0.0.2"), observer)
					s.sleep(3 * time.Minute)
					if !meet(a, b) {
						left.wantVerified()
						right.wantVerified()
						return
					}
					left.wantVerified(right)
					right.wantVerified(left)
					s.sleep(2 * time.Minute) // the mappings outlive the first contact
					left.wantVerified(right)
					right.wantVerified(left)
				})
			})
		}
	}
}

// An observer with a public address knows the nodes behind NATs of every kind,
// by the addresses outside.
func TestSimNATsAndPublicObserver(t *testing.T) {
	simulate(t, 4, func(s *sim) {
		s.startTracker()
		o := s.startObserver()
		var nodes []*simNode
		outside := make(map[*simNode]netip.Addr)
		for i, kind := range natKinds {
			for j := range 2 {
				wall := public(300 + 10*i + j)
				n := s.start(behind(s.net.NAT(wall, simnet.NATConfig{Kind: kind}), fmt.Sprintf("192.168.%d.%d", i, j+2)), lively)
				nodes, outside[n] = append(nodes, n), wall
			}
		}
		nodes = append(nodes, s.startMany(2)...)
		// Those behind symmetric NATs have to come by themselves.
		s.within(6*time.Minute, "all nodes verified", func() bool { return o.knows(nodes...) })
		s.sleep(2 * time.Minute)
		o.wantVerified(nodes...)
		for n, wall := range outside {
			p, _ := o.peer(n)
			if got := p.Address.Addr(); got != wall {
				t.Errorf("node %d is at %v for the observer, want its NAT's %v", n.number, got, wall)
			}
			if want := s.rtt(o.addr().Addr(), wall); (p.MedianRTT - want).Abs() > rttTolerance {
				t.Errorf("node %d has an RTT of %v, want %v", n.number, p.MedianRTT, want)
			}
		}
	})
}

// The puncture does it: a node that walks to nobody, behind a NAT that lets in
// only whom it wrote to, is found because the tracker asks it to write.
func TestSimPunctureOpensNAT(t *testing.T) {
	simulate(t, 5, func(s *sim) {
		s.startTracker()
		n := s.start(behind(s.net.NAT(public(300), simnet.NATConfig{Kind: simnet.PortRestricted}), "10.0.0.2"),
			configure(func(c *Config) { c.NewFlows = 1 })) // spent on the tracker
		s.sleep(5 * time.Second)
		o := s.startObserver()
		s.within(20*time.Second, "the node verified", func() bool { return o.knows(n) })
		if got := n.engine.Stats().Accepted["puncture-request"]; got == 0 {
			t.Error("the node was not asked for a puncture")
		}
		if got := o.engine.Stats().Accepted["puncture"]; got == 0 {
			t.Error("no puncture arrived at the observer")
		}
	})
}

// Two nodes behind one NAT that does not hairpin meet by their LAN addresses.
func TestSimSameNAT(t *testing.T) {
	simulate(t, 6, func(s *sim) {
		s.startTracker()
		nat := s.net.NAT(public(300), simnet.NATConfig{Kind: simnet.PortRestricted, NoHairpin: true})
		a := s.start(behind(nat, "192.168.1.2"), observer)
		b := s.start(behind(nat, "192.168.1.3"), observer)
		o := s.startObserver()
		s.within(time.Minute, "all three know each other", func() bool {
			return a.knows(b, o) && b.knows(a, o) && o.knows(a, b)
		})
		if p, _ := a.peer(b); p.Address != b.addr() {
			t.Errorf("a knows b at %v, want its LAN address %v", p.Address, b.addr())
		}
	})
}
