package udp

import (
	"bytes"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"
	"unsafe"
)

// datagrams returns n datagrams with empty buffers of a capacity.
func datagrams(n, size int) []Datagram {
	ds := make([]Datagram, n)
	for i := range ds {
		ds[i].Data = make([]byte, 0, size)
	}
	return ds
}

// write sends datagrams that must all be taken.
func write(t testing.TB, c *Conn, ds ...Datagram) []Datagram {
	t.Helper()
	n, err := c.WriteBatch(ds)
	if n != len(ds) || err != nil {
		t.Fatalf("WriteBatch of %d = %d, %v; errors %v", len(ds), n, err, c.WriteErrors())
	}
	return ds
}

// read reads n datagrams, in as many batches as it takes.
func read(t testing.TB, c *Conn, n int) []Datagram {
	t.Helper()
	ds := datagrams(n, 2048)
	for got := 0; got < n; {
		k, err := c.ReadBatch(ds[got:])
		if err != nil {
			t.Fatalf("after %d of %d datagrams: %v", got, n, err)
		}
		if k < 1 || k > n-got {
			t.Fatalf("ReadBatch of %d = %d", n-got, k)
		}
		got += k
	}
	return ds
}

func TestExchange(t *testing.T) {
	for _, test := range []struct {
		network string
		addr    netip.AddrPort
	}{{"udp4", anyPort4}, {"udp6", anyPort6}} {
		t.Run(test.network, func(t *testing.T) {
			a, b := listen(t, test.network, test.addr, Config{}), listen(t, test.network, test.addr, Config{})
			write(t, a, Datagram{Data: []byte("ping"), Addr: b.LocalAddr()})
			ds := read(t, b, 1)
			if got := ds[0]; string(got.Data) != "ping" || got.Addr != a.LocalAddr() || got.Local != b.LocalAddr().Addr() {
				t.Errorf("read %q from %v at %v, want \"ping\" from %v at %v",
					got.Data, got.Addr, got.Local, a.LocalAddr(), b.LocalAddr().Addr())
			}
			ds[0].Data = []byte("pong")
			write(t, b, ds...)
			if got := read(t, a, 1)[0]; string(got.Data) != "pong" || got.Addr != b.LocalAddr() {
				t.Errorf("read %q from %v, want \"pong\" from %v", got.Data, got.Addr, b.LocalAddr())
			}
		})
	}
}

// TestManyInOrder sends more than one system call takes, of all lengths from 0 up.
func TestManyInOrder(t *testing.T) {
	a, b := listen(t, "udp4", anyPort4, Config{}), listen(t, "udp4", anyPort4, Config{})
	out := make([]Datagram, 3*BatchSize+1)
	for i := range out {
		out[i] = Datagram{Data: bytes.Repeat([]byte{byte(i)}, i), Addr: b.LocalAddr()}
	}
	write(t, a, out...)
	for i, d := range read(t, b, len(out)) {
		if !bytes.Equal(d.Data, out[i].Data) {
			t.Fatalf("datagram %d: %x, want %x", i, d.Data, out[i].Data)
		}
	}
}

// TestReadKeepsBuffers reads again and again into the same slices: their lengths
// change, their memory and capacity do not.
func TestReadKeepsBuffers(t *testing.T) {
	a, b := listen(t, "udp4", anyPort4, Config{}), listen(t, "udp4", anyPort4, Config{})
	ds := datagrams(1, 64)
	memory := unsafe.SliceData(ds[0].Data)
	for _, text := range []string{"a longer text", "short", "", "the longest text of all"} {
		write(t, a, Datagram{Data: []byte(text), Addr: b.LocalAddr()})
		if _, err := b.ReadBatch(ds); err != nil {
			t.Fatal(err)
		}
		if got := string(ds[0].Data); got != text {
			t.Errorf("read %q, want %q", got, text)
		}
		if unsafe.SliceData(ds[0].Data) != memory || cap(ds[0].Data) != 64 {
			t.Fatalf("after %q the buffer is another one, capacity %d", text, cap(ds[0].Data))
		}
	}
}

