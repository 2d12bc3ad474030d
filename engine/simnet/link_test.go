package simnet

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"peerscope/engine/udp"
)

// always is a network of equal links.
func always(l Link) func(_, _ netip.Addr) Link { return func(_, _ netip.Addr) Link { return l } }

// arrivals sends count numbered datagrams at once and returns the numbers heard within
// a minute, in order, with the delay of each.
func arrivals(t *testing.T, cfg Config, count int) (numbers []string, delays []time.Duration) {
	t.Helper()
	bubble(t, cfg, func(t *testing.T, n *Net) {
		a, b := mustListen(t, n, "192.0.2.1:1"), mustListen(t, n, "192.0.2.2:1")
		begin := time.Now()
		for i := range count {
			say(t, a, b.LocalAddr(), fmt.Sprint(i))
		}
		time.AfterFunc(time.Minute, func() { b.Close() })
		ds := []udp.Datagram{{Data: make([]byte, 16)}}
		for {
			if _, err := b.ReadBatch(ds); err != nil {
				return
			}
			numbers = append(numbers, string(ds[0].Data))
			delays = append(delays, ds[0].At.Sub(begin))
		}
	})
	return numbers, delays
}

func TestLoss(t *testing.T) {
	for _, loss := range []float64{0, 0.1, 0.5, 1} {
		got, _ := arrivals(t, Config{Seed: 1, Links: always(Link{Loss: loss})}, 1000)
		// Five standard deviations of 1000 throws are at most 80.
		if want := 1000 * (1 - loss); float64(len(got)) < want-80 || float64(len(got)) > want+80 {
			t.Errorf("loss %v: %d of 1000 arrived", loss, len(got))
		}
		if exact := loss == 0 || loss == 1; exact && len(got) != int(1000*(1-loss)) {
			t.Errorf("loss %v: %d of 1000 arrived", loss, len(got))
		}
	}
}

func TestDuplicate(t *testing.T) {
	got, _ := arrivals(t, Config{Seed: 1, Links: always(Link{Delay: time.Millisecond, Duplicate: 1})}, 3)
	if want := []string{"0", "0", "1", "1", "2", "2"}; !slices.Equal(got, want) {
		t.Errorf("heard %v, want %v", got, want)
	}
}

func TestJitter(t *testing.T) {
	link := Link{Delay: 10 * time.Millisecond, Jitter: 5 * time.Millisecond}
	numbers, delays := arrivals(t, Config{Seed: 1, Links: always(link)}, 200)
	if !slices.IsSorted(delays) {
		t.Error("heard out of the order of arrival")
	}
	if first, last := delays[0], delays[199]; first < 10*time.Millisecond || last >= 15*time.Millisecond || last-first < 4*time.Millisecond {
		t.Errorf("delays from %v to %v, want them spread over 10 to 15 ms", first, last)
	}
	if slices.IsSorted(numbers) {
		t.Error("nothing overtook anything")
	}
}

func TestSeed(t *testing.T) {
	run := func(seed uint64) ([]string, []time.Duration) {
		return arrivals(t, Config{Seed: seed, Links: always(Link{Jitter: time.Second, Loss: 0.5, Duplicate: 0.5})}, 100)
	}
	numbers, delays := run(1)
	again, delaysAgain := run(1)
	if !slices.Equal(numbers, again) || !slices.Equal(delays, delaysAgain) {
		t.Error("the same seed gave other arrivals")
	}
	if other, _ := run(2); slices.Equal(numbers, other) {
		t.Error("another seed gave the same arrivals")
	}
}

// TestSocketsDrawApart sends the same from two sockets: they lose different datagrams.
func TestSocketsDrawApart(t *testing.T) {
	bubble(t, Config{Seed: 1, Links: always(Link{Loss: 0.5})}, func(t *testing.T, n *Net) {
		listener := mustListen(t, n, "192.0.2.200:1")
		heard := make(map[netip.AddrPort]string)
		for _, addr := range []string{"192.0.2.1:1", "192.0.2.2:1"} {
			c := mustListen(t, n, addr)
			for i := range 50 {
				say(t, c, listener.LocalAddr(), fmt.Sprint(i, " "))
			}
		}
		time.Sleep(time.Second)
		for range n.Stats().Delivered {
			d := hear(t, listener)
			heard[d.Addr] += string(d.Data)
		}
		if a, b := heard[addrPort("192.0.2.1:1")], heard[addrPort("192.0.2.2:1")]; a == "" || a == b {
			t.Errorf("heard %q from one socket and %q from the other", a, b)
		}
	})
}

// TestScheduling has many senders at the same times, in whatever order the scheduler
// runs them: what their listener hears, and in which order, is the same every time.
func TestScheduling(t *testing.T) {
	run := func() (heard []string) {
		bubble(t, Config{Seed: 7, Links: always(Link{Delay: time.Millisecond, Loss: 0.3})}, func(t *testing.T, n *Net) {
			listener := mustListen(t, n, "192.0.2.200:1")
			for i := range 20 {
				c := mustListen(t, n, fmt.Sprintf("192.0.2.%d:1", i+1))
				go func() {
					for k := range 10 {
						say(t, c, listener.LocalAddr(), fmt.Sprint(k))
						time.Sleep(time.Millisecond)
					}
				}()
			}
			time.Sleep(time.Second)
			for range n.Stats().Delivered {
				d := hear(t, listener)
				heard = append(heard, fmt.Sprint(d.Addr, string(d.Data), d.At))
			}
		})
		return heard
	}
	want := run()
	if len(want) < 100 || len(want) > 180 {
		t.Fatalf("%d of 200 heard with a loss of 0.3", len(want))
	}
	for range 5 {
		if got := run(); !slices.Equal(got, want) {
			t.Fatal("another run was heard differently")
		}
	}
}

// TestSetLinks changes links while a datagram is on the way.
func TestSetLinks(t *testing.T) {
	bubble(t, Config{Links: always(Link{Delay: time.Hour})}, func(t *testing.T, n *Net) {
		a, b := mustListen(t, n, "192.0.2.1:1"), mustListen(t, n, "192.0.2.2:1")
		begin := time.Now()
		say(t, a, b.LocalAddr(), "slow")
		n.SetLinks(always(Link{Delay: time.Second}))
		say(t, a, b.LocalAddr(), "fast")
		wantHeard(t, b, "fast")
		if got := time.Since(begin); got != time.Second {
			t.Errorf("fast took %v, want 1s", got)
		}
		wantHeard(t, b, "slow")
		if got := time.Since(begin); got != time.Hour {
			t.Errorf("slow took %v, want 1h", got)
		}
		n.SetLinks(nil)
		say(t, a, b.LocalAddr(), "default")
		wantHeard(t, b, "default")
		if got := time.Since(begin); got != time.Hour+DefaultDelay {
			t.Errorf("default took %v", got-time.Hour)
		}
	})
}
