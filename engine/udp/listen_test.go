package udp

import (
	"errors"
	"net"
	"net/netip"
	"testing"
	"time"
)

var (
	anyPort4 = netip.MustParseAddrPort("127.0.0.1:0")
	anyPort6 = netip.MustParseAddrPort("[::1]:0")
)

// listen opens a socket that is closed with the test, or by a timer should the test
// hang: its reads then fail.
func listen(t testing.TB, network string, addr netip.AddrPort, cfg Config) *Conn {
	t.Helper()
	c, err := Listen(network, addr, cfg)
	if err != nil {
		t.Fatal(err)
	}
	safety := time.AfterFunc(20*time.Second, func() { c.Close() })
	t.Cleanup(func() {
		safety.Stop()
		c.Close()
	})
	return c
}

func TestListenPicksPort(t *testing.T) {
	for _, c := range []*Conn{listen(t, "udp4", anyPort4, Config{}), listen(t, "udp6", anyPort6, Config{})} {
		if got := c.LocalAddr(); !got.Addr().IsLoopback() || got.Port() == 0 {
			t.Errorf("LocalAddr = %v, want a loopback address with a port", got)
		}
	}
}

func TestListenBusyPort(t *testing.T) {
	taken := listen(t, "udp4", anyPort4, Config{}).LocalAddr()
	for _, addr := range []netip.AddrPort{taken, netip.AddrPortFrom(netip.IPv4Unspecified(), taken.Port())} {
		_, err := Listen("udp4", addr, Config{})
		if !errors.Is(err, ErrAddressInUse) {
			t.Errorf("Listen(%v) with %v taken: %v, want ErrAddressInUse", addr, taken, err)
		}
	}
}

func TestListenFreesPort(t *testing.T) {
	c := listen(t, "udp4", anyPort4, Config{})
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	listen(t, "udp4", c.LocalAddr(), Config{})
}

func TestListenRefuses(t *testing.T) {
	for _, test := range []struct {
		name, network string
		addr          netip.AddrPort
	}{
		{"unknown network", "tcp4", anyPort4},
		{"both families", "udp", anyPort4},
		{"no address", "udp4", netip.AddrPort{}},
		{"IPv6 on udp4", "udp4", anyPort6},
		{"IPv4 on udp6", "udp6", anyPort4},
		{"mapped on udp6", "udp6", netip.MustParseAddrPort("[::ffff:127.0.0.1]:0")},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, err := Listen(test.network, test.addr, Config{})
			if err == nil {
				c.Close()
				t.Fatalf("Listen(%s, %v) succeeded", test.network, test.addr)
			}
			if errors.Is(err, ErrAddressInUse) {
				t.Errorf("Listen(%s, %v) = %v: callers would try the next port", test.network, test.addr, err)
			}
		})
	}
}

// TestListenBothFamilies opens the two wildcard sockets of a dual-stack node on one
// port. Without V6ONLY the IPv6 one takes the port of both.
func TestListenBothFamilies(t *testing.T) {
	for range 10 { // the other family's port may be somebody's by chance
		c := listen(t, "udp6", netip.MustParseAddrPort("[::]:0"), Config{})
		port := c.LocalAddr().Port()
		c4, err := Listen("udp4", netip.AddrPortFrom(netip.IPv4Unspecified(), port), Config{})
		if err == nil {
			c4.Close()
			return
		}
		if !errors.Is(err, ErrAddressInUse) {
			t.Fatal(err)
		}
		c.Close()
	}
	t.Error("an udp6 socket on [::] also takes the IPv4 port")
}

func TestCloseEndsReading(t *testing.T) {
	c, peer := listen(t, "udp4", anyPort4, Config{}), listen(t, "udp4", anyPort4, Config{})
	reads := make(chan error)
	go func() {
		ds := datagrams(BatchSize, 64)
		for {
			_, err := c.ReadBatch(ds)
			reads <- err
			if err != nil {
				return
			}
		}
	}()
	write(t, peer, Datagram{Data: []byte("reading"), Addr: c.LocalAddr()})
	if err := <-reads; err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-reads; !errors.Is(err, net.ErrClosed) {
		t.Errorf("ReadBatch after Close: %v, want net.ErrClosed", err)
	}
}

func TestClosed(t *testing.T) {
	c := listen(t, "udp4", anyPort4, Config{})
	c.Close()
	if _, err := c.ReadBatch(datagrams(1, 64)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("ReadBatch: %v, want net.ErrClosed", err)
	}
	n, err := c.WriteBatch([]Datagram{{Data: []byte("x"), Addr: c.LocalAddr()}})
	if n != 0 || !errors.Is(err, net.ErrClosed) {
		t.Errorf("WriteBatch = %d, %v, want 0, net.ErrClosed", n, err)
	}
	if err := c.Close(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("second Close: %v, want net.ErrClosed", err)
	}
	if got := c.KernelDrops(); got != 0 {
		t.Errorf("KernelDrops = %d after Close, want 0", got)
	}
}
