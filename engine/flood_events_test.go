//go:build linux

package engine

import (
	"context"
	"sync"
	"time"

	"peerscope/engine/event"
	"peerscope/engine/peer"
)

// A witness follows the engine's events and keeps what concerns the honest peers.
type witness struct {
	log   *event.Log
	mids  []peer.Mid // by number in the fleet
	tasks sync.WaitGroup

	mu     sync.Mutex
	seen   map[peer.Mid]*sighting
	counts witnessed
}

// witnessed counts events of all peers since the start.
type witnessed struct {
	verified, removed int
	missed            uint64 // events that were not kept long enough
}

// A sighting is what the events told of one peer.
type sighting struct {
	verified, pongs, lost int
	slowest               time.Duration // pong
	removed               []event.RemoveReason
}

// newWitness follows what happens to n members of the fleet.
func newWitness(log *event.Log, n int) *witness {
	w := &witness{log: log, seen: make(map[peer.Mid]*sighting)}
	for i := range n {
		w.mids = append(w.mids, memberKey(i).Public().Mid())
		w.seen[w.mids[i]] = new(sighting)
	}
	w.tasks.Go(w.follow)
	return w
}

// follow reads events until the log is closed.
func (w *witness) follow() {
	events := make([]event.Event, 1024)
	for after := uint64(0); w.log.Wait(context.Background(), after); {
		n, missed := w.log.Read(after, events)
		w.mu.Lock()
		w.counts.missed += missed
		for _, e := range events[:n] {
			w.note(e.Data)
		}
		w.mu.Unlock()
		after = events[n-1].Seq
	}
}

func (w *witness) note(data event.Data) {
	switch d := data.(type) {
	case event.PeerVerified:
		w.counts.verified++
		if s := w.seen[d.Peer]; s != nil {
			s.verified++
		}
	case event.PeerRemoved:
		w.counts.removed++
		if s := w.seen[d.Peer]; s != nil {
			s.removed = append(s.removed, d.Reason)
		}
	case event.PongReceived:
		if s := w.seen[d.Peer]; s != nil {
			s.pongs++
			s.slowest = max(s.slowest, d.RTT)
		}
	case event.PingLost:
		if s := w.seen[d.Peer]; s != nil {
			s.lost++
		}
	}
}

// of is what was seen of the i-th peer so far.
func (w *witness) of(i int) sighting {
	w.mu.Lock()
	defer w.mu.Unlock()
	return *w.seen[w.mids[i]]
}

// total are the counts so far.
func (w *witness) total() witnessed {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.counts
}
