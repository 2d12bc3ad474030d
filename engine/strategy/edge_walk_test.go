package strategy

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"peerscope/engine/peer"
)

// edgeOverlay is a community whose introductions a test writes down.
type edgeOverlay struct {
	peers        []*peer.Peer
	walkable     []netip.AddrPort
	introduced   map[*peer.Peer][]Introduction
	spent        bool // no budget
	walked       []netip.AddrPort
	bootstrapped int
}

func (o *edgeOverlay) Peers(max int) []*peer.Peer {
	return slices.Clone(o.peers[:min(max, len(o.peers))])
}
func (o *edgeOverlay) Bootstrap(time.Time) { o.bootstrapped++ }
func (o *edgeOverlay) Walkable(max int) []netip.AddrPort {
	return o.walkable[:min(max, len(o.walkable))]
}
func (o *edgeOverlay) WalkTo(_ time.Time, address netip.AddrPort) bool {
	if !o.spent {
		o.walked = append(o.walked, address)
	}
	return !o.spent
}
func (o *edgeOverlay) Introduced(by *peer.Peer) []Introduction { return o.introduced[by] }

// edgeTest is a walk with one neighbour and the peers that a test can introduce.
type edgeTest struct {
	*testing.T
	overlay *edgeOverlay
	walk    *EdgeWalk
	peers   []*peer.Peer
	edges   [][]*peer.Peer
}

func newEdgeTest(t *testing.T, config EdgeConfig) *edgeTest {
	e := &edgeTest{T: t, overlay: &edgeOverlay{introduced: map[*peer.Peer][]Introduction{}}}
	for n := range 10 {
		e.peers = append(e.peers, newPeer(n, start))
	}
	config.OnEdge = func(_ time.Time, edge []*peer.Peer) { e.edges = append(e.edges, edge) }
	e.walk = NewEdgeWalk(e.overlay, newRand(), config)
	return e
}

// step takes a step and wants exactly these walks.
func (e *edgeTest) step(s float64, walks ...netip.AddrPort) {
	e.Helper()
	e.overlay.walked = nil
	e.walk.TakeStep(at(s))
	addresses(e.T, e.overlay.walked, walks...)
}

// introduces lets a peer introduce an address, and another peer there once it is verified.
func (e *edgeTest) introduces(by int, address netip.AddrPort, verified ...int) {
	introduction := Introduction{Address: address}
	for _, n := range verified {
		introduction.Peer = e.peers[n]
	}
	e.overlay.introduced[e.peers[by]] = []Introduction{introduction}
}

func (e *edgeTest) wantEdges(want ...[]int) {
	e.Helper()
	var edges [][]*peer.Peer
	for _, ns := range want {
		var edge []*peer.Peer
		for _, n := range ns {
			edge = append(edge, e.peers[n])
		}
		edges = append(edges, edge)
	}
	if !slices.EqualFunc(e.edges, edges, slices.Equal) {
		e.Errorf("complete edges %v, want %v", e.edges, edges)
	}
}

func TestEdgeWalkMeetsItsNeighbours(t *testing.T) {
	e := newEdgeTest(t, EdgeConfig{})
	for n := 20; n < 30; n++ {
		e.overlay.walkable = append(e.overlay.walkable, address(n))
	}
	e.step(0, e.overlay.walkable[:6]...)
	e.step(0.5) // not the same addresses again so soon
	e.overlay.peers = e.peers[:5]
	e.step(3.1, e.overlay.walkable[:6]...)
	if e.overlay.bootstrapped != 3 {
		t.Errorf("bootstrapped %d times, want 3", e.overlay.bootstrapped)
	}
	e.overlay.peers = e.peers[:7]
	e.step(3.6) // all walked to just now; the neighbourhood is complete with this step

	var roots []netip.AddrPort
	for i := range 6 {
		e.overlay.walked = nil
		e.walk.TakeStep(at(4 + float64(i)/2))
		roots = append(roots, e.overlay.walked...)
	}
	slices.SortFunc(roots, netip.AddrPort.Compare)
	addresses(t, roots, address(0), address(1), address(2), address(3), address(4), address(5))
	if e.overlay.bootstrapped != 4 {
		t.Errorf("bootstrapped %d times, want no more than 4", e.overlay.bootstrapped)
	}
}

func TestEdgeWalkCompletesAnEdge(t *testing.T) {
	e := newEdgeTest(t, EdgeConfig{NeighborhoodSize: 1})
	e.overlay.peers = e.peers[:1]
	e.step(0)
	e.step(1, address(0)) // the root is asked
	e.introduces(0, address(1))
	e.step(2, address(1)) // an unverified address is walked to
	e.step(2.5)           // and not again at once
	e.introduces(0, address(1), 1)
	e.step(3, address(1)) // the next one on the edge is asked
	e.introduces(1, address(2), 2)
	e.step(4, address(2))
	e.introduces(2, address(3), 3)
	e.wantEdges()
	e.step(5)
	e.wantEdges([]int{0, 1, 2, 3})
	e.step(6, address(0)) // the root is free again
}

func TestEdgeWalkGivesUp(t *testing.T) {
	e := newEdgeTest(t, EdgeConfig{NeighborhoodSize: 1})
	e.overlay.peers = e.peers[:1]
	e.step(0)
	e.step(1, address(0))
	e.step(4) // exactly 3 s without progress: not yet
	e.step(4.5)
	e.step(5, address(0)) // given up at 4.5 s, so the root starts over
	e.wantEdges()

	e.introduces(0, address(1), 1)
	e.step(6, address(1))
	e.step(9)
	e.wantEdges()
	e.step(9.1)
	e.wantEdges([]int{0, 1}) // shorter than wished, but an edge
}

func TestEdgeWalkWithoutBudget(t *testing.T) {
	e := newEdgeTest(t, EdgeConfig{NeighborhoodSize: 1})
	e.overlay.peers = e.peers[:1]
	e.overlay.walkable = []netip.AddrPort{address(5)}
	e.overlay.spent = true
	e.step(0)
	e.overlay.spent = false
	e.introduces(0, address(5))
	e.step(0.5, address(0))
	e.step(0.6, address(5)) // the refused walk does not count as made
}
