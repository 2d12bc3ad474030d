package engine

import (
	"net/netip"
	"testing"
	"time"

	"peerscope/engine/event"
	"peerscope/engine/simnet"
	"peerscope/engine/udp"
	"peerscope/engine/wire"
)

// A peer that comes back from another address, its laptop carried from home to a
// hotel, is the same peer: it is followed once it has answered there, and measured
// over its new link.
func TestSimMove(t *testing.T) {
	simulate(t, 20, func(s *sim) {
		s.startTracker()
		o := s.startObserver()
		nodes := s.startMany(5, lively)
		home, hotel := public(300), public(301)
		n := s.start(behind(s.net.NAT(home, simnet.NATConfig{}), "10.0.0.2"), lively)
		nodes = append(nodes, n)
		s.within(2*time.Minute, "all nodes verified", func() bool { return o.knows(nodes...) })
		s.sleep(30 * time.Second)

		before, after := netip.AddrPortFrom(home, simPort), netip.AddrPortFrom(hotel, simPort)
		n.kill()
		behind(s.net.NAT(hotel, simnet.NATConfig{}), "10.0.0.2")(n)
		n.restart()
		moved := time.Now()
		s.within(time.Minute, "the peer at its new address", func() bool {
			p, ok := o.peer(n)
			return ok && p.Address == after
		})
		s.sleep(2 * time.Minute)
		o.wantVerified(nodes...)
		changes := eventsOf[event.AddressChanged](o)
		if len(changes) != 1 || changes[0].Data != (event.AddressChanged{Peer: n.mid(), Address: after, Previous: before}) {
			t.Errorf("address changes %+v, want one from %v to %v", changes, before, after)
		}
		if got := o.removals(n.mid()); len(got) != 0 {
			t.Errorf("removed %+v, want the session kept", got)
		}
		want, samples := s.rtt(o.addr().Addr(), hotel), 0
		for _, e := range eventsAfter[event.PongReceived](o, moved) {
			if e.Data.Peer != n.mid() {
				continue
			}
			if samples++; e.Data.Address != after || (e.Data.RTT-want).Abs() > rttTolerance {
				t.Errorf("sample %v from %v, want %v from %v", e.Data.RTT, e.Data.Address, want, after)
			}
		}
		if samples == 0 {
			t.Error("no sample from the new address")
		}
	})
}

// Whoever replays a peer's packets from elsewhere does not become that peer: the
// observer asks there and hears nothing that counts (IPv8 reference, Q16).
func TestSimReplayMovesNobody(t *testing.T) {
	simulate(t, 21, func(s *sim) {
		s.startTracker()
		o := s.startObserver()
		n := s.start(lively)
		s.within(time.Minute, "the node verified", func() bool { return o.knows(n) })
		s.sleep(30 * time.Second)
		thief := s.listen(public(200))
		replayed := 0
		for _, r := range n.engine.Packets(packetsKept, o.addr()) {
			if _, id, err := wire.ParseHeader(r.Data); err == nil && r.Sent && id.Signed() {
				thief.WriteBatch([]udp.Datagram{{Data: r.Data, Addr: o.addr()}})
				s.sleep(200 * time.Millisecond)
				replayed++
			}
		}
		s.sleep(2 * time.Minute)
		if replayed < 5 {
			t.Fatalf("only %d packets to replay", replayed)
		}
		o.wantAddress(n, n.addr())
		if got := eventsOf[event.AddressChanged](o); len(got) != 0 {
			t.Errorf("address changes %+v, want none", got)
		}
		if p, _ := o.peer(n); time.Since(p.LastResponse) > 30*time.Second {
			t.Errorf("the peer is not heard of any more, last at %v", p.LastResponse)
		}
		o.wantFewPacketsTo(thief.LocalAddr(), 2*replayed)
	})
}

// wantFewPacketsTo fails if the node sent an address more packets than this.
func (n *simNode) wantFewPacketsTo(a netip.AddrPort, most int) {
	n.sim.t.Helper()
	got := count(n.engine.Packets(packetsKept, a), func(r PacketRecord) bool { return r.Sent })
	if got > most {
		n.sim.t.Errorf("%d packets to %v, want at most %d", got, a, most)
	}
}
