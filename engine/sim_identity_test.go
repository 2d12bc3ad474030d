package engine

import (
	"slices"
	"testing"
	"time"

	"peerscope/engine/community"
	"peerscope/engine/event"
	"peerscope/engine/peer"
)

// A node with three identities is three peers at one address, each with its own
// communities, samples and session.
func TestSimSeveralIdentities(t *testing.T) {
	simulate(t, 17, func(s *sim) {
		s.startTracker()
		keys := map[int]Community{}
		n := s.start(configure(func(c *Config) {
			second, third := s.key(2001), s.key(2002)
			c.Communities = []Community{
				{ID: communityID(1)},
				{ID: communityID(2), Key: &second},
				{ID: communityID(3), Key: &second},
				{ID: communityID(4), Key: &third},
			}
			keys[0], keys[1] = c.Communities[1], c.Communities[3]
		}), lively)
		o := s.startObserver(configure(func(c *Config) { c.Communities = []Community{{ID: communityID(4)}} }))
		want := map[peer.Mid][]peer.CommunityID{
			n.mid():                    {community.DiscoveryCommunityID, communityID(1)},
			keys[0].Key.Public().Mid(): {communityID(2), communityID(3)},
			keys[1].Key.Public().Mid(): {communityID(4)},
		}
		s.sleep(2 * time.Minute)
		if got := o.snapshot().Verified; got != len(want) {
			t.Errorf("%d verified peers, want %d", got, len(want))
		}
		rtt := s.rtt(o.addr().Addr(), n.addr().Addr())
		for mid, ids := range want {
			p, _, ok, err := o.engine.Peer(s.ctx, mid)
			if !ok || err != nil {
				t.Errorf("identity %v not verified (%v)", mid, err)
				continue
			}
			if got := sorted(p.Communities); p.Address != n.addr() || !slices.Equal(got, sorted(ids)) {
				t.Errorf("identity %v at %v in %v, want at %v in %v", mid, p.Address, got, n.addr(), ids)
			}
			if p.Quiet || p.LastResponse.Before(time.Now().Add(-30*time.Second)) {
				t.Errorf("identity %v is quiet, last heard %v", mid, p.LastResponse)
			}
			if p.Samples > 0 && p.MedianRTT != rtt {
				t.Errorf("identity %v has an RTT of %v, want %v", mid, p.MedianRTT, rtt)
			}
		}
		own := o.snapshot().Communities
		if len(own) != 2 || own[1].Peers != 1 {
			t.Errorf("own communities %+v, want two, the second with one peer", own)
		}
		n.kill()
		s.sleep(2 * time.Minute)
		if got := len(eventsOf[event.PeerRemoved](o)); got != len(want) {
			t.Errorf("%d identities removed after the node died, want %d", got, len(want))
		}
	})
}

// Two nodes with two identities each do not take their own for peers.
func TestSimOwnIdentities(t *testing.T) {
	simulate(t, 18, func(s *sim) {
		s.startTracker()
		var nodes []*simNode
		for i := range 2 {
			second := s.key(3000 + i)
			nodes = append(nodes, s.startObserver(configure(func(c *Config) {
				c.Communities = []Community{{ID: communityID(1), Key: &second}}
			})))
		}
		s.sleep(2 * time.Minute)
		for _, n := range nodes {
			if got := n.snapshot().Verified; got != 2 {
				t.Errorf("node %d has %d verified peers, want the other's two identities", n.number, got)
			}
			if got := n.engine.Stats().Reasons[community.OwnKey.String()]; got != 0 {
				t.Errorf("node %d got %d packets of its own", n.number, got)
			}
		}
	})
}
