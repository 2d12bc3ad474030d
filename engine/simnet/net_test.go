package simnet

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"peerscope/engine/udp"
)

// bubble runs a test on a new network, inside a synctest bubble: it fails if a
// goroutine is left when the network has been closed.
func bubble(t *testing.T, cfg Config, f func(t *testing.T, n *Net)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		n := New(cfg)
		defer n.Close()
		f(t, n)
	})
}

func addrPort(s string) netip.AddrPort { return netip.MustParseAddrPort(s) }

// mustListen opens a socket on the public network.
func mustListen(t testing.TB, n *Net, addr string) *Conn {
	t.Helper()
	c, err := n.Listen(addrPort(addr))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// say sends one datagram.
func say(t testing.TB, c *Conn, to netip.AddrPort, text string) {
	t.Helper()
	if n, err := c.WriteBatch([]udp.Datagram{{Data: []byte(text), Addr: to}}); n != 1 || err != nil {
		t.Fatalf("WriteBatch to %v = %d, %v", to, n, err)
	}
}

// hear reads one datagram, however long it takes.
func hear(t testing.TB, c *Conn) udp.Datagram {
	t.Helper()
	ds := []udp.Datagram{{Data: make([]byte, 0, 1500)}}
	if n, err := c.ReadBatch(ds); n != 1 || err != nil {
		t.Fatalf("ReadBatch = %d, %v", n, err)
	}
	return ds[0]
}

// wantHeard fails unless c next hears text, and returns who said it.
func wantHeard(t testing.TB, c *Conn, text string) netip.AddrPort {
	t.Helper()
	d := hear(t, c)
	if string(d.Data) != text {
		t.Fatalf("%v heard %q from %v, want %q", c.LocalAddr(), d.Data, d.Addr, text)
	}
	return d.Addr
}

// wantSilence fails if anything is waiting once all that is on the way has arrived.
func wantSilence(t testing.TB, c *Conn) {
	t.Helper()
	time.Sleep(time.Minute / 2)
	synctest.Wait()
	c.host.net.mu.Lock()
	defer c.host.net.mu.Unlock()
	if got := c.queue.len(); got != 0 {
		t.Errorf("%d datagrams waiting at %v, want none", got, c.addr)
	}
}

func TestExchange(t *testing.T) {
	for _, test := range []struct{ a, b string }{
		{"192.0.2.1:8090", "192.0.2.2:8091"},
		{"[2001:db8::1]:8090", "[2001:db8::2]:8090"},
	} {
		t.Run(test.a, func(t *testing.T) {
			links := func(src, dst netip.Addr) Link {
				if src == addrPort(test.a).Addr() {
					return Link{Delay: 30 * time.Millisecond}
				}
				return Link{Delay: 20 * time.Millisecond}
			}
			bubble(t, Config{Links: links}, func(t *testing.T, n *Net) {
				a, b := mustListen(t, n, test.a), mustListen(t, n, test.b)
				begin := time.Now()
				out := []udp.Datagram{{Data: []byte("ping"), Addr: b.LocalAddr()}}
				a.WriteBatch(out)
				ping := hear(t, b)
				if ping.Addr != a.LocalAddr() || ping.Local != b.LocalAddr().Addr() {
					t.Errorf("ping from %v at %v, want from %v at %v", ping.Addr, ping.Local, a.LocalAddr(), b.LocalAddr().Addr())
				}
				say(t, b, ping.Addr, "pong")
				pong := hear(t, a)
				for _, at := range []struct {
					name string
					got  time.Time
					want time.Duration
				}{{"ping left", out[0].At, 0}, {"ping arrived", ping.At, 30 * time.Millisecond}, {"pong arrived", pong.At, 50 * time.Millisecond}, {"pong read", time.Now(), 50 * time.Millisecond}} {
					if got := at.got.Sub(begin); got != at.want {
						t.Errorf("%s after %v, want %v", at.name, got, at.want)
					}
				}
			})
		})
	}
}

// TestArrivalNotRead gives the time of arrival to a reader who comes later.
func TestArrivalNotRead(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, n *Net) {
		a, b := mustListen(t, n, "192.0.2.1:1"), mustListen(t, n, "192.0.2.2:1")
		say(t, a, b.LocalAddr(), "x")
		want := time.Now().Add(DefaultDelay)
		time.Sleep(time.Hour)
		if got := hear(t, b).At; !got.Equal(want) {
			t.Errorf("At = %v, want %v", got, want)
		}
	})
}

