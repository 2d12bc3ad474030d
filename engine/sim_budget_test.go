package engine

import (
	"fmt"
	"net/netip"
	"sync"
	"testing"
	"time"

	"peerscope/engine/community"
	"peerscope/engine/udp"
	"peerscope/engine/wire"
)

// A tapSocket notes what is sent first: neither answers nor what they cause.
type tapSocket struct {
	Socket
	mu      sync.Mutex
	sent    []firstPacket
	reached map[netip.AddrPort]bool
}

// firstPacket is one packet that we send first.
type firstPacket struct {
	at      time.Time
	id      wire.MessageID
	to      netip.AddrPort
	newFlow bool // the address was neither written to nor heard of before
}

// startTapped starts an observer whose socket is watched.
func (s *sim) startTapped(options ...option) (*simNode, *tapSocket) {
	s.t.Helper()
	n := s.newNode(append([]option{observer}, options...)...)
	tap := &tapSocket{Socket: n.open()[0], reached: make(map[netip.AddrPort]bool)}
	n.startOn(tap)
	return n, tap
}

func (p *tapSocket) WriteBatch(ds []udp.Datagram) (int, error) {
	p.mu.Lock()
	for _, d := range ds {
		_, id, _ := wire.ParseHeader(d.Data)
		switch id {
		case wire.IntroductionRequestID, wire.NewIntroductionRequestID, wire.SimilarityRequestID, wire.PingID:
			p.sent = append(p.sent, firstPacket{time.Now(), id, d.Addr, !p.reached[d.Addr]})
		}
		p.reached[d.Addr] = true
	}
	p.mu.Unlock()
	return p.Socket.WriteBatch(ds)
}

func (p *tapSocket) ReadBatch(ds []udp.Datagram) (int, error) {
	n, err := p.Socket.ReadBatch(ds)
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, d := range ds[:n] {
		p.reached[d.Addr] = true
	}
	return n, err
}

// times are when packets of a kind were sent.
func (p *tapSocket) times(of func(firstPacket) bool) (out []time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range p.sent {
		if of(f) {
			out = append(out, f.at)
		}
	}
	return out
}

// busiest is the largest number of times within any span of this length.
func busiest(times []time.Time, span time.Duration) (most int) {
	first := 0
	for i, at := range times {
		for at.Sub(times[first]) >= span {
			first++
		}
		most = max(most, i-first+1)
	}
	return most
}

// nobody are addresses at which nobody is.
func nobody(k int) (out []netip.AddrPort) {
	for i := range k {
		out = append(out, netip.AddrPortFrom(netip.AddrFrom4([4]byte{203, 0, byte(i >> 8), byte(i)}), simPort))
	}
	return out
}

// startCrowded starts a network with an observer that has more to do than its
// budgets allow: many addresses where nobody is, and a few peers.
func (s *sim) startCrowded(peers int, options ...option) (*simNode, *tapSocket, []*simNode) {
	s.startTracker()
	memory := newMemory()
	memory.known[trackerAddr.String()] = nobody(rememberedMax)
	o, tap := s.startTapped(append(options, configure(func(c *Config) {
		c.Memory = memory
		c.Communities = []Community{{ID: communityID(1)}, {ID: communityID(2)}}
	}))...)
	return o, tap, s.startMany(peers)
}

// No second has more packets that we send first than --max-packets allows, and
// they are not all used for one thing.
func TestSimPacketBudget(t *testing.T) {
	for _, budget := range []int{20, 100} {
		t.Run(fmt.Sprint(budget), func(t *testing.T) {
			simulate(t, 60, func(s *sim) {
				_, tap, _ := s.startCrowded(12, configure(func(c *Config) { c.MaxPackets, c.PingInterval = budget, 2*time.Second }))
				s.sleep(3 * time.Minute)
				all := tap.times(func(firstPacket) bool { return true })
				if got := busiest(all, time.Second); got > budget {
					t.Errorf("%d packets in one second, want at most %d", got, budget)
				}
				for id, least := range map[wire.MessageID]int{wire.PingID: 90, wire.SimilarityRequestID: 20} {
					if got := len(tap.times(func(f firstPacket) bool { return f.id == id })); got < least {
						t.Errorf("%d of %d packets are a %v, want at least %d", got, len(all), id, least)
					}
				}
			})
		})
	}
}

// No minute has more addresses contacted for the first time than --new-flows
// allows, and about as many when there are enough.
func TestSimFlowBudget(t *testing.T) {
	for _, budget := range []int{30, 120} {
		t.Run(fmt.Sprint(budget), func(t *testing.T) {
			simulate(t, 61, func(s *sim) {
				_, tap, _ := s.startCrowded(6, configure(func(c *Config) { c.NewFlows = budget }))
				const minutes = 4
				s.sleep(minutes * time.Minute)
				flows := tap.times(func(f firstPacket) bool { return f.newFlow })
				if got := busiest(flows, time.Minute); got > budget {
					t.Errorf("%d new addresses in one minute, want at most %d", got, budget)
				}
				if got, least := len(flows), minutes*budget/2; got < least {
					t.Errorf("%d new addresses in %d minutes, want at least %d: there was enough to walk to", got, minutes, least)
				}
			})
		})
	}
}

// With more peers than the budget can ping in an interval, the interval is
// stretched; each peer still has its turn, and the others have theirs.
func TestNodePingIntervalStretched(t *testing.T) {
	const peers, budget = 2000, 100
	d := drive(t, func(c *nodeConfig) { c.MaxPackets = budget })
	for d.network.Len() < peers {
		d.meet(community.DiscoveryCommunityID, 100)
		d.answerEverything(5 * time.Second)
	}
	d.answerEverything(time.Minute)
	snapshot := d.snapshot(d.now)
	var perSecond float64 = pingShare * (1 - strangersShare) * budget
	stretched := time.Duration(peers / perSecond * float64(time.Second))
	if got := snapshot.PingInterval; (got - stretched).Abs() > time.Second {
		t.Errorf("ping interval %v with %d peers, want %v", got, peers, stretched)
	}
	if got := snapshot.DropAfter; got != 3*snapshot.PingInterval {
		t.Errorf("dropped after %v, want three intervals: %v", got, 3*snapshot.PingInterval)
	}
	pings := d.answerEverything(10 * stretched)
	for i := range d.network.Len() {
		p := d.network.At(i)
		if got := len(pings[p.Address()]); got < 7 || got > 13 {
			t.Fatalf("%d pings of one peer in ten intervals, want about ten", got)
		}
	}
}
