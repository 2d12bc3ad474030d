package strategy

import (
	"slices"
	"testing"
	"time"
	"unsafe"

	"peerscope/engine/peer"
)

func TestPeriodicPingPace(t *testing.T) {
	w := newPingWorld(t, PingConfig{})
	peers := w.add(400) // found together
	w.run(10 * time.Minute)
	for _, p := range peers {
		pings := w.pings[p]
		if len(pings) < 20 {
			t.Fatalf("%v was pinged %d times in 10 min", p.Address(), len(pings))
		}
		if first := pings[0].Sub(start); first > 1200*time.Millisecond {
			t.Errorf("first ping after %v, want it within a second or so", first)
		}
		if second := pings[1].Sub(pings[0]); second > 21*time.Second {
			t.Errorf("second ping after %v, want it within an interval", second)
		}
		w.wantGaps([]*peer.Peer{p}, pings[1], 16*time.Second, 24*time.Second+100*time.Millisecond)
	}
	if got := w.ping.Interval(); got != 20*time.Second {
		t.Errorf("Interval %v, want 20s", got)
	}
	// 20 a second on average. Were they in step, there would be 400 in one.
	perSecond := map[int]int{}
	for _, sent := range w.sent {
		perSecond[int(sent.Sub(start)/time.Second)]++
	}
	for s := 30; s < 600; s++ {
		if perSecond[s] < 3 || perSecond[s] > 50 {
			t.Errorf("%d pings in second %d, want them spread", perSecond[s], s)
		}
	}
	if len(w.removed) != 0 {
		t.Errorf("%d peers removed that answered", len(w.removed))
	}
}

func TestPeriodicPingWithoutJitter(t *testing.T) {
	w := newPingWorld(t, PingConfig{Interval: 10 * time.Second, Jitter: -1})
	peers := w.add(10)
	w.run(5 * time.Minute)
	w.wantGaps(peers, w.pings[peers[0]][2], 10*time.Second, 10*time.Second+time.Millisecond)
}

// wantRate wants no more than perSecond pings over any stretch of time, but for the burst that is allowed.
func (w *pingWorld) wantRate(perSecond float64) {
	w.Helper()
	burst := perSecond*paceBurst.Seconds() + 1
	for i := range w.sent {
		for _, n := range []int{10, 100, 1000} {
			if i+n >= len(w.sent) {
				continue
			}
			took := w.sent[i+n].Sub(w.sent[i]).Seconds()
			if float64(n+1) > took*perSecond+burst+1 {
				w.Fatalf("%d pings in %v s, want at most %v a second", n+1, took, perSecond)
			}
		}
	}
}

func TestPeriodicPingStretches(t *testing.T) {
	w := newPingWorld(t, PingConfig{MaxPerSecond: 10})
	peers := w.add(1000)
	if got := w.ping.Interval(); got != 100*time.Second {
		t.Fatalf("Interval with 1000 peers at 10/s: %v, want 100s", got)
	}
	w.run(10 * time.Minute)
	steady := w.now
	w.run(20 * time.Minute)
	// With all the budget in use, a ping waits for a few others now and then.
	w.wantGaps(peers, steady, 80*time.Second, 126*time.Second)
	w.wantRate(10)
	if len(w.removed) != 0 {
		t.Errorf("%d peers removed that answered", len(w.removed))
	}

	left := peers[:50]
	for _, p := range peers[50:] {
		w.remove(p)
	}
	shrunk := w.now
	w.run(25 * time.Second)
	for _, p := range left {
		if last := w.pings[p][len(w.pings[p])-1]; last.Before(shrunk) {
			t.Fatalf("no ping within 25 s after the interval shrank from 100 s to %v", w.ping.Interval())
		}
	}
	w.run(5 * time.Minute)
	w.wantGaps(left, shrunk.Add(25*time.Second), 16*time.Second, 24*time.Second+time.Second)
	if got := len(w.ping.queue); got != len(left) {
		t.Errorf("%d entries for %d peers, want those of peers that are gone discarded", got, len(left))
	}
}

