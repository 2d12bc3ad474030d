package engine

import (
	"testing"
	"time"

	"peerscope/engine/community"
	"peerscope/engine/event"
	"peerscope/engine/peer"
	"peerscope/engine/wire"
)

// A peer met in another community cannot be pinged; once it is known to be in
// the DiscoveryCommunity its first sample must not wait for its next turn.
func TestNewcomerIsPingedAtOnce(t *testing.T) {
	d := drive(t, func(c *nodeConfig) { c.Communities = []Community{{ID: communityID(1)}} })
	d.meet(communityID(1), 1)
	p := d.network.At(0)
	p.Answered = true
	learn := func() (pings int) {
		d.sent = nil
		ids := []peer.CommunityID{community.DiscoveryCommunityID}
		d.network.DiscoverServices(p.Mid, ids)
		d.emit(d.now, event.CommunitiesLearned{Peer: p.Mid, New: ids})
		for _, sent := range d.sent {
			if _, id, err := wire.ParseHeader(sent.Data); err == nil && id == wire.PingID && sent.To == p.Address() {
				pings++
			}
		}
		return pings
	}
	if got := learn(); got != 0 {
		t.Errorf("a peer just met, whose first ping is due within a second: got %d pings", got)
	}
	d.now = d.now.Add(5 * time.Second)
	if got := learn(); got != 1 {
		t.Errorf("got %d pings, want 1", got)
	}
	p.Pings.Add(time.Millisecond)
	if got := learn(); got != 0 {
		t.Errorf("a peer with a sample: got %d pings", got)
	}
}
