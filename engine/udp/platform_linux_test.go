//go:build !portable

package udp

import (
	"net/netip"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestStamps lets two datagrams wait in the socket and reads them together: each was
// stamped when it arrived, one before and one after a moment in between.
func TestStamps(t *testing.T) {
	for _, test := range []struct {
		network string
		addr    netip.AddrPort
	}{
		{"udp4", anyPort4},
		{"udp6", anyPort6},
		{"udp4", netip.MustParseAddrPort("0.0.0.0:0")},
		{"udp6", netip.MustParseAddrPort("[::]:0")},
	} {
		t.Run(test.addr.String(), func(t *testing.T) {
			c, loopback := listen(t, test.network, test.addr, Config{}), anyPort4
			if test.network == "udp6" {
				loopback = anyPort6
			}
			peer := listen(t, test.network, loopback, Config{})
			d := Datagram{Data: []byte("x"), Addr: netip.AddrPortFrom(loopback.Addr(), c.LocalAddr().Port())}
			awaitStamps(t, c, peer, d)
			first := write(t, peer, d)[0].At
			between := time.Now()
			second := write(t, peer, d)[0].At
			ds := read(t, c, 2)
			if got := ds[0].At; got.Before(first) || got.After(between) {
				t.Errorf("first arrived %v after it was sent, want within %v", got.Sub(first), between.Sub(first))
			}
			if got := ds[1].At; got.Before(second) || got.After(time.Now()) {
				t.Errorf("second arrived %v after it was sent", got.Sub(second))
			}
		})
	}
}

// awaitStamps exchanges datagrams until the kernel stamps them on arrival. The first
// socket of a host that asks for it only starts that; until it is done the stamp is that
// of the read.
func awaitStamps(t *testing.T, c, peer *Conn, d Datagram) {
	t.Helper()
	for begin := time.Now(); time.Since(begin) < 10*time.Second; {
		write(t, peer, d)
		written := time.Now()
		if !read(t, c, 1)[0].At.After(written) {
			return
		}
	}
	t.Fatal("the kernel does not stamp datagrams on arrival")
}

// TestAnswerFromLocal sends to several addresses of one wildcard socket, whose answers
// must come from those: a peer takes no answer from an address that it did not ask.
func TestAnswerFromLocal(t *testing.T) {
	node := listen(t, "udp4", netip.MustParseAddrPort("0.0.0.0:0"), Config{})
	peer := listen(t, "udp4", netip.MustParseAddrPort("127.0.0.9:0"), Config{})
	var asked []netip.AddrPort
	for _, addr := range []string{"127.0.0.1", "127.0.0.2", "127.1.2.3"} {
		to := netip.AddrPortFrom(netip.MustParseAddr(addr), node.LocalAddr().Port())
		asked = append(asked, to)
		write(t, peer, Datagram{Data: []byte("ping"), Addr: to})
	}
	ds := read(t, node, len(asked))
	for i, d := range ds {
		if d.Local != asked[i].Addr() || d.Addr != peer.LocalAddr() {
			t.Errorf("sent to %v: read Local %v, Addr %v", asked[i], d.Local, d.Addr)
		}
	}
	write(t, node, ds...)
	for i, d := range read(t, peer, len(asked)) {
		if d.Addr != asked[i] {
			t.Errorf("asked %v, answer from %v", asked[i], d.Addr)
		}
	}
}

// TestLocalDoesNotStick proves that a chosen source is that of one datagram only.
func TestLocalDoesNotStick(t *testing.T) {
	node := listen(t, "udp4", netip.MustParseAddrPort("0.0.0.0:0"), Config{})
	peer := listen(t, "udp4", anyPort4, Config{})
	chosen := netip.MustParseAddr("127.0.0.2")
	for range 2 {
		write(t, node, Datagram{Addr: peer.LocalAddr(), Local: chosen}, Datagram{Addr: peer.LocalAddr()})
		write(t, node, Datagram{Addr: peer.LocalAddr()})
	}
	for i, d := range read(t, peer, 6) {
		want := netip.MustParseAddr("127.0.0.1")
		if i%3 == 0 {
			want = chosen
		}
		if d.Addr.Addr() != want {
			t.Errorf("datagram %d came from %v, want %v", i, d.Addr.Addr(), want)
		}
	}
}

// TestAnswerFromLocal6 is the IPv6 half: there is one loopback address only, so the
// proof that it is asked for is that a foreign one is refused.
func TestAnswerFromLocal6(t *testing.T) {
	node := listen(t, "udp6", netip.MustParseAddrPort("[::]:0"), Config{})
	peer := listen(t, "udp6", anyPort6, Config{})
	write(t, peer, Datagram{Addr: netip.AddrPortFrom(netip.IPv6Loopback(), node.LocalAddr().Port())})
	ds := read(t, node, 1)
	if ds[0].Local != netip.IPv6Loopback() {
		t.Errorf("Local = %v, want ::1", ds[0].Local)
	}
	write(t, node, ds...)
	if got := read(t, peer, 1)[0].Addr; got.Addr() != netip.IPv6Loopback() {
		t.Errorf("answer from %v, want ::1", got)
	}
	ds[0].Local = netip.MustParseAddr("2001:db8::1")
	if n, err := node.WriteBatch(ds); n != 0 || err != nil || node.WriteErrors()["EINVAL"] != 1 {
		t.Errorf("WriteBatch from a foreign address = %d, %v, errors %v", n, err, node.WriteErrors())
	}
}

// TestBoundSocketIgnoresLocal keeps the source of a socket that has only one.
func TestBoundSocketIgnoresLocal(t *testing.T) {
	a, b := listen(t, "udp4", anyPort4, Config{}), listen(t, "udp4", anyPort4, Config{})
	write(t, a, Datagram{Addr: b.LocalAddr(), Local: netip.MustParseAddr("127.0.0.2")})
	if got := read(t, b, 1)[0].Addr; got != a.LocalAddr() {
		t.Errorf("came from %v, want %v", got, a.LocalAddr())
	}
}

// TestPortUnreachable makes the kernel report the ICMP error of a closed port on the
// socket (it does not without IP_RECVERR): the reader counts it and reads on.
func TestPortUnreachable(t *testing.T) {
	c, peer := listen(t, "udp4", anyPort4, Config{}), listen(t, "udp4", anyPort4, Config{})
	gone := listen(t, "udp4", anyPort4, Config{})
	gone.Close()
	err := control(c.raw, func(fd int) error { return unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_RECVERR, 1) })
	if err != nil {
		t.Fatal(err)
	}
	write(t, c, Datagram{Data: []byte("x"), Addr: gone.LocalAddr()})
	write(t, peer, Datagram{Data: []byte("after"), Addr: c.LocalAddr()})
	if got := read(t, c, 1)[0]; string(got.Data) != "after" {
		t.Errorf("read %q, want \"after\"", got.Data)
	}
	if got := c.ReadErrors(); got["ECONNREFUSED"] != 1 || len(got) != 1 {
		t.Errorf("ReadErrors = %v, want one ECONNREFUSED", got)
	}
}

