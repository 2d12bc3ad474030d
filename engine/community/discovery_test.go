package community

import (
	"slices"
	"testing"

	"peerscope/engine/event"
	"peerscope/engine/requestcache"
)

func TestAvailableStrategies(t *testing.T) {
	o := newObserver(t, observerConfig{})
	want := []string{"PeriodicSimilarity", "PeriodicPing", "RandomChurn"}
	if got := o.discovery.AvailableStrategies(); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// Nothing that waits may fire after the community is gone, and nothing new may
// wait.
func TestUnload(t *testing.T) {
	o := newObserver(t, observerConfig{})
	s := o.meet(9, "192.0.2.9:9000")
	p := s.introduce()
	o.ping(s, p)
	o.events = nil
	o.discovery.Unload()
	o.advance(2 * requestcache.AnswerTimeout)
	wantEvents[event.PingLost](o)
	if o.discovery.SendPing(o.now, p) || o.discovery.WalkTo(o.now, s.address) {
		t.Error("a request was sent after the end")
	}
	if o.requests.Len() != 0 || !p.LastLost.IsZero() {
		t.Errorf("%d requests wait, last lost %v", o.requests.Len(), p.LastLost)
	}
}
