//go:build linux

package engine

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"runtime"
	"testing"
	"time"

	"peerscope/engine/udp"
)

const (
	// floodEnvFor holds the duration of the full flood, "5s". Without it a small
	// one is run, which works beside other tests and under the race detector.
	floodEnvFor = "PEERSCOPE_FLOOD"
	floodPeers  = 100 // honest ones
)

// A floodSize says how much of a flood it is.
type floodSize struct {
	rate      int // packets a second
	length    time.Duration
	strangers int // keys of valid packets
}

var (
	fullFlood  = floodSize{rate: 50_000, strangers: 1 << 15}
	smallFlood = floodSize{rate: 200, length: 2 * time.Second, strangers: 500}
)

// TestFlood floods an engine on a real socket with garbage, forged signatures,
// valid packets of strangers and signatures of the old curves, in equal parts,
// while honest peers and the engine keep asking each other.
func TestFlood(t *testing.T) {
	size := smallFlood
	if text := os.Getenv(floodEnvFor); text != "" {
		var err error
		size = fullFlood
		if size.length, err = time.ParseDuration(text); err != nil {
			t.Fatalf("%s: %v", floodEnvFor, err)
		}
		if raceDetector {
			t.Fatalf("%s is set: the full flood needs a test binary without the race detector", floodEnvFor)
		}
	}
	if raceDetector {
		t.Skip("NOT RUN: the flood measures what a machine can take; it is a part of its own, without the race detector")
	}
	t.Run(fmt.Sprintf("%d packets a second for %v", size.rate, size.length), func(t *testing.T) {
		f := startFlood(t, size)
		f.meet()
		f.run()
		f.log()
		f.checkFlood()
		f.checkHonest()
		f.checkDeserter()
		f.checkBounds()
		f.checkCounts()
		f.checkStop()
	})
}

// A floodTest is an engine, and a process with its honest peers and a flood.
type floodTest struct {
	t    *testing.T
	size floodSize

	engine  *Engine
	stop    context.CancelFunc
	stopped chan struct{}
	witness *witness
	others  *floodProcess

	sent       generated
	honest     exchanged
	began      time.Time
	goroutines int           // before the flood
	slowest    time.Duration // answer of the loop to a question
	heap       uint64        // the most in use during the flood
	before     []sighting    // of each peer when the flood began
}

const (
	// The engine is less patient than usual: by default it drops a peer after
	// 57.5 s of silence, and no flood that a test can wait for would be long enough
	// for a peer to be dropped in vain. The deserter is proof that here it is.
	floodPingInterval = 500 * time.Millisecond
	floodPingTimeout  = 2 * time.Second
	floodDropTime     = 4 * time.Second
	// deserter is the number of the peer after the honest ones. It falls silent when
	// the flood begins.
	deserter = floodPeers
)

// floodEngine makes the engine, and tells where it listens.
func floodEngine(t *testing.T, c udp.Config) (*Engine, netip.AddrPort) {
	t.Helper()
	conn, err := udp.Listen("udp4", netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), 0), c)
	if err != nil {
		t.Fatal(err)
	}
	e, err := New(Config{
		Identity: nodeKey(0), Sockets: []Socket{conn}, PingInterval: floodPingInterval,
		Interfaces: func() ([]netip.Addr, error) { return nil, nil },
		patience:   patience{ping: floodPingTimeout, drop: floodDropTime},
	})
	if err != nil {
		t.Fatal(err)
	}
	return e, conn.LocalAddr()
}

// start runs the engine until stop is called.
func (f *floodTest) start() {
	ctx, stop := context.WithCancel(context.Background())
	f.stop, f.stopped = stop, make(chan struct{})
	go func() {
		defer close(f.stopped)
		if err := f.engine.Run(ctx); err != nil {
			f.t.Errorf("Run: %v", err)
		}
	}()
}

