package engine

import (
	"bytes"
	"errors"
	"log/slog"
	"maps"
	"net"
	"net/netip"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"peerscope/engine/event"
	"peerscope/engine/udp"
)

// A faultySocket is a simulated socket to which things happen that happen to
// real ones.
type faultySocket struct {
	Socket
	mu sync.Mutex
	// refuses tells the errno with which a datagram cannot be sent, "" if it can.
	refuses func(netip.AddrPort) string
	// broken is what every write fails with as a whole, readErrors what the next
	// reads do.
	broken     error
	readErrors []error
	counted    map[string]uint64
}

// startFaulty starts an observer on a faulty socket.
func (s *sim) startFaulty(options ...option) (*simNode, *faultySocket) {
	s.t.Helper()
	n := s.newNode(append([]option{observer}, options...)...)
	f := &faultySocket{Socket: n.open()[0], counted: make(map[string]uint64)}
	n.startOn(f)
	return n, f
}

// set changes what is wrong with the socket.
func (f *faultySocket) set(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
}

func (f *faultySocket) WriteBatch(ds []udp.Datagram) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.broken != nil {
		return 0, f.broken
	}
	sendable := make([]udp.Datagram, 0, len(ds))
	for _, d := range ds {
		errno := ""
		if f.refuses != nil {
			errno = f.refuses(d.Addr)
		}
		if errno == "" {
			sendable = append(sendable, d)
			continue
		}
		f.counted[errno]++
	}
	return f.Socket.WriteBatch(sendable)
}

func (f *faultySocket) ReadBatch(ds []udp.Datagram) (int, error) {
	f.mu.Lock()
	if len(f.readErrors) > 0 {
		err := f.readErrors[0]
		f.readErrors = f.readErrors[1:]
		f.mu.Unlock()
		return 0, err
	}
	f.mu.Unlock()
	return f.Socket.ReadBatch(ds)
}

func (f *faultySocket) WriteErrors() map[string]uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.counted)
}

// The network is unreachable for a while, as when a cable is pulled: every packet
// fails. The observer is isolated and comes back; nobody is dropped.
func TestFaultNetworkUnreachable(t *testing.T) {
	for name, fail := range map[string]func(*faultySocket){
		"each packet":   func(f *faultySocket) { f.refuses = func(netip.AddrPort) string { return "ENETUNREACH" } },
		"whole batches": func(f *faultySocket) { f.broken = syscall.ENETUNREACH },
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, 32, func(s *sim) {
				s.startTracker()
				o, socket := s.startFaulty()
				nodes := s.startMany(6)
				s.within(2*time.Minute, "all nodes verified", func() bool { return o.knows(nodes...) })
				socket.set(func() { fail(socket) })
				s.sleep(3 * time.Minute)
				if !o.snapshot().Isolated {
					t.Error("not isolated although nothing can be sent")
				}
				if name == "each packet" && o.engine.Stats().WriteErrors["ENETUNREACH"] < 100 {
					t.Errorf("write errors %v, want each packet counted", o.engine.Stats().WriteErrors)
				}
				socket.set(func() { socket.refuses, socket.broken = nil, nil })
				s.sleep(time.Minute)
				o.wantVerified(nodes...)
				if got := eventsOf[event.PeerRemoved](o); len(got) != 0 {
					t.Errorf("removed %+v, want nobody", got)
				}
				if o.snapshot().Isolated {
					t.Error("still isolated a minute after the network is back")
				}
			})
		})
	}
}

// The kernel's queue is full for one packet of ten. They are lost like others:
// counted, a lost sample here and there, and nobody dropped.
func TestFaultNoBuffers(t *testing.T) {
	simulate(t, 33, func(s *sim) {
		s.startTracker()
		o, socket := s.startFaulty()
		nodes := s.startMany(8)
		tried := 0
		socket.set(func() {
			socket.refuses = func(netip.AddrPort) string {
				if tried++; tried%10 == 0 {
					return "ENOBUFS"
				}
				return ""
			}
		})
		s.within(3*time.Minute, "all nodes verified", func() bool { return o.knows(nodes...) })
		s.sleep(5 * time.Minute)
		o.wantVerified(nodes...)
		o.wantRTTs(nodes...)
		if got := len(eventsOf[event.PeerRemoved](o)); got != 0 {
			t.Errorf("%d peers removed, want none", got)
		}
		stats := o.engine.Stats()
		if got := float64(stats.WriteErrors["ENOBUFS"]) / float64(stats.Sent); got < 0.09 || got > 0.13 {
			t.Errorf("%d of %d packets counted as not sent, want a tenth", stats.WriteErrors["ENOBUFS"], stats.Sent)
		}
	})
}