// TestKernelDrops floods a small receive buffer that nobody reads: what is not read
// later has been counted.
func TestKernelDrops(t *testing.T) {
	c, peer := listen(t, "udp4", anyPort4, Config{ReceiveBuffer: 8 << 10}), listen(t, "udp4", anyPort4, Config{})
	flood := make([]Datagram, 1000)
	for i := range flood {
		flood[i] = Datagram{Data: make([]byte, 100), Addr: c.LocalAddr()}
	}
	write(t, peer, flood...)
	sent, received := uint64(len(flood)), uint64(0)
	ds := datagrams(BatchSize, 2048)
	for received+c.KernelDrops() != sent {
		// One more to read, in case those missing are still on their way to be dropped.
		write(t, peer, flood[0])
		sent++
		n, err := c.ReadBatch(ds)
		if err != nil {
			t.Fatalf("received %d + dropped %d of %d: %v", received, c.KernelDrops(), sent, err)
		}
		received += uint64(n)
	}
	drops := c.KernelDrops()
	if drops == 0 {
		t.Errorf("all of %d fitted into %d bytes", sent, c.ReceiveBuffer())
	}
	c.Close()
	if got := c.KernelDrops(); got != drops {
		t.Errorf("KernelDrops = %d after Close, want %d", got, drops)
	}
}

