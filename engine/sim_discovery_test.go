package engine

import (
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"peerscope/engine/event"
)

// long asks for the heavy variants, as `make test-long` does.
var long = os.Getenv("PEERSCOPE_LONG") != ""

// longer is a duration for `make test` and one for `make test-long`.
func longer(short, heavy time.Duration) time.Duration {
	if long {
		return heavy
	}
	return short
}

// joined puts a node into up to two of eight communities, by its number.
func joined(n *simNode) {
	rng := rand.New(rand.NewPCG(n.sim.seed, uint64(n.number)))
	for _, c := range rng.Perm(8)[:rng.IntN(3)] {
		n.cfg.Communities = append(n.cfg.Communities, Community{ID: communityID(c)})
	}
}

// limited is a node that wants few peers.
func limited(maxPeers int) option {
	return configure(func(c *Config) { c.MaxPeers = maxPeers })
}

// The observer of a network of two hundred nodes, each link with a latency of its
// own, comes to know all of them, their communities and their distances. Four
// more nodes are full most of the time; they may be known or not.
func TestSimTwoHundredNodes(t *testing.T) {
	simulate(t, 1, func(s *sim) {
		s.startTracker()
		o := s.startObserver()
		full := s.startMany(4, limited(2), joined)
		nodes := s.startMany(200, joined)
		if long {
			for _, n := range nodes[:50] {
				n.cfg.MaxPackets = 0 // the default, from the next start on
				n.kill()
				n.restart()
			}
		}
		took := s.within(4*time.Minute, "all nodes verified", func() bool { return o.knows(nodes...) })
		s.within(time.Minute, "all communities known", func() bool {
			return count(nodes, o.knowsCommunities) == len(nodes)
		})
		s.sleep(2 * time.Second) // for the first ping of the last node
		t.Logf("all verified after %v; %+v", took, s.net.Stats())
		o.wantKnown(nodes...)
		o.wantCommunities(nodes...)
		o.wantRTTs(nodes...)
		o.wantOnly(slices.Concat(nodes, full)...)
		if got := len(eventsOf[event.PeerRemoved](o)); got != 0 {
			t.Errorf("%d peers removed, want none: all are up", got)
		}
	})
}
