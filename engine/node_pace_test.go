package engine

import (
	"testing"
	"time"

	"peerscope/engine/community"
)

// While new peers turn up they are asked for more, faster the more of them there
// are to share the work, and within the packet budget.
func TestNodePace(t *testing.T) {
	for _, test := range []struct {
		name       string
		maxPackets int
		peers      int
		later      time.Duration // since the last new peer
		want       time.Duration
	}{
		{"nobody known", 0, 0, 0, stepEvery},
		{"one", 0, 1, 0, stepEvery},
		{"eight", 0, 8, 0, stepEvery},
		{"forty", 0, 40, 0, 100 * time.Millisecond},
		{"forty, nothing new", 0, 40, newsFor, stepEvery},
		{"forty, something new", 0, 40, newsFor - 1, 100 * time.Millisecond},
		{"a thousand", 0, 1000, 0, askEvery},
		{"forty, small budget", 20, 40, 0, 500 * time.Millisecond},
		{"forty, tiny budget", 1, 40, 0, 10 * time.Second},
		{"a thousand, no budget", -1, 1000, 0, askEvery},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := drive(t, func(c *nodeConfig) { c.MaxPackets = test.maxPackets })
			d.meet(community.DiscoveryCommunityID, test.peers)
			w := d.walks[0]
			d.pace(d.now, w)
			if got := d.pace(d.now.Add(test.later), w); got != test.want {
				t.Errorf("pace = %v, want %v", got, test.want)
			}
		})
	}
}

// A node with several walks shares the budget among them.
func TestNodePaceOfSeveralWalks(t *testing.T) {
	d := drive(t, func(c *nodeConfig) {
		c.MaxPackets = 20
		c.Communities = []Community{{ID: communityID(1)}, {ID: communityID(2)}}
	})
	d.meet(community.DiscoveryCommunityID, 40)
	if got, want := d.pace(d.now, d.walks[0]), 1500*time.Millisecond; got != want {
		t.Errorf("pace = %v, want %v", got, want)
	}
}