func TestPeriodicPingNewPeerComesSoonUnderLoad(t *testing.T) {
	w := newPingWorld(t, PingConfig{MaxPerSecond: 20})
	w.add(2000)
	w.run(10 * time.Minute)
	for range 20 {
		p := w.add(1)[0]
		added := w.now
		w.run(10 * time.Second)
		if len(w.pings[p]) == 0 {
			t.Fatal("a new peer was not pinged within 10 s")
		}
		if first := w.pings[p][0].Sub(added); first > 5*time.Second {
			t.Errorf("first ping after %v with the interval at %v", first, w.ping.Interval())
		}
	}
}

func TestPeriodicPingRefused(t *testing.T) {
	w := newPingWorld(t, PingConfig{})
	peers := w.add(100)
	w.refuse = func(*peer.Peer) bool { return true }
	w.run(60 * time.Second)
	if w.asked < 500 || w.asked > 610 {
		t.Errorf("asked %d times in 60 s without budget, want it every 100 ms", w.asked)
	}
	asked := w.asked
	w.ping.TakeStep(w.now) // too early, as when the engine steps for another reason
	if w.asked != asked {
		t.Error("asked again before the deadline")
	}
	w.refuse = nil
	w.run(30 * time.Second)
	for _, p := range peers {
		if len(w.pings[p]) == 0 {
			t.Errorf("%v not pinged in 30 s although there is budget again", p.Address())
		}
	}
	if len(w.removed) != 0 {
		t.Errorf("%d peers removed that were not pinged", len(w.removed))
	}
}

func TestPeriodicPingOnePeerRefused(t *testing.T) {
	w := newPingWorld(t, PingConfig{})
	peers := w.add(20)
	w.refuse = func(p *peer.Peer) bool { return p == peers[0] }
	w.run(10 * time.Minute)
	w.wantGaps(peers[1:], start.Add(time.Minute), 16*time.Second, 24*time.Second+500*time.Millisecond)
	if len(w.pings[peers[0]]) != 0 {
		t.Errorf("the refused peer was pinged")
	}
}

// TestPeriodicPingKnowsOnlyDurations: whatever the calendar says, the same durations give the same pings.
func TestPeriodicPingKnowsOnlyDurations(t *testing.T) {
	offsets := func(begin time.Time) (offsets []time.Duration) {
		w := newPingWorld(t, PingConfig{MaxPerSecond: 3})
		w.now = begin
		w.peers[w.add(100)[7]] = false
		w.run(10 * time.Minute)
		for _, sent := range w.sent {
			offsets = append(offsets, sent.Sub(begin))
		}
		return offsets
	}
	want := offsets(start)
	for _, begin := range []time.Time{time.Unix(0, 0), time.Unix(1<<33, 999).In(time.FixedZone("", 9000)), time.Now()} {
		if got := offsets(begin); !slices.Equal(got, want) {
			t.Errorf("starting at %v, the pings differ", begin)
		}
	}
}

func TestPeriodicPingForgetsWhoIsGone(t *testing.T) {
	w := newPingWorld(t, PingConfig{})
	for range 200 {
		for _, p := range w.add(50) {
			w.remove(p)
		}
		if got := len(w.ping.queue); got > 500 {
			t.Fatalf("%d entries without any peer", got)
		}
	}
	w.run(30 * time.Second)
	if deadline, ok := w.ping.Deadline(); ok {
		t.Errorf("Deadline %v without any peer", deadline)
	}
	if len(w.sent) != 0 {
		t.Errorf("%d pings to peers that are gone", len(w.sent))
	}
}

