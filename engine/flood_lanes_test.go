package engine

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"peerscope/engine/community"
	"peerscope/engine/internal/vectors"
	"peerscope/engine/keyvault"
	"peerscope/engine/udp"
	"peerscope/engine/wire"
)

// A tube is a socket into which the test puts datagrams.
type tube struct {
	in     chan []udp.Datagram
	closed chan struct{}
}

func (s *tube) ReadBatch(ds []udp.Datagram) (int, error) {
	select {
	case batch := <-s.in:
		for i, d := range batch {
			ds[i].Data = append(ds[i].Data[:0], d.Data...)
			ds[i].Addr, ds[i].At = d.Addr, time.Now()
		}
		return len(batch), nil
	case <-s.closed:
		return 0, net.ErrClosed
	}
}

func (s *tube) WriteBatch(ds []udp.Datagram) (int, error) { return len(ds), nil }
func (s *tube) LocalAddr() netip.AddrPort                 { return netip.MustParseAddrPort("192.0.2.1:8470") }
func (s *tube) KernelDrops() uint64                       { return 0 }
func (s *tube) Truncated() uint64                         { return 0 }
func (s *tube) ReadErrors() map[string]uint64             { return nil }
func (s *tube) WriteErrors() map[string]uint64            { return nil }
func (s *tube) Close() error                              { close(s.closed); return nil }

// A recorder is a core that keeps the sources of what it is handed.
type recorder struct{ sources []netip.AddrPort }

func (r *recorder) Receive(_ time.Time, m *community.Message) community.Reason {
	r.sources = append(r.sources, m.Source)
	return community.Accepted
}
func (r *recorder) Advance(now time.Time) time.Time      { return now.Add(time.Hour) }
func (r *recorder) Rejected(time.Time, rejection)        {}
func (r *recorder) ClockJumped(time.Time, time.Duration) {}
func (r *recorder) Stop(time.Time)                       {}

// pipe runs a pipeline between a tube and a recorder while f works.
func pipe(t *testing.T, f func(p *pipeline, s *tube, r *recorder)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s, r := &tube{make(chan []udp.Datagram), make(chan struct{})}, new(recorder)
		p := newPipeline([]Socket{s}, community.Decoder{}, SourceRate{}, slog.New(slog.DiscardHandler))
		p.core = r
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { p.run(ctx); close(done) }()
		f(p, s, r)
		stop()
		<-done
	})
}

// stranger4 is the n-th of many addresses.
func stranger4(n int) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{198, 18, byte(n >> 8), byte(n)}), 8470)
}

// oldCurve is a valid packet with a key of the cheapest old curve.
func oldCurve(t *testing.T) []byte {
	t.Helper()
	for _, v := range vectors.Load(t) {
		if v.Outcome == "valid" && v.KeyType == keyvault.Sect163K1.String() && len(v.Packet) > wire.HeaderLen {
			return v.Packet
		}
	}
	t.Fatal("no such vector")
	return nil
}

// A flood of old-curve signatures uses up the budget of strangers, and not that of
// whom we asked or who answered us: bootstrap servers have such keys.
func TestFloodOfOldCurvesLeavesBudget(t *testing.T) {
	packet := oldCurve(t)
	server, peer := stranger4(1), stranger4(2)
	pipe(t, func(p *pipeline, s *tube, r *recorder) {
		synctest.Wait()
		p.known.met(time.Now(), server, askedFor)
		p.known.met(time.Now(), peer, answeredFor)
		for i := range keyvault.DefaultBudgetBurst + 10 {
			s.in <- []udp.Datagram{{Data: packet, Addr: stranger4(100 + i)}}
			synctest.Wait()
		}
		if got := p.counters.reasons[community.LegacyBudget].Load(); got != 10 {
			t.Errorf("%d packets were over the budget, want 10", got)
		}
		r.sources = nil
		s.in <- []udp.Datagram{{Data: packet, Addr: server}, {Data: packet, Addr: stranger4(99)}, {Data: packet, Addr: peer}}
		synctest.Wait()
		slices.SortFunc(r.sources, netip.AddrPort.Compare)
		if want := []netip.AddrPort{server, peer}; !slices.Equal(r.sources, want) {
			t.Errorf("checked packets of %v, want %v", r.sources, want)
		}
	})
}

