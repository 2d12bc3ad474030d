//go:build linux

package engine

import (
	"runtime"
	"slices"
	"time"

	"peerscope/engine/event"
)

const (
	// floodHeap bounds the bytes in use after a collection: 30 MiB of keys and
	// events when their rings are full, 1 MiB per thousand peers, and as much again.
	floodHeap = 128 << 20
	// floodSlowness bounds the time that the loop lets others wait.
	floodSlowness = time.Second
)

// log tells what the flood did.
func (f *floodTest) log() {
	s := f.engine.Stats()
	f.t.Logf("flood: %d packets in %v, %.0f a second", f.sent.Sent, f.sent.Took, f.achieved())
	f.t.Logf("received %d, dropped by the kernel %d, sent %d", s.Received, s.KernelDrops, s.Sent)
	f.t.Logf("reasons %v", s.Reasons)
	f.t.Logf("accepted %v", s.Accepted)
	f.t.Logf("honest peers' questions %+v; %d packets to them dropped by the kernel", f.honest.Answers, f.honest.KernelDrops)
	var pongs, lost int
	least := f.since(0).pongs
	for i := range floodPeers {
		p := f.since(i)
		pongs, lost, least = pongs+p.pongs, lost+p.lost, min(least, p.pongs)
	}
	f.t.Logf("pings of honest peers: %d answered, %d or more by each, %d lost", pongs, least, lost)
	f.t.Logf("events of all peers: %+v", f.witness.total())
	f.t.Logf("slowest answer of the loop %v; heap at most %d MiB", f.slowest, f.heap>>20)
}

// achieved is how many packets a second the flood was of.
func (f *floodTest) achieved() float64 { return float64(f.sent.Sent) / f.sent.Took.Seconds() }

// checkFlood: it was the flood that this test is about.
func (f *floodTest) checkFlood() {
	f.t.Helper()
	if got, want := f.achieved(), f.size.rate; got < 0.9*float64(want) {
		f.t.Errorf("the flood was of %.0f packets a second, want %d: the machine is too slow or too busy for this test", got, want)
	}
	want := []string{"accepted", "bad-signature", "malformed", "unknown-community", "foreign-pong"}
	if f.size.rate == fullFlood.rate { // the small one stays within these limits
		want = append(want, "legacy-budget", "source-rate", "stranger-rate")
	}
	reasons := f.engine.Stats().Reasons
	for _, reason := range want {
		if reasons[reason] == 0 {
			f.t.Errorf("no packet was counted as %s", reason)
		}
	}
}

// checkHonest: nobody who kept exchanging was dropped, and the exchange went on in
// both directions.
func (f *floodTest) checkHonest() {
	f.t.Helper()
	if missed := f.witness.total().missed; missed > 0 {
		f.t.Errorf("%d events were missed, so nobody can tell who was dropped", missed)
	}
	var dropped, gone, unheard int
	for i := range floodPeers {
		s := f.since(i)
		if len(s.removed) > 0 || s.verified > 0 {
			dropped++
		}
		if _, _, ok, err := f.engine.Peer(f.t.Context(), f.witness.mids[i]); !ok || err != nil {
			gone++
		}
		if s.pongs == 0 {
			unheard++
		}
	}
	if dropped+gone+unheard > 0 {
		f.t.Errorf("of %d honest peers %d were dropped, %d are not verified at the end, no pong came from %d; want none",
			floodPeers, dropped, gone, unheard)
	}
	least := 0.5
	if raceDetector { // signatures take it ten times as long, and other tests run beside this one
		least = 0.1
	}
	for id, e := range f.honest.Answers {
		if float64(e.Answered) < max(1, least*float64(e.Asked)) {
			f.t.Errorf("honest peers got a %s to %d of %d questions, want at least %v of them", id, e.Answered, e.Asked, least)
		}
	}
}

// checkDeserter: a peer that does fall silent is dropped in such a flood.
func (f *floodTest) checkDeserter() {
	f.t.Helper()
	if got := f.since(deserter).removed; !slices.Equal(got, []event.RemoveReason{event.Silent}) {
		f.t.Errorf("the peer that fell silent was removed %v, want once, as silent", got)
	}
}

// checkBounds: the loop stayed responsive, and what the flood left behind is little.
func (f *floodTest) checkBounds() {
	f.t.Helper()
	if f.slowest > floodSlowness {
		f.t.Errorf("the loop took %v to answer, want at most %v", f.slowest, floodSlowness)
	}
	runtime.GC()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	f.t.Logf("%d MiB of heap in use afterwards", memory.HeapInuse>>20)
	if memory.HeapInuse > floodHeap {
		f.t.Errorf("%d MiB of heap in use, want at most %d", memory.HeapInuse>>20, floodHeap>>20)
	}
	most := floodPeers + 1 + strangersPerSecond*(10+int(time.Since(f.began).Seconds())+1)
	if got := f.witness.total().verified; got > most {
		f.t.Errorf("%d peers were verified, want at most %d", got, most)
	}
}

// checkCounts: each packet is counted once, by the engine or by the kernel.
func (f *floodTest) checkCounts() {
	f.t.Helper()
	want := f.sent.Sent + f.honest.Sent
	var s Stats
	var sum uint64
	f.eventually(10*time.Second, "every packet is counted", func() bool {
		s, sum = f.engine.Stats(), 0
		for _, n := range s.Reasons {
			sum += n
		}
		return s.Received+s.KernelDrops >= want && sum >= s.Received
	})
	if got := s.Received + s.KernelDrops; got != want {
		f.t.Errorf("received %d + dropped by the kernel %d = %d, want the %d of the flood + the %d of the honest peers = %d",
			s.Received, s.KernelDrops, got, f.sent.Sent, f.honest.Sent, want)
	}
	if sum != s.Received {
		f.t.Errorf("the reasons %v make %d, want the %d received", s.Reasons, sum, s.Received)
	}
}

// checkStop: nothing of the flood goes on, and the engine stops.
func (f *floodTest) checkStop() {
	f.t.Helper()
	// The process's standard streams were read and watched by others before.
	f.eventually(10*time.Second, "no goroutine is left of the flood", func() bool {
		return runtime.NumGoroutine() <= f.goroutines
	})
	f.stop()
	select {
	case <-f.stopped:
	case <-time.After(10 * time.Second):
		f.t.Fatal("the engine does not stop")
	}
	f.witness.tasks.Wait()
}
