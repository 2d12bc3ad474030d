package strategy

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"time"

	"peerscope/engine/peer"
)

// py-ipv8's numbers (ipv8/peerdiscovery/discovery.py, EdgeWalk.__init__).
const (
	EdgeLength           = 4
	EdgeNeighborhoodSize = 6
	EdgeTimeout          = 3 * time.Second
)

// EdgeOverlay is what [EdgeWalk] needs of a community.
type EdgeOverlay interface {
	// Peers returns up to max peers of the community, the same ones each time while they stay.
	Peers(max int) []*peer.Peer
	// Bootstrap asks the bootstrap servers for introductions, if that is not too soon.
	Bootstrap(now time.Time)
	// Walkable returns up to max addresses of the community that may be walked to.
	Walkable(max int) []netip.AddrPort
	// WalkTo sends an introduction request; false means that the budget does not allow it now.
	WalkTo(now time.Time, address netip.AddrPort) bool
	// Introduced returns whom a peer introduced to us, bounded by what the network remembers per introducer.
	Introduced(by *peer.Peer) []Introduction
}

// Introduction is an address that some peer introduced to us.
type Introduction struct {
	Address netip.AddrPort
	Peer    *peer.Peer // a verified peer at the address, nil if there is none yet
}

// EdgeConfig sets up an [EdgeWalk]. Zero values mean py-ipv8's numbers.
type EdgeConfig struct {
	Length           int           // peers on a complete edge, its root included
	NeighborhoodSize int           // peers that edges start at
	Timeout          time.Duration // an edge without progress for longer ends
	// OnEdge, if not nil, is told every complete edge; it may keep the slice.
	OnEdge func(now time.Time, edge []*peer.Peer)
}

// EdgeWalk follows introductions from a fixed neighbourhood outwards: paths of peers of which each introduced the next.
// It is not used by default, as in py-ipv8.
type EdgeWalk struct {
	overlay      EdgeOverlay
	rng          *rand.Rand
	config       EdgeConfig
	neighborhood []*peer.Peer
	edges        []*edge      // under construction, at most one per neighbour
	asked        addressTimes // addresses walked to within the last timeout
}

type edge struct {
	peers    []*peer.Peer // from the root outwards
	progress time.Time    // when the last peer was appended
}

// NewEdgeWalk returns a walk over the overlay that draws from rng.
func NewEdgeWalk(overlay EdgeOverlay, rng *rand.Rand, config EdgeConfig) *EdgeWalk {
	if config.Length <= 0 {
		config.Length = EdgeLength
	}
	if config.NeighborhoodSize <= 0 {
		config.NeighborhoodSize = EdgeNeighborhoodSize
	}
	if config.Timeout <= 0 {
		config.Timeout = EdgeTimeout
	}
	return &EdgeWalk{overlay: overlay, rng: rng, config: config, asked: newAddressTimes()}
}

// TakeStep completes the neighbourhood, or starts an edge, or carries all edges on (IPv8 reference, 10.5).
func (w *EdgeWalk) TakeStep(now time.Time) {
	w.forget(now)
	if len(w.neighborhood) < w.config.NeighborhoodSize {
		w.meetNeighbours(now)
		return
	}
	if root, ok := w.freeNeighbour(); ok {
		w.edges = append(w.edges, &edge{peers: []*peer.Peer{root}, progress: now})
		w.overlay.WalkTo(now, root.Address())
		return
	}
	w.edges = slices.DeleteFunc(w.edges, func(e *edge) bool { return w.carryOn(now, e) })
}

func (w *EdgeWalk) meetNeighbours(now time.Time) {
	w.neighborhood = w.overlay.Peers(w.config.NeighborhoodSize)
	w.overlay.Bootstrap(now)
	for _, address := range w.overlay.Walkable(w.config.NeighborhoodSize) {
		w.walkTo(now, address)
	}
}

// freeNeighbour picks a random neighbour without an edge under construction.
func (w *EdgeWalk) freeNeighbour() (*peer.Peer, bool) {
	free := make([]*peer.Peer, 0, len(w.neighborhood))
	for _, p := range w.neighborhood {
		if !slices.ContainsFunc(w.edges, func(e *edge) bool { return e.peers[0] == p }) {
			free = append(free, p)
		}
	}
	if len(free) == 0 {
		return nil, false
	}
	return free[w.rng.IntN(len(free))], true
}

// carryOn lengthens an edge by one of the peers that its last one introduced, and returns true when the edge ends.
func (w *EdgeWalk) carryOn(now time.Time, e *edge) bool {
	candidates := w.candidates(now, e.peers[len(e.peers)-1])
	if len(candidates) == 0 {
		if now.Sub(e.progress) <= w.config.Timeout {
			return false
		}
		if len(e.peers) > 1 {
			w.complete(now, e)
		}
		return true
	}
	next := candidates[w.rng.IntN(len(candidates))]
	e.peers, e.progress = append(e.peers, next), now
	if len(e.peers) >= w.config.Length {
		w.complete(now, e)
		return true
	}
	w.overlay.WalkTo(now, next.Address())
	return false
}

// candidates returns the verified peers that p introduced and walks to the other addresses it introduced.
func (w *EdgeWalk) candidates(now time.Time, p *peer.Peer) []*peer.Peer {
	var verified []*peer.Peer
	for _, introduction := range w.overlay.Introduced(p) {
		if introduction.Peer != nil {
			verified = append(verified, introduction.Peer)
		} else {
			w.walkTo(now, introduction.Address)
		}
	}
	return verified
}

// walkTo walks to an address unless that was done within the last timeout. py-ipv8 walks to it in every step, twice a
// second; whoever introduces an address to us should not get to choose that.
func (w *EdgeWalk) walkTo(now time.Time, address netip.AddrPort) {
	if w.asked.len() >= maxWalks || w.asked.has(address) {
		return
	}
	if w.overlay.WalkTo(now, address) {
		w.asked.set(address, now)
	}
}

func (w *EdgeWalk) forget(now time.Time) {
	for {
		oldest, ok := w.asked.oldest()
		if !ok || now.Sub(oldest.at) <= w.config.Timeout {
			return
		}
		w.asked.remove(oldest.address)
	}
}

func (w *EdgeWalk) complete(now time.Time, e *edge) {
	if w.config.OnEdge != nil {
		w.config.OnEdge(now, e.peers)
	}
}