// A host answers with port unreachable where a node was: that is told about one
// peer and must not touch the others.
func TestFaultConnectionRefused(t *testing.T) {
	simulate(t, 34, func(s *sim) {
		s.startTracker()
		o, socket := s.startFaulty()
		nodes := s.startMany(6)
		s.within(2*time.Minute, "all nodes verified", func() bool { return o.knows(nodes...) })
		dead, alive := nodes[0], nodes[1:]
		dead.kill()
		p, _ := o.peer(dead)
		socket.set(func() {
			socket.refuses = func(to netip.AddrPort) string {
				if to == dead.addr() {
					return "ECONNREFUSED"
				}
				return ""
			}
		})
		s.sleep(2 * time.Minute)
		o.wantVerified(alive...)
		o.wantDropped(dead, p.LastResponse)
		if got := o.engine.Stats().WriteErrors["ECONNREFUSED"]; got == 0 {
			t.Error("no refused packet counted")
		}
	})
}

// Errors of reading that pass cost the packets that waited, and a second each.
func TestFaultReadErrors(t *testing.T) {
	simulate(t, 35, func(s *sim) {
		s.startTracker()
		var log bytes.Buffer
		o, socket := s.startFaulty(configure(func(c *Config) { c.Logger = slog.New(slog.NewTextHandler(&log, nil)) }))
		nodes := s.startMany(6)
		s.within(2*time.Minute, "all nodes verified", func() bool { return o.knows(nodes...) })
		socket.set(func() {
			socket.readErrors = []error{syscall.ENETDOWN, syscall.EIO, errors.New("something else")}
		})
		s.sleep(10 * time.Second)
		before := o.engine.Stats().Received
		s.sleep(2 * time.Minute)
		if got := o.engine.Stats().Received - before; got < 100 {
			t.Errorf("%d packets received since, want many more", got)
		}
		o.wantVerified(nodes...)
		if got := len(eventsOf[event.PeerRemoved](o)); got != 0 {
			t.Errorf("%d peers removed, want none", got)
		}
		if got := strings.Count(log.String(), "reading packets failed"); got != 3 {
			t.Errorf("the operator was told %d times, want 3:\n%s", got, &log)
		}
	})
}

// A socket that somebody closed stays closed. The operator is told, the other
// socket goes on, and the engine still stops as it should.
func TestFaultSocketClosed(t *testing.T) {
	simulate(t, 36, func(s *sim) {
		s.startTracker()
		var log bytes.Buffer
		o := s.newNode(observer, dualStack, configure(func(c *Config) { c.Logger = slog.New(slog.NewTextHandler(&log, nil)) }))
		sockets := o.open()
		o.startOn(sockets...)
		nodes := s.startMany(4)
		s.within(2*time.Minute, "all nodes verified", func() bool { return o.knows(nodes...) })
		sockets[1].Close()
		s.sleep(2 * time.Minute)
		o.wantVerified(nodes...)
		if got := strings.Count(log.String(), "socket closed"); got != 1 {
			t.Errorf("the operator was told %d times, want once:\n%s", got, &log)
		}
		sockets[0].Close()
		s.sleep(2 * time.Minute)
		if !o.snapshot().Isolated {
			t.Error("without a socket, and not isolated")
		}
		o.kill()
		if _, err := sockets[0].ReadBatch(make([]udp.Datagram, 1)); !errors.Is(err, net.ErrClosed) {
			t.Errorf("read after all: %v, want %v", err, net.ErrClosed)
		}
		if got := strings.Count(log.String(), "socket closed"); got != 2 {
			t.Errorf("the operator was told %d times, want twice:\n%s", got, &log)
		}
	})
}
