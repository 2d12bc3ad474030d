package engine

import (
	"net/netip"
	"testing"
	"time"

	"peerscope/engine/community"
	"peerscope/engine/event"
	"peerscope/engine/simnet"
	"peerscope/engine/udp"
	"peerscope/engine/wire"
)

// A junk is a packet that is dropped for one reason.
type junk struct {
	reason community.Reason
	packet []byte
}

// junkOf makes one packet for each of the reasons that need no history.
func junkOf(s *sim, to netip.AddrPort) []junk {
	key, discovery := s.key(9000), community.DiscoveryCommunityID
	valid := pack(s.t, key, discovery, 1, wire.IntroductionRequest{DestinationAddress: to, Identifier: 1})
	forged := append([]byte(nil), valid...)
	forged[len(forged)-1] ^= 1
	elsewhere := append([]byte(nil), valid...)
	elsewhere[2] ^= 1
	withID := func(id wire.MessageID) []byte {
		return wire.AppendUnsignedHeader(nil, discovery, id, 1)
	}
	return []junk{
		{community.ShortPacket, valid[:22]},
		{community.UnknownCommunity, elsewhere},
		{community.DeprecatedMessage, withID(255)},
		{community.UnknownMessage, withID(99)},
		{community.Malformed, withID(wire.PingID)},
		{community.BadSignature, forged},
		{community.ForeignPong, pack(s.t, key, discovery, 1, wire.Pong{Identifier: 5})},
		{community.UnaskedResponse, pack(s.t, key, discovery, 1, wire.IntroductionResponse{DestinationAddress: to, Identifier: 5})},
	}
}

// Packets that are dropped are counted exactly, by reason and by prefix; at most
// ten of them a second, whichever second, become events.
func TestSimRejectedPackets(t *testing.T) {
	simulate(t, 22, func(s *sim) {
		o := s.startObserver(configure(func(c *Config) { c.SourceRate = SourceRate{PerSecond: -1} }))
		stranger := s.listen(public(200))
		junk := junkOf(s, o.addr())
		const rounds = 100
		for range rounds {
			var batch []udp.Datagram
			for _, j := range junk {
				batch = append(batch, udp.Datagram{Data: j.packet, Addr: o.addr()})
			}
			stranger.WriteBatch(batch)
			s.sleep(70 * time.Millisecond)
		}
		s.sleep(time.Second)
		stats := o.engine.Stats()
		o.wantAllCounted()
		for _, j := range junk {
			if got := stats.Reasons[j.reason.String()]; got != rounds {
				t.Errorf("%d packets dropped as %v, want %d", got, j.reason, rounds)
			}
		}
		from := netip.MustParsePrefix("198.18.200.0/24")
		if got, want := stats.RejectedFrom[from], uint64(rounds*len(junk)); got != want || len(stats.RejectedFrom) != 1 {
			t.Errorf("rejected from %v, want %d from %v", stats.RejectedFrom, want, from)
		}
		o.wantSampled(7)
	})
}

// wantSampled fails unless rejections became events at most ten times in any
// second, and at least for as many seconds as something was rejected.
func (n *simNode) wantSampled(seconds int) {
	t := n.sim.t
	t.Helper()
	samples := eventsOf[event.PacketRejected](n)
	if len(samples) < 10*seconds {
		t.Errorf("%d rejections reported in %d seconds full of them, want ten a second", len(samples), seconds)
	}
	for i := 10; i < len(samples); i++ {
		if got := samples[i].Time.Sub(samples[i-10].Time); got < time.Second {
			t.Fatalf("eleven rejections reported within %v, from event %d on", got, samples[i-10].Seq)
		}
	}
}

