package engine

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"peerscope/engine/bootstrap"
)

// A fakeResolver answers look-ups as the test says, and notes when they came.
type fakeResolver struct {
	mu     sync.Mutex
	answer func(ctx context.Context) ([]netip.Addr, error)
	asked  []time.Time
}

func (r *fakeResolver) resolve(ctx context.Context, _ string) ([]netip.Addr, error) {
	r.mu.Lock()
	r.asked = append(r.asked, time.Now())
	answer := r.answer
	r.mu.Unlock()
	return answer(ctx)
}

// set changes what the next look-ups find.
func (r *fakeResolver) set(answer func(context.Context) ([]netip.Addr, error)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = answer
}

// count is how many look-ups there were so far.
func (r *fakeResolver) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.asked)
}

func noSuchHost(context.Context) ([]netip.Addr, error) { return nil, errors.New("no such host") }

func found(addrs ...netip.Addr) func(context.Context) ([]netip.Addr, error) {
	return func(context.Context) ([]netip.Addr, error) { return addrs, nil }
}

// trackerName is the tracker by name.
var trackerName = bootstrap.Endpoint{Host: "tracker.example", Port: trackerAddr.Port()}

// named bootstraps a node by the tracker's name.
func named(r *fakeResolver) option {
	return configure(func(c *Config) {
		c.Bootstrap, c.Resolve = []bootstrap.Endpoint{trackerName}, r.resolve
	})
}

// A name that cannot be resolved is tried again every half minute; once it can
// be, its servers are asked at once. When it fails later the old ones are kept.
func TestFaultResolve(t *testing.T) {
	simulate(t, 40, func(s *sim) {
		s.startTracker()
		nodes := s.startMany(6)
		names := &fakeResolver{answer: noSuchHost}
		o := s.startObserver(named(names))
		start := time.Now()
		s.sleep(2 * time.Minute)
		if got := o.engine.Stats().Sent; got != 0 {
			t.Errorf("%d packets sent while no server is known, want none", got)
		}
		if got := names.count(); got < 4 || got > 6 {
			t.Errorf("looked up %d times in two minutes, want every 30s", got)
		}
		servers, err := o.engine.Servers(s.ctx)
		if err != nil || len(servers) != 1 || servers[0].Err == nil {
			t.Errorf("servers %+v (%v), want one with the error of its look-up", servers, err)
		}

		names.set(found(trackerAddr.Addr()))
		s.within(90*time.Second, "all nodes verified", func() bool { return o.knows(nodes...) })
		names.set(noSuchHost)
		lookUps := names.count()
		s.sleep(4 * time.Minute)
		o.wantVerified(nodes...)
		if got := names.count() - lookUps; got < 7 {
			t.Errorf("looked up %d times in the %v since, want on and on", got, time.Since(start))
		}
		servers, err = o.engine.Servers(s.ctx)
		if err != nil || len(servers) != 1 || servers[0].Address != trackerAddr || servers[0].Answered.IsZero() {
			t.Errorf("servers %+v (%v), want the tracker as it was known", servers, err)
		}
	})
}

// A tracker that moved is found at its new address, by the same name.
func TestFaultResolveElsewhere(t *testing.T) {
	simulate(t, 41, func(s *sim) {
		s.startTracker()
		nodes := s.startMany(6)
		names := &fakeResolver{answer: found(netip.MustParseAddr("192.0.2.77"))} // nobody there
		o := s.startObserver(named(names))
		s.sleep(time.Minute)
		o.wantVerified()
		names.set(found(trackerAddr.Addr()))
		s.within(2*time.Minute, "all nodes verified", func() bool { return o.knows(nodes...) })
		if got := o.requested(); !slices.Contains(got, netip.MustParseAddrPort("192.0.2.77:8470")) {
			t.Errorf("asked %v, want the first address among them", got)
		}
	})
}

// A resolver that never answers keeps nobody waiting: literal servers are asked
// meanwhile, and the engine stops in time.
func TestFaultResolverHangs(t *testing.T) {
	simulate(t, 42, func(s *sim) {
		s.startTracker()
		nodes := s.startMany(6)
		names := &fakeResolver{answer: func(ctx context.Context) ([]netip.Addr, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}}
		o := s.startObserver(named(names), configure(func(c *Config) {
			c.Bootstrap = append(c.Bootstrap, bootstrap.Endpoint{Host: "192.0.2.1", Port: simPort})
		}))
		s.within(2*time.Minute, "all nodes verified", func() bool { return o.knows(nodes...) })
		s.sleep(2 * time.Minute)
		if got := names.count(); got < 3 {
			t.Errorf("looked up %d times, want again after each time-out", got)
		}
		o.wantStops()
	})
}

// stopsWithin is how long an engine may take to stop.
const stopsWithin = 5 * time.Second

// wantStops kills a node and fails if that takes it long.
func (n *simNode) wantStops() {
	n.sim.t.Helper()
	start := time.Now()
	n.kill()
	if took := time.Since(start); took > stopsWithin {
		n.sim.t.Errorf("node %d took %v to stop, want at most %v", n.number, took, stopsWithin)
	}
}
