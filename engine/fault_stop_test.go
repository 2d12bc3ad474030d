package engine

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"testing"
	"time"

	"peerscope/engine/community"
	"peerscope/engine/event"
	"peerscope/engine/udp"
	"peerscope/engine/wire"
)

// When it stops, an engine says goodbye to each peer in its events, hands over
// what it knows, closes its log and its sockets, and answers no more questions.
func TestFaultStop(t *testing.T) {
	simulate(t, 50, func(s *sim) {
		s.startTracker()
		memory := newMemory()
		o := s.newNode(observer, configure(func(c *Config) { c.Memory = memory }))
		sockets := o.open()
		o.startOn(sockets...)
		nodes := s.startMany(8)
		s.within(2*time.Minute, "all nodes verified", func() bool { return o.knows(nodes...) })
		following := make(chan uint64)
		s.running.Go(func() { following <- follow(s.ctx, o.engine.Events()) })
		stopped := time.Now()
		o.wantStops()

		if got, want := <-following, o.engine.Events().Last(); got != want {
			t.Errorf("a reader got %d events until the log was closed, want %d", got, want)
		}
		left := eventsOf[event.PeerRemoved](o)
		for _, n := range nodes {
			want := event.PeerRemoved{Peer: n.mid(), Address: n.addr(), Reason: event.Stopped}
			if got := count(left, func(e stamped[event.PeerRemoved]) bool { return e.Data == want }); got != 1 {
				t.Errorf("%d goodbyes to node %d, want one", got, n.number)
			}
		}
		if last := o.seen[len(o.seen)-1]; len(left) != len(nodes) || last.Seq != left[len(left)-1].Seq {
			t.Errorf("%d removals, the last event is %+v, want %d removals last", len(left), last, len(nodes))
		}
		if got := len(memory.known[trackerAddr.String()]); got != len(nodes) {
			t.Errorf("%d addresses remembered, want %d", got, len(nodes))
		}
		if _, err := o.engine.Snapshot(s.ctx); !errors.Is(err, ErrStopped) {
			t.Errorf("Snapshot after the end: %v, want %v", err, ErrStopped)
		}
		if _, err := sockets[0].WriteBatch(make([]udp.Datagram, 1)); !errors.Is(err, net.ErrClosed) {
			t.Errorf("write to the socket after the end: %v, want %v", err, net.ErrClosed)
		}
		o.wantAllCounted()
		s.sleep(time.Minute)
		if got := eventsAfter[event.PeerVerified](o, stopped); len(got) != 0 {
			t.Errorf("%d peers verified after the end", len(got))
		}
	})
}

// follow reads a log until it is closed and returns the last number.
func follow(ctx context.Context, log *event.Log) (last uint64) {
	buf := make([]event.Event, 100)
	for log.Wait(ctx, last) {
		n, _ := log.Read(last, buf)
		last = buf[n-1].Seq
	}
	return last
}

// A slowSocket takes its time for each batch.
type slowSocket struct {
	Socket
	delay time.Duration
}

func (s slowSocket) WriteBatch(ds []udp.Datagram) (int, error) {
	time.Sleep(s.delay)
	return s.Socket.WriteBatch(ds)
}

// Answers that wait for a slow socket when the engine stops are sent before it is
// closed.
func TestFaultStopFlushes(t *testing.T) {
	simulate(t, 51, func(s *sim) {
		o := s.newNode(observer, configure(func(c *Config) { c.SourceRate = SourceRate{PerSecond: -1} }))
		o.startOn(slowSocket{o.open()[0], 10 * time.Millisecond})
		client := s.listen(public(200))
		const questions = 300
		for i := range questions {
			ping := pack(t, s.key(9000), community.DiscoveryCommunityID, 1, wire.Ping{Identifier: uint16(i)})
			client.WriteBatch([]udp.Datagram{{Data: ping, Addr: o.addr()}})
			time.Sleep(time.Millisecond) // each in a batch of its own
		}
		time.Sleep(s.links(public(200), o.addr().Addr()).Delay)
		time.Sleep(5 * time.Millisecond)
		waiting := o.engine.line.queued.Load()
		if waiting < 50 {
			t.Fatalf("only %d answers wait for the socket", waiting)
		}
		o.wantStops()
		stats := o.engine.Stats()
		if got := stats.Accepted[wire.PingID.String()]; got != questions || stats.Sent != questions {
			t.Errorf("%d pings accepted and %d answers sent, want %d", got, stats.Sent, questions)
		}
		o.wantAllCounted()
	})
}