// TestTruncated sends datagrams that do not fit between others that do.
func TestTruncated(t *testing.T) {
	a, b := listen(t, "udp4", anyPort4, Config{}), listen(t, "udp4", anyPort4, Config{})
	long := strings.Repeat("long", 16)
	for _, text := range []string{long, "first", long, long, "second", long, "third"} {
		write(t, a, Datagram{Data: []byte(text), Addr: b.LocalAddr()})
	}
	ds := datagrams(7, 32)
	var got []string
	for len(got) < 3 {
		n, err := b.ReadBatch(ds)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range ds[:n] {
			got = append(got, string(d.Data))
		}
	}
	if fmt.Sprint(got) != "[first second third]" {
		t.Errorf("read %q, want those that fit", got)
	}
	if got := b.Truncated(); got != 4 {
		t.Errorf("Truncated = %d, want 4", got)
	}
	memory := make(map[*byte]bool)
	for _, d := range ds {
		memory[unsafe.SliceData(d.Data)] = true
	}
	if len(memory) != len(ds) {
		t.Errorf("%d datagrams share %d buffers", len(ds), len(memory))
	}
}

// TestWriteErrors has a bad datagram at the start, in the middle and at the end of a
// batch: the others arrive all the same.
func TestWriteErrors(t *testing.T) {
	a, b := listen(t, "udp4", anyPort4, Config{}), listen(t, "udp4", anyPort4, Config{})
	good := func(text string) Datagram { return Datagram{Data: []byte(text), Addr: b.LocalAddr()} }
	noPort := Datagram{Data: []byte("x"), Addr: netip.AddrPortFrom(b.LocalAddr().Addr(), 0)}
	n, err := a.WriteBatch([]Datagram{
		noPort, good("1"), good("2"), noPort, noPort, good("3"),
		{Data: make([]byte, 1<<16), Addr: b.LocalAddr()}, good("4"),
		{Data: []byte("x"), Addr: anyPort6}, good("5"), {Data: []byte("x")},
	})
	if n != 5 || err != nil {
		t.Errorf("WriteBatch = %d, %v, want 5, nil", n, err)
	}
	for i, d := range read(t, b, 5) {
		if want := fmt.Sprint(i + 1); string(d.Data) != want {
			t.Errorf("read %q, want %q", d.Data, want)
		}
	}
	total := uint64(0)
	for _, n := range a.WriteErrors() {
		total += n
	}
	if total != 6 || a.WriteErrors()["EMSGSIZE"] != 1 {
		t.Errorf("WriteErrors = %v, want 6 in all, 1 of them EMSGSIZE", a.WriteErrors())
	}
}

// TestWriteUnmaps takes an IPv4-mapped address for the IPv4 address that it is.
func TestWriteUnmaps(t *testing.T) {
	a, b := listen(t, "udp4", anyPort4, Config{}), listen(t, "udp4", anyPort4, Config{})
	mapped := netip.AddrPortFrom(netip.AddrFrom16(b.LocalAddr().Addr().As16()), b.LocalAddr().Port())
	write(t, a, Datagram{Data: []byte("x"), Addr: mapped})
	read(t, b, 1)
}

// TestConcurrentWriters proves that writers may share a socket: nothing is lost or mixed.
func TestConcurrentWriters(t *testing.T) {
	const writers, batches = 4, 20
	a, b := listen(t, "udp4", anyPort4, Config{}), listen(t, "udp4", anyPort4, Config{})
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range batches {
				text := fmt.Appendf(nil, "%d %d", w, i)
				if n, err := a.WriteBatch([]Datagram{{Data: text, Addr: b.LocalAddr()}, {Data: text, Addr: b.LocalAddr()}}); n != 2 || err != nil {
					t.Errorf("WriteBatch = %d, %v", n, err)
				}
			}
		})
	}
	seen := make(map[string]int)
	for _, d := range read(t, b, writers*batches*2) {
		seen[string(d.Data)]++
	}
	wg.Wait()
	for w := range writers {
		for i := range batches {
			if text := fmt.Sprintf("%d %d", w, i); seen[text] != 2 {
				t.Errorf("%q arrived %d times, want 2", text, seen[text])
			}
		}
	}
}

// TestTimes bounds the times of a datagram by readings of the clock around it.
func TestTimes(t *testing.T) {
	a, b := listen(t, "udp4", anyPort4, Config{}), listen(t, "udp4", anyPort4, Config{})
	before := time.Now()
	sent := write(t, a, Datagram{Data: []byte("x"), Addr: b.LocalAddr()})[0].At
	written := time.Now()
	arrived := read(t, b, 1)[0].At
	after := time.Now()
	if sent.Before(before) || sent.After(written) {
		t.Errorf("sent %v after the call began, which took %v", sent.Sub(before), written.Sub(before))
	}
	if arrived.Before(sent) || arrived.After(after) {
		t.Errorf("arrived %v after it was sent, read within %v", arrived.Sub(sent), after.Sub(sent))
	}
}