func startFlood(t *testing.T, size floodSize) *floodTest {
	t.Helper()
	e, target := floodEngine(t, udp.Config{})
	f := &floodTest{t: t, size: size, engine: e, began: time.Now(), witness: newWitness(e.Events(), deserter+1)}
	f.start()
	f.others = startFloodProcess(t, floodOrder{
		Target: target, Rate: size.rate, For: size.length, Strangers: size.strangers,
		Peers: deserter + 1, Seed: 1, OldCurve: oldCurvePackets(t),
	})
	return f
}

// meet waits until the engine knows all peers and has had a pong of each.
func (f *floodTest) meet() {
	f.t.Helper()
	f.eventually(20*time.Second, "every peer is verified and has answered a ping", func() bool {
		for i := range deserter + 1 {
			if s := f.witness.of(i); s.verified == 0 || s.pongs == 0 {
				return false
			}
		}
		return true
	})
	for i := range deserter + 1 {
		f.before = append(f.before, f.witness.of(i))
	}
}

// run is the flood, and what comes after it until the honest peers rest.
func (f *floodTest) run() {
	f.t.Helper()
	f.goroutines = runtime.NumGoroutine()
	done := make(chan error, 1)
	go func() { done <- f.others.do("flood", &f.sent) }()
	if err := f.watch(done); err != nil {
		f.t.Fatal(err)
	}
	f.eventually(10*time.Second, "the peer that fell silent is dropped", func() bool {
		return len(f.since(deserter).removed) > 0
	})
	if err := f.others.do("rest", &f.honest); err != nil {
		f.t.Fatal(err)
	}
	f.others.end()
}

// watch asks the engine again and again until the flood is over.
func (f *floodTest) watch(done <-chan error) error {
	ticks := time.NewTicker(100 * time.Millisecond)
	defer ticks.Stop()
	for {
		select {
		case err := <-done:
			return err
		case <-ticks.C:
		}
		asked := time.Now()
		if _, err := f.engine.Snapshot(f.t.Context()); err != nil {
			f.t.Errorf("Snapshot: %v", err)
		}
		f.slowest = max(f.slowest, time.Since(asked))
		var memory runtime.MemStats
		runtime.ReadMemStats(&memory)
		f.heap = max(f.heap, memory.HeapInuse)
	}
}

// since is what was seen of a peer since the flood began.
func (f *floodTest) since(peer int) sighting {
	s, before := f.witness.of(peer), f.before[peer]
	s.verified -= before.verified
	s.pongs -= before.pongs
	s.lost -= before.lost
	s.removed = s.removed[len(before.removed):]
	return s
}

// eventually waits until something is true.
func (f *floodTest) eventually(within time.Duration, what string, ok func() bool) {
	f.t.Helper()
	for end := time.Now().Add(within); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			f.t.Errorf("not within %v: %s", within, what)
			return
		}
	}
}

// TestFloodOfFullBuffer has the kernel drop most of a burst for certain: the
// engine reads only when all of it is there. The counts are as exact then.
func TestFloodOfFullBuffer(t *testing.T) {
	e, target := floodEngine(t, udp.Config{ReceiveBuffer: 1 << 16})
	g, err := newGenerator(floodOrder{Target: target, Strangers: 50, OldCurve: oldCurvePackets(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer g.conn.Close()
	f := &floodTest{t: t, engine: e, witness: newWitness(e.Events(), 0)}
	for f.sent.Sent < 5000 {
		n, err := g.conn.WriteBatch(g.burst(udp.BatchSize))
		if err != nil {
			t.Fatal(err)
		}
		f.sent.Sent += uint64(n)
	}
	f.start()
	f.checkCounts()
	if s := e.Stats(); s.KernelDrops < s.Received {
		t.Errorf("the kernel dropped %d packets and handed over %d, want it the other way around", s.KernelDrops, s.Received)
	}
	f.stop()
	<-f.stopped
	f.witness.tasks.Wait()
}