func TestPeriodicPingStepIsBounded(t *testing.T) {
	w := newPingWorld(t, PingConfig{MaxPerSecond: -1})
	w.add(3 * pingsPerStep)
	w.now = w.now.Add(time.Minute)
	for step := 1; step <= 3; step++ {
		if w.ping.TakeStep(w.now); len(w.sent) != step*pingsPerStep {
			t.Errorf("%d pings after step %d, want %d", len(w.sent), step, step*pingsPerStep)
		}
	}
	if got := w.ping.Interval(); got != PingInterval {
		t.Errorf("Interval without a limit: %v, want %v", got, PingInterval)
	}
}

func TestPeriodicPingInterval(t *testing.T) {
	for _, test := range []struct {
		peers     int
		perSecond float64
		want      time.Duration
	}{
		{0, 0, 20 * time.Second},
		{8000, 0, 20 * time.Second},
		{8001, 0, 20*time.Second + 2500*time.Microsecond},
		{1_000_000, 0, 2500 * time.Second},
		{1_000_000, 1e-9, 24 * time.Hour},
		{1_000_000, -1, 20 * time.Second},
	} {
		overlay := &manyPeers{verified: test.peers}
		s := NewPeriodicPing(overlay, newRand(), PingConfig{MaxPerSecond: test.perSecond})
		if got := s.Interval(); got != test.want {
			t.Errorf("Interval with %d peers at %v/s: %v, want %v", test.peers, test.perSecond, got, test.want)
		}
	}
}

// TestScheduledPingIsSmall: the schedule of a million peers is to take 24 MB.
func TestScheduledPingIsSmall(t *testing.T) {
	if got := unsafe.Sizeof(scheduledPing{}); got > 24 {
		t.Errorf("%d bytes for each peer, want 24", got)
	}
}

func TestScheduleClock(t *testing.T) {
	rng := newRand()
	for _, stretch := range []float64{1, 1.3, 7, 125} {
		var c scheduleClock
		now := start
		c.advance(now, stretch)
		for range 100_000 { // many short advances lose no time
			now = now.Add(time.Duration(rng.IntN(1000)))
			c.advance(now, stretch)
		}
		want := time.Duration(float64(now.Sub(start)) / stretch)
		if got := c.elapsed; got < want-time.Microsecond || got > want+time.Microsecond {
			t.Errorf("stretch %v: %v elapsed, want %v", stretch, got, want)
		}
		for range 10_000 {
			due := c.elapsed + time.Duration(rng.Int64N(int64(time.Minute)))
			reached := c.when(due, stretch)
			if reached.Before(now) {
				t.Fatalf("stretch %v: %v is reached in the past", stretch, due)
			}
			ahead := c
			ahead.advance(reached, stretch)
			if late := ahead.elapsed - due; late < 0 || late > 2 {
				t.Fatalf("stretch %v: at the time for %v the clock shows %v more", stretch, due, late)
			}
		}
		c.advance(start, stretch)
		if c.last != now {
			t.Error("the clock went back")
		}
	}
}

// manyPeers is an overlay whose peers all answer and are never removed.
type manyPeers struct {
	verified int
	pings    int
}

func (o *manyPeers) Ping(now time.Time, p *peer.Peer) bool {
	o.pings++
	p.LastResponse = now
	return true
}
func (o *manyPeers) Remove(time.Time, *peer.Peer) { panic("nobody is silent") }
func (o *manyPeers) Verified(*peer.Peer) bool     { return true }
func (o *manyPeers) Isolated() bool               { return false }
func (o *manyPeers) Len() int                     { return o.verified }

func BenchmarkPeriodicPing(b *testing.B) {
	const peers = 1_000_000
	overlay := &manyPeers{verified: peers}
	s := NewPeriodicPing(overlay, newRand(), PingConfig{MaxPerSecond: -1})
	now := start
	for range peers {
		s.Added(now, &peer.Peer{})
	}
	b.ReportAllocs()
	for b.Loop() { // one ping each 20 µs is each peer once in 20 s
		now = now.Add(20 * time.Microsecond)
		s.TakeStep(now)
		s.Deadline()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(overlay.pings), "ns/ping")
}
