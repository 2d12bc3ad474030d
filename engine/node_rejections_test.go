package engine

import (
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"peerscope/engine/community"
	"peerscope/engine/event"
)

// However the rejections come, no second has more than ten events, and none is
// left out that could have been one.
func TestNodeRejections(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	log := event.NewLog(nodeStart, 1<<14)
	var r rejections
	var reported []time.Time
	now := nodeStart
	for range 5000 {
		if rng.IntN(10) == 0 {
			now = now.Add(time.Duration(rng.Int64N(int64(900 * time.Millisecond))))
		}
		before := log.Last()
		r.emit(now, rejection{netip.MustParseAddrPort("192.0.2.7:1"), community.Malformed}, log)
		lately := count(reported, func(at time.Time) bool { return now.Sub(at) < time.Second })
		if got, want := log.Last() > before, lately < rejectionsPerSecond; got != want {
			t.Fatalf("%v after the start, with %d events in the last second: reported %v, want %v", now.Sub(nodeStart), lately, got, want)
		}
		if log.Last() > before {
			reported = append(reported, now)
		}
	}
	if len(reported) < 500 {
		t.Errorf("%d events, want many more", len(reported))
	}
}