// TestNobodySharesBuffers changes a buffer after it was sent, and reads into it again.
func TestNobodySharesBuffers(t *testing.T) {
	bubble(t, Config{Links: func(_, _ netip.Addr) Link { return Link{Delay: 1, Duplicate: 1} }}, func(t *testing.T, n *Net) {
		a, b := mustListen(t, n, "192.0.2.1:1"), mustListen(t, n, "192.0.2.2:1")
		data := []byte("first")
		a.WriteBatch([]udp.Datagram{{Data: data, Addr: b.LocalAddr()}})
		copy(data, "XXXXX")
		first := hear(t, b)
		copy(first.Data, "YYYYY")
		wantHeard(t, b, "first")
		say(t, a, b.LocalAddr(), "again")
		wantHeard(t, b, "again")
		if string(first.Data) != "YYYYY" {
			t.Errorf("a later read changed an earlier buffer to %q", first.Data)
		}
	})
}

func TestReadBatch(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, n *Net) {
		a, b := mustListen(t, n, "192.0.2.1:1"), mustListen(t, n, "192.0.2.2:1")
		for _, text := range []string{"1", "", "too long for it", "3", "4"} {
			say(t, a, b.LocalAddr(), text)
		}
		time.Sleep(time.Second)
		ds := make([]udp.Datagram, 3)
		for i := range ds {
			ds[i].Data = make([]byte, 8)
		}
		var got []string
		for _, want := range []int{3, 1} {
			k, err := b.ReadBatch(ds)
			if k != want || err != nil {
				t.Fatalf("ReadBatch = %d, %v, want %d", k, err, want)
			}
			for _, d := range ds[:k] {
				got = append(got, string(d.Data))
			}
		}
		if want := []string{"1", "", "3", "4"}; !slices.Equal(got, want) {
			t.Errorf("read %q, want %q", got, want)
		}
		if got := b.Truncated(); got != 1 {
			t.Errorf("Truncated = %d, want 1", got)
		}
		if k, err := b.ReadBatch(nil); k != 0 || err != nil {
			t.Errorf("ReadBatch of nothing = %d, %v", k, err)
		}
	})
}

func TestListen(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, n *Net) {
		a := mustListen(t, n, "192.0.2.1:8090")
		if _, err := n.Listen(a.LocalAddr()); !errors.Is(err, udp.ErrAddressInUse) {
			t.Errorf("second Listen: %v, want ErrAddressInUse", err)
		}
		mustListen(t, n, "192.0.2.2:8090")
		b, c := mustListen(t, n, "192.0.2.1:0"), mustListen(t, n, "192.0.2.1:0")
		if b.LocalAddr().Port() == 0 || b.LocalAddr() == c.LocalAddr() {
			t.Errorf("port 0 gave %v and %v", b.LocalAddr(), c.LocalAddr())
		}
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
		mustListen(t, n, "192.0.2.1:8090")
		if _, err := n.Listen(netip.AddrPort{}); err == nil {
			t.Error("Listen without an address succeeded")
		}
	})
}

func TestCloseEndsReading(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, n *Net) {
		one, all := mustListen(t, n, "192.0.2.1:1"), mustListen(t, n, "192.0.2.2:1")
		ended := make(chan error, 2)
		for _, c := range []*Conn{one, all} {
			go func() {
				_, err := c.ReadBatch(make([]udp.Datagram, 1))
				ended <- err
			}()
		}
		synctest.Wait() // both are reading
		one.Close()
		if err := <-ended; !errors.Is(err, net.ErrClosed) {
			t.Errorf("ReadBatch after Conn.Close: %v, want net.ErrClosed", err)
		}
		say(t, all, one.LocalAddr(), "on the way")
		n.Close()
		if err := <-ended; !errors.Is(err, net.ErrClosed) {
			t.Errorf("ReadBatch after Net.Close: %v, want net.ErrClosed", err)
		}
		if _, err := all.WriteBatch(nil); !errors.Is(err, net.ErrClosed) {
			t.Errorf("WriteBatch after Net.Close: %v, want net.ErrClosed", err)
		}
		if err := one.Close(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("second Close: %v, want net.ErrClosed", err)
		}
		if _, err := n.Listen(addrPort("192.0.2.3:1")); !errors.Is(err, net.ErrClosed) {
			t.Errorf("Listen after Close: %v, want net.ErrClosed", err)
		}
	})
}