// Packets that arrive in the moment in which the engine stops are counted too,
// wherever on their way through it they are.
func TestFaultStopUnderLoad(t *testing.T) {
	for round := range 8 {
		t.Run(fmt.Sprint(round), func(t *testing.T) {
			simulate(t, uint64(1000+round), func(s *sim) {
				o := s.newNode(observer, configure(func(c *Config) { c.SourceRate = SourceRate{PerSecond: -1} }))
				o.start()
				client := s.listen(public(200))
				packets := junkOf(s, o.addr())
				packets = append(packets, junk{packet: pack(t, s.key(9000), community.DiscoveryCommunityID, 1, wire.Ping{})})
				for i := range 100 {
					var batch []udp.Datagram
					for k := range 60 {
						batch = append(batch, udp.Datagram{Data: packets[(i+k)%len(packets)].packet, Addr: o.addr()})
					}
					client.WriteBatch(batch)
					time.Sleep(time.Millisecond)
				}
				delay := s.links(public(200), o.addr().Addr()).Delay
				time.Sleep(delay - 50*time.Millisecond) // half of them has arrived, one batch just now
				o.wantStops()
				o.wantAllCounted()
				if got := o.engine.Stats().Received; got < 1000 || got == 100*60 {
					t.Errorf("%d packets received, want some before the end and some too late", got)
				}
			})
		})
	}
}

// A stop before anything happened, or in the middle of the first second, is one.
func TestFaultStopEarly(t *testing.T) {
	for _, after := range []time.Duration{0, time.Microsecond, 300 * time.Millisecond} {
		t.Run(after.String(), func(t *testing.T) {
			simulate(t, 53, func(s *sim) {
				s.startTracker()
				o := s.startObserver()
				time.Sleep(after)
				o.wantStops()
				if _, _, ok, err := o.engine.Peer(s.ctx, o.mid()); ok || !errors.Is(err, ErrStopped) {
					t.Errorf("Peer after the end: %v, %v, want %v", ok, err, ErrStopped)
				}
			})
		})
	}
}

// A question to an engine that is not running ends with its context.
func TestFaultQuestionWithoutRun(t *testing.T) {
	simulate(t, 54, func(s *sim) {
		o := s.newNode()
		cfg := o.cfg
		cfg.Sockets = o.open()
		cfg.Interfaces = func() ([]netip.Addr, error) { return nil, nil }
		e, err := New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(s.ctx, time.Second)
		defer cancel()
		if _, err := e.Snapshot(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Snapshot: %v, want %v", err, context.DeadlineExceeded)
		}
	})
}

// stuckMemory is a store whose disk does not answer.
type stuckMemory struct{}

func (stuckMemory) Known(ctx context.Context, _ string) ([]netip.AddrPort, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func (stuckMemory) Remember(ctx context.Context, _ string, _ []netip.AddrPort) error {
	<-ctx.Done()
	return ctx.Err()
}

// A store that does not answer delays the start and the end, and no more.
func TestFaultStuckMemory(t *testing.T) {
	simulate(t, 55, func(s *sim) {
		s.startTracker()
		o := s.startObserver(configure(func(c *Config) { c.Memory = stuckMemory{} }))
		nodes := s.startMany(5)
		s.within(2*time.Minute, "all nodes verified", func() bool { return o.knows(nodes...) })
		s.sleep(2 * time.Minute)
		o.wantVerified(nodes...)
		o.wantStops()
	})
}
