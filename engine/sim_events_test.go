package engine

import (
	"time"

	"peerscope/engine/event"
	"peerscope/engine/peer"
)

// stamped is an event of one type.
type stamped[T event.Data] struct {
	Seq  uint64
	Time time.Time
	Data T
}

// drain reads the node's new events. It fails the test when a number is missing
// or repeated, or when time runs backwards.
func (n *simNode) drain() []event.Event {
	n.sim.t.Helper()
	buf := make([]event.Event, 512)
	for {
		last := uint64(len(n.seen))
		k, missed := n.engine.Events().Read(last, buf)
		if missed > 0 {
			n.sim.t.Fatalf("node %d: %d events missed: its EventLog is too small for this test", n.number, missed)
		}
		if k == 0 {
			return n.seen
		}
		for i, e := range buf[:k] {
			if want := last + uint64(i) + 1; e.Seq != want {
				n.sim.t.Fatalf("node %d: event number %d, want %d", n.number, e.Seq, want)
			}
			if len(n.seen) > 0 && e.Time.Before(n.seen[len(n.seen)-1].Time) {
				n.sim.t.Errorf("node %d: event %d is of %v, before the one before it", n.number, e.Seq, e.Time)
			}
			n.seen = append(n.seen, e)
		}
	}
}

// eventsOf are the events of one type since the node was started, oldest first.
func eventsOf[T event.Data](n *simNode) (out []stamped[T]) {
	n.sim.t.Helper()
	for _, e := range n.drain() {
		if d, ok := e.Data.(T); ok {
			out = append(out, stamped[T]{e.Seq, e.Time, d})
		}
	}
	return out
}

// eventsAfter are those of one type that happened after a time.
func eventsAfter[T event.Data](n *simNode, after time.Time) (out []stamped[T]) {
	n.sim.t.Helper()
	for _, e := range eventsOf[T](n) {
		if e.Time.After(after) {
			out = append(out, e)
		}
	}
	return out
}

// count is how many of a list have a property.
func count[T any](list []T, has func(T) bool) (k int) {
	for _, e := range list {
		if has(e) {
			k++
		}
	}
	return k
}

// removals are the times and reasons at which a node was removed.
func (n *simNode) removals(of peer.Mid) (out []stamped[event.PeerRemoved]) {
	n.sim.t.Helper()
	for _, e := range eventsOf[event.PeerRemoved](n) {
		if e.Data.Peer == of {
			out = append(out, e)
		}
	}
	return out
}
