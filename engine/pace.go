package engine

import "time"

// The pace of the walks, which is py-ipv8's (stepEvery) when there is nothing new.
const (
	// askEach is how often a peer is asked for introductions on average while new
	// ones are found, askEvery the fastest pace of that, and newsFor how long
	// without a new peer until the pace is stepEvery again. One introduction names
	// one random peer: at py-ipv8's pace an observer of 10,000 peers would need half
	// a day to hear of them all.
	askEach  = 4 * time.Second
	askEvery = 20 * time.Millisecond
	newsFor  = 5 * askEach
	// stepPackets is what a step costs: a request, and a similarity request to who
	// answers. The walks have the part of the packet budget that PeriodicPing
	// leaves, so that neither starves the other.
	stepPackets = 2
)

// leastPace is the time between two steps of each walk that keeps all of them
// within their part of the budget.
func leastPace(maxPackets, walks int) time.Duration {
	if maxPackets <= 0 {
		return 0
	}
	steps := (1 - pingShare) * float64(maxPackets) / stepPackets
	return time.Duration(float64(walks) / steps * float64(time.Second))
}

// pace is the time until the next step of a walk.
func (n *node) pace(now time.Time, w *walk) time.Duration {
	peers := n.network.PeersForService(w.CommunityID()).Len()
	if peers > w.known {
		w.news = now
	}
	w.known = peers
	pace := stepEvery
	if n.network.WalkableLen(w.CommunityID()) > w.strategy.Waiting() {
		pace = walkEvery
	}
	if peers > 0 && now.Sub(w.news) < newsFor {
		pace = min(pace, max(askEvery, askEach/time.Duration(peers)))
	}
	return max(pace, n.leastPace)
}
