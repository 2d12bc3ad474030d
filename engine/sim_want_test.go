package engine

import (
	"net/netip"
	"slices"
	"time"

	"peerscope/engine/community"
	"peerscope/engine/event"
	"peerscope/engine/peer"
)

// rttTolerance is how far a reported RTT may be from the simulated one.
const rttTolerance = time.Millisecond

// within lets time pass until a condition holds, looking every half second, and
// returns how long that took; the test ends when it does not hold in time.
func (s *sim) within(limit time.Duration, what string, holds func() bool) time.Duration {
	s.t.Helper()
	const step = 500 * time.Millisecond
	for passed := time.Duration(0); passed <= limit; passed += step {
		if holds() {
			return passed
		}
		s.sleep(step)
	}
	s.t.Fatalf("not within %v: %s", limit, what)
	return 0
}

// knows tells whether a node has verified all the others.
func (n *simNode) knows(others ...*simNode) bool {
	if n.snapshot().Verified < len(others) {
		return false
	}
	return !slices.ContainsFunc(others, func(o *simNode) bool {
		_, ok := n.peer(o)
		return !ok
	})
}

// wantKnown fails unless these nodes, maybe among others, are verified peers of n.
func (n *simNode) wantKnown(others ...*simNode) {
	n.sim.t.Helper()
	for _, o := range others {
		if _, ok := n.peer(o); !ok {
			n.sim.t.Errorf("node %d does not know node %d", n.number, o.number)
		}
	}
}

// wantVerified fails unless exactly these nodes are verified peers of n.
func (n *simNode) wantVerified(others ...*simNode) {
	n.sim.t.Helper()
	n.wantKnown(others...)
	if got, want := n.snapshot().Verified, len(others); got != want {
		n.sim.t.Errorf("node %d has %d verified peers, want %d", n.number, got, want)
	}
}

// wantUnknown fails if one of these nodes is a verified peer of n.
func (n *simNode) wantUnknown(others ...*simNode) {
	n.sim.t.Helper()
	for _, o := range others {
		if p, ok := n.peer(o); ok {
			n.sim.t.Errorf("node %d knows node %d at %v, want it unknown", n.number, o.number, p.Address)
		}
	}
}

// communities are the ids that a node speaks in with its main identity.
func (n *simNode) communities() []peer.CommunityID {
	ids := []peer.CommunityID{community.DiscoveryCommunityID}
	for _, c := range n.cfg.Communities {
		if c.Key == nil {
			ids = append(ids, c.ID)
		}
	}
	return sorted(ids)
}

func sorted(ids []peer.CommunityID) []peer.CommunityID {
	slices.SortFunc(ids, func(a, b peer.CommunityID) int { return slices.Compare(a[:], b[:]) })
	return ids
}

// knowsCommunities tells whether a node knows in which communities another is.
func (n *simNode) knowsCommunities(of *simNode) bool {
	p, ok := n.peer(of)
	return ok && slices.Equal(sorted(p.Communities), of.communities())
}

// wantCommunities fails unless n knows exactly in which communities others are.
func (n *simNode) wantCommunities(others ...*simNode) {
	n.sim.t.Helper()
	for _, o := range others {
		p, _ := n.peer(o)
		if got, want := sorted(p.Communities), o.communities(); !slices.Equal(got, want) {
			n.sim.t.Errorf("node %d is in communities %v, want %v", o.number, got, want)
		}
	}
}

// wantRTTs fails unless every sample that n has of the others is the round-trip
// time of the link, and there is one.
func (n *simNode) wantRTTs(others ...*simNode) {
	n.sim.t.Helper()
	samples := make(map[peer.Mid][]time.Duration)
	for _, e := range eventsOf[event.PongReceived](n) {
		samples[e.Data.Peer] = append(samples[e.Data.Peer], e.Data.RTT)
	}
	for _, o := range others {
		want := n.sim.rtt(n.addr().Addr(), o.addr().Addr())
		if len(samples[o.mid()]) == 0 {
			n.sim.t.Errorf("no sample of node %d", o.number)
		}
		for _, got := range samples[o.mid()] {
			if (got - want).Abs() > rttTolerance {
				n.sim.t.Errorf("RTT of node %d: %v, want %v", o.number, got, want)
			}
		}
		if p, ok := n.peer(o); ok && ((p.LastRTT-want).Abs() > rttTolerance || (p.MedianRTT-want).Abs() > rttTolerance) {
			n.sim.t.Errorf("node %d: last RTT %v, median %v, want %v", o.number, p.LastRTT, p.MedianRTT, want)
		}
	}
}

// wantOnly fails if n has verified anybody else than these nodes.
func (n *simNode) wantOnly(others ...*simNode) {
	n.sim.t.Helper()
	for from := 0; ; {
		peers, next, _, err := n.engine.Peers(n.sim.ctx, from, 100)
		if err != nil {
			n.sim.t.Fatal(err)
		}
		for _, p := range peers {
			if !slices.ContainsFunc(others, func(o *simNode) bool { return o.mid() == p.Mid }) {
				n.sim.t.Errorf("node %d has verified %v at %v, who is none of the nodes", n.number, p.Mid, p.Address)
			}
		}
		if from = next; next == 0 {
			return
		}
	}
}

// wantAddress fails unless n knows another node by this address.
func (n *simNode) wantAddress(of *simNode, want netip.AddrPort) {
	n.sim.t.Helper()
	if p, ok := n.peer(of); !ok || p.Address != want {
		n.sim.t.Errorf("node %d knows node %d at %v, want %v", n.number, of.number, p.Address, want)
	}
}

// medianRTT is what n measured of another node.
func (n *simNode) medianRTT(of *simNode) time.Duration {
	n.sim.t.Helper()
	p, _ := n.peer(of)
	return p.MedianRTT
}