// wantAllCounted fails unless every packet that was read was counted once.
func (n *simNode) wantAllCounted() {
	n.sim.t.Helper()
	stats, sum := n.engine.Stats(), uint64(0)
	for _, k := range stats.Reasons {
		sum += k
	}
	if sum != stats.Received {
		n.sim.t.Errorf("node %d: %d packets received, %d counted: %v", n.number, stats.Received, sum, stats.Reasons)
	}
	sum = 0
	for _, k := range stats.Accepted {
		sum += k
	}
	if got := stats.Reasons[community.Accepted.String()]; got != sum {
		n.sim.t.Errorf("node %d: %d packets accepted, %d by message: %v", n.number, got, sum, stats.Accepted)
	}
}

// One source that sends more than its share is cut off at its rate, and nobody
// else with it.
func TestSimSourceRate(t *testing.T) {
	simulate(t, 23, func(s *sim) {
		o := s.startObserver()
		loud, calm := s.listen(public(200)), s.listen(public(201))
		ping := pack(t, s.key(9000), community.DiscoveryCommunityID, 1, wire.Ping{Identifier: 9})
		for range 100 { // ten seconds of 1000 packets a second
			var batch []udp.Datagram
			for range 100 {
				batch = append(batch, udp.Datagram{Data: ping, Addr: o.addr()})
			}
			loud.WriteBatch(batch)
			calm.WriteBatch(batch[:1])
			s.sleep(100 * time.Millisecond)
		}
		s.sleep(time.Second)
		o.wantAllCounted()
		stats := o.engine.Stats()
		answered := stats.Accepted[wire.PingID.String()]
		if want := uint64(100 + 200 + 10*50); answered < want-5 || answered > want+5 {
			t.Errorf("%d pings answered, want %d: all of one source, a burst and ten seconds' worth of the other", answered, want)
		}
		if got, want := stats.Reasons[community.SourceRate.String()], 100+100*100-answered; got != want {
			t.Errorf("%d packets dropped for their rate, want %d", got, want)
		}
	})
}

// Several consumers read at their own pace: one that never does costs the engine
// nothing, and one that comes late is told what it missed.
func TestSimSlowConsumer(t *testing.T) {
	simulate(t, 24, func(s *sim) {
		s.startTracker()
		const kept = 64
		o := s.startObserver(configure(func(c *Config) { c.EventLog = kept }))
		nodes := s.startMany(8)
		s.within(2*time.Minute, "all nodes verified", func() bool { return o.knows(nodes...) })
		s.sleep(2 * time.Minute)
		log := o.engine.Events()
		buf := make([]event.Event, 1000)
		n, missed := log.Read(0, buf)
		if last := log.Last(); n != kept || missed != last-kept {
			t.Errorf("read %d events and missed %d of %d, want %d and %d", n, missed, last, kept, last-kept)
		}
		for i, e := range buf[:n] {
			if want := missed + uint64(i) + 1; e.Seq != want {
				t.Errorf("event %d, want %d", e.Seq, want)
			}
		}
		for _, p := range nodes {
			if got, want := o.medianRTT(p), s.rtt(o.addr().Addr(), p.addr().Addr()); got != want {
				t.Errorf("RTT of node %d: %v, want %v", p.number, got, want)
			}
		}
	})
}

// A snapshot and the events after it tell the same story as all events.
func TestSimSnapshotAndEvents(t *testing.T) {
	simulate(t, 25, func(s *sim) {
		s.changeLinks(func(l simnet.Link) simnet.Link { l.Loss = 0.1; return l })
		s.startTracker()
		o := s.startObserver()
		nodes := s.startMany(10)
		for i := range 8 {
			s.sleep(15 * time.Second)
			snapshot := o.snapshot()
			verified := 0
			for _, e := range o.drain() {
				switch e.Data.(type) {
				case event.PeerVerified:
					verified++
				case event.PeerRemoved:
					verified--
				}
				if e.Seq == snapshot.Seq {
					break
				}
			}
			if snapshot.Verified != verified {
				t.Errorf("snapshot at event %d has %d peers, the events up to it %d", snapshot.Seq, snapshot.Verified, verified)
			}
			nodes[i].kill()
		}
	})
}