// What a checker finds in its lanes it takes from that of acquaintances first, and
// nothing is left when both are closed.
func TestFloodLanes(t *testing.T) {
	q := newCheckQueues()
	for range 3 {
		q[strange] <- newCheckBatch()
		q[acquainted] <- newCheckBatch()
	}
	q.close()
	var got []lane
	for {
		_, from, ok := q.take()
		if !ok {
			break
		}
		got = append(got, from)
	}
	if want := []lane{acquainted, acquainted, acquainted, strange, strange, strange}; !slices.Equal(got, want) {
		t.Errorf("took from %v, want %v", got, want)
	}
}

func TestAcquaintances(t *testing.T) {
	now := time.Now()
	a := newAcquaintances(now)
	who, other := stranger4(1), netip.AddrPortFrom(stranger4(1).Addr(), 1)
	if a.knows(now, who) {
		t.Error("knows somebody at the start")
	}
	a.met(now, who, time.Minute)
	a.met(now, who, time.Second) // which does not make it shorter
	for after, want := range map[time.Duration]bool{0: true, 59 * time.Second: true, time.Minute: false} {
		if got := a.knows(now.Add(after), who); got != want {
			t.Errorf("knows an acquaintance of a minute after %v: %v, want %v", after, got, want)
		}
	}
	if a.knows(now, other) {
		t.Error("knows another port")
	}
	a.met(now.Add(time.Hour), who, time.Minute)
	if !a.knows(now.Add(time.Hour), who) {
		t.Error("does not know who came back")
	}
}

// More acquaintances than there is room for push each other out: the latest stay.
func TestAcquaintancesAreBounded(t *testing.T) {
	now := time.Now()
	a := newAcquaintances(now)
	source := func(i int) netip.AddrPort {
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte{198, byte(i >> 16), byte(i >> 8), byte(i)}), 8470)
	}
	const n = 2 * acquaintancesSlots
	for i := range n {
		a.met(now.Add(time.Duration(i)*time.Millisecond), source(i), answeredFor)
	}
	known, end := 0, now.Add(n*time.Millisecond)
	for i := n - acquaintancesSlots/4; i < n; i++ {
		if a.knows(end, source(i)) {
			known++
		}
	}
	if known < acquaintancesSlots/4*8/10 {
		t.Errorf("%d of the latest %d are known, want most of them", known, acquaintancesSlots/4)
	}
}

// Neither kind of packet waits in the other's queue.
func TestFloodOfAnswersLeavesPings(t *testing.T) {
	key := nodeKey(1)
	toSign, prompt := community.Packet{Key: &key}, community.Packet{}
	for _, test := range []struct {
		name             string
		signed, unsigned int64
		want             [2]bool
	}{
		{"nothing waits", 0, 0, [2]bool{true, true}},
		{"many signatures wait", sendQueue, 0, [2]bool{false, true}},
		{"many pings wait", 0, sendQueue, [2]bool{true, false}},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := newPipeline(nil, community.Decoder{}, SourceRate{}, slog.New(slog.DiscardHandler))
			p.queuedSigned.Store(test.signed)
			p.queued.Store(test.unsigned)
			if got := [2]bool{p.send(toSign), p.send(prompt)}; got != test.want {
				t.Errorf("a signed and an unsigned packet are taken: %v, want %v", got, test.want)
			}
		})
	}
}

func TestSampled(t *testing.T) {
	var s sampled
	now := time.Unix(1_000_000, 0)
	for second := range 3 {
		taken := 0
		for i := range 1000 {
			if s.take(now.Add(time.Duration(second)*time.Second + time.Duration(i)*time.Millisecond)) {
				taken++
			}
		}
		if taken != rejectionsPerSecond {
			t.Errorf("second %d: %d samples of 1000, want %d", second, taken, rejectionsPerSecond)
		}
	}
}