func TestDropCountWraps(t *testing.T) {
	var d dropCount
	for _, step := range []struct {
		kernel uint32
		want   uint64
	}{{0, 0}, {5, 5}, {5, 5}, {1<<32 - 1, 1<<32 - 1}, {0, 1 << 32}, {7, 1<<32 + 7}, {6, 1<<33 + 6}} {
		if got := d.update(step.kernel); got != step.want {
			t.Errorf("update(%d) = %d, want %d", step.kernel, got, step.want)
		}
	}
}

func TestReceiveBuffer(t *testing.T) {
	small := listen(t, "udp4", anyPort4, Config{ReceiveBuffer: 16 << 10}).ReceiveBuffer()
	if small < 16<<10 || small > 64<<10 {
		t.Errorf("ReceiveBuffer = %d after asking for %d", small, 16<<10)
	}
	if got := listen(t, "udp4", anyPort4, Config{}).ReceiveBuffer(); got <= small {
		t.Errorf("ReceiveBuffer = %d by default, %d when asked for little", got, small)
	}
}

// TestNoAllocations is the cost that every packet would pay.
func TestNoAllocations(t *testing.T) {
	for _, bind := range []string{"127.0.0.1:0", "0.0.0.0:0"} {
		c, peer := listen(t, "udp4", netip.MustParseAddrPort(bind), Config{}), listen(t, "udp4", anyPort4, Config{})
		to := netip.AddrPortFrom(anyPort4.Addr(), c.LocalAddr().Port())
		out, in := []Datagram{{Data: make([]byte, 32), Addr: to}}, datagrams(BatchSize, 64)
		allocs := testing.AllocsPerRun(100, func() {
			peer.WriteBatch(out)
			n, err := c.ReadBatch(in)
			if n != 1 || err != nil {
				t.Fatalf("ReadBatch = %d, %v", n, err)
			}
			c.WriteBatch(in[:1])
			peer.ReadBatch(in)
		})
		if allocs != 0 {
			t.Errorf("bound to %s: %v allocations for a datagram and its answer, want 0", bind, allocs)
		}
	}
}

// TestReadNeedsBuffers names the broken rule instead of reading into nothing for ever.
func TestReadNeedsBuffers(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("ReadBatch without a buffer did not panic")
		}
	}()
	listen(t, "udp4", anyPort4, Config{}).ReadBatch(make([]Datagram, 1))
}

// TestDevice ties a wildcard socket to the loopback interface, which is how it is kept
// from the others: the kernel is asked, no packet tries.
func TestDevice(t *testing.T) {
	c := listen(t, "udp4", netip.MustParseAddrPort("0.0.0.0:0"), Config{Device: "lo"})
	err := control(c.raw, func(fd int) error {
		got, err := unix.GetsockoptString(fd, unix.SOL_SOCKET, unix.SO_BINDTODEVICE)
		if got != "lo" {
			t.Errorf("bound to device %q, want lo", got)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	peer := listen(t, "udp4", anyPort4, Config{})
	write(t, peer, Datagram{Data: []byte("x"), Addr: netip.AddrPortFrom(anyPort4.Addr(), c.LocalAddr().Port())})
	read(t, c, 1)
	if c, err := Listen("udp4", anyPort4, Config{Device: "no-such-device"}); err == nil {
		c.Close()
		t.Error("Listen with an unknown device: no error")
	}
}
