package engine

import (
	"net/netip"
	"testing"
	"time"

	"peerscope/engine/event"
)

// onlyV6 puts a node on an IPv6 address alone, dualStack on one of each family.
func onlyV6(n *simNode) { at(public6(n.number))(n) }

func dualStack(n *simNode) { at(public(n.number), public6(n.number))(n) }

// addr6 is the node's IPv6 address.
func (n *simNode) addr6() netip.AddrPort { return netip.AddrPortFrom(public6(n.number), simPort) }

// A network without IPv4: any node serves as bootstrap server, since trackers
// know IPv4 only.
func TestSimIPv6(t *testing.T) {
	simulate(t, 7, func(s *sim) {
		first := s.start(onlyV6, observer)
		s.bootstrapFrom(first.addr6())
		o := s.startObserver(onlyV6)
		nodes := s.startMany(8, onlyV6)
		s.within(2*time.Minute, "all nodes verified", func() bool { return o.knows(nodes...) })
		s.sleep(30 * time.Second)
		o.wantVerified(nodes...) // and not the bootstrap server
		o.wantCommunities(nodes...)
		o.wantRTTs(nodes...)
		if got := len(eventsOf[event.BootstrapAnswered](o)); got == 0 {
			t.Error("the bootstrap server never answered")
		}
	})
}

// A dual-stack observer meets nodes of both families and of either, each by the
// address that it has, IPv6 first.
func TestSimDualStack(t *testing.T) {
	simulate(t, 8, func(s *sim) {
		s.startTracker()
		four := s.startMany(4)
		meeting := s.start(dualStack, observer)
		s.bootstrapFrom(trackerAddr, meeting.addr6())
		o := s.startObserver(dualStack)
		both := s.startMany(4, dualStack)
		s.bootstrapFrom(meeting.addr6())
		six := s.startMany(4, onlyV6)
		s.within(4*time.Minute, "all nodes verified", func() bool {
			return o.knows(four...) && o.knows(both...) && o.knows(six...)
		})
		s.sleep(2 * time.Minute)
		o.wantKnown(four...)
		o.wantKnown(six...)
		o.wantKnown(both...)
		o.wantRTTs(four...)
		for _, n := range four {
			o.wantAddress(n, n.addr())
		}
		for _, n := range six {
			o.wantAddress(n, n.addr6())
			if want := s.rtt(public6(o.number), public6(n.number)); o.medianRTT(n) != want {
				t.Errorf("node %d has an RTT of %v, want %v", n.number, o.medianRTT(n), want)
			}
		}
		for _, n := range four {
			n.wantUnknown(six...)
		}
	})
}