// TestClosedSocketHearsNothing reopens a port: what waited for the old socket is gone,
// what is on the way goes to the new one.
func TestClosedSocketHearsNothing(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, n *Net) {
		a, b := mustListen(t, n, "192.0.2.1:1"), mustListen(t, n, "192.0.2.2:1")
		say(t, a, b.LocalAddr(), "old")
		time.Sleep(time.Second)
		say(t, a, b.LocalAddr(), "on the way")
		b.Close()
		wantHeard(t, mustListen(t, n, "192.0.2.2:1"), "on the way")
	})
}

func TestUnreachable(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, n *Net) {
		a := mustListen(t, n, "192.0.2.1:1")
		n.Host(netip.MustParseAddr("192.0.2.2"), HostOptions{})
		say(t, a, addrPort("192.0.2.2:1"), "no socket")
		say(t, a, addrPort("192.0.2.3:1"), "no host")
		wantSilence(t, a)
		if got, want := n.Stats(), (Stats{Sent: 2, Unreachable: 2}); got != want {
			t.Errorf("Stats = %+v, want %+v", got, want)
		}
	})
}

func TestWriteErrors(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, n *Net) {
		a, b := mustListen(t, n, "192.0.2.1:1"), mustListen(t, n, "192.0.2.2:1")
		mapped := netip.AddrPortFrom(netip.AddrFrom16(b.LocalAddr().Addr().As16()), 1)
		k, err := a.WriteBatch([]udp.Datagram{{}, {Addr: addrPort("[2001:db8::1]:1")}, {Addr: mapped}})
		if k != 1 || err != nil {
			t.Errorf("WriteBatch = %d, %v, want 1, nil", k, err)
		}
		hear(t, b)
		if got := a.WriteErrors(); len(got) != 1 || got["EAFNOSUPPORT"] != 2 {
			t.Errorf("WriteErrors = %v, want 2 EAFNOSUPPORT", got)
		}
		if len(b.WriteErrors()) != 0 || len(b.ReadErrors()) != 0 {
			t.Errorf("errors at the reader: %v, %v", b.WriteErrors(), b.ReadErrors())
		}
	})
}

func TestBounds(t *testing.T) {
	bubble(t, Config{QueueLen: 3, MaxInFlight: 5}, func(t *testing.T, n *Net) {
		a, b := mustListen(t, n, "192.0.2.1:1"), mustListen(t, n, "192.0.2.2:1")
		for i := range 6 {
			say(t, a, b.LocalAddr(), fmt.Sprint(i))
		}
		time.Sleep(time.Second)
		for i := range 3 {
			wantHeard(t, b, fmt.Sprint(i))
		}
		wantSilence(t, b)
		if got := b.KernelDrops(); got != 2 {
			t.Errorf("KernelDrops = %d, want 2", got)
		}
		if got, want := n.Stats(), (Stats{Sent: 6, Delivered: 3, Overflow: 2, Congested: 1}); got != want {
			t.Errorf("Stats = %+v, want %+v", got, want)
		}
	})
}

func TestPartition(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, n *Net) {
		a, b := mustListen(t, n, "192.0.2.1:1"), mustListen(t, n, "192.0.2.2:1")
		say(t, a, b.LocalAddr(), "already on the way")
		n.Partition(func(src, dst netip.Addr) bool { return src == a.LocalAddr().Addr() })
		say(t, a, b.LocalAddr(), "cut")
		say(t, b, a.LocalAddr(), "the other way")
		wantHeard(t, a, "the other way")
		wantHeard(t, b, "already on the way")
		n.Partition(nil)
		say(t, a, b.LocalAddr(), "healed")
		wantHeard(t, b, "healed")
		if got := n.Stats().Cut; got != 1 {
			t.Errorf("Cut = %d, want 1", got)
		}
	})
}

// TestRealTime runs outside a bubble, as the demo does.
func TestRealTime(t *testing.T) {
	n := New(Config{Links: func(_, _ netip.Addr) Link { return Link{Delay: time.Millisecond} }})
	defer n.Close()
	a, b := mustListen(t, n, "192.0.2.1:1"), mustListen(t, n, "192.0.2.2:1")
	begin := time.Now()
	for range 3 {
		say(t, a, b.LocalAddr(), "ping")
		say(t, b, hear(t, b).Addr, "pong")
		wantHeard(t, a, "pong")
	}
	if took := time.Since(begin); took < 6*time.Millisecond {
		t.Errorf("six ways of 1 ms took %v", took)
	}
}
