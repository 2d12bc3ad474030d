package engine

import (
	"net/netip"
	"testing"
	"time"
)

// allowed counts how many of k packets at one time pass.
func (l *sourceLimit) allowed(at time.Duration, from string, k int) (passed int) {
	for range k {
		if l.allow(int64(at), netip.MustParseAddrPort(from)) {
			passed++
		}
	}
	return passed
}

// A source has a burst, then its rate, and never more than a burst saved up.
func TestNodeSourceLimit(t *testing.T) {
	l := sourceLimit{rate: SourceRate{PerSecond: 50, Burst: 200}}
	for _, step := range []struct {
		at   time.Duration
		k    int
		want int
	}{
		{0, 300, 200},
		{0, 5, 0},
		{10 * time.Millisecond, 5, 0},
		{20 * time.Millisecond, 5, 1},
		{time.Second, 100, 49},
		{3 * time.Second, 100, 100},
		{time.Hour, 1000, 200},
	} {
		if got := l.allowed(step.at, "203.0.113.5:7000", step.k); got != step.want {
			t.Errorf("at %v %d of %d packets passed, want %d", step.at, got, step.k, step.want)
		}
	}
}

// A packet every microsecond refills next to nothing each time; the sum counts.
func TestNodeSourceLimitOfAFlood(t *testing.T) {
	l := sourceLimit{rate: SourceRate{PerSecond: 50, Burst: 200}}
	passed := 0
	for at := time.Duration(0); at < 4*time.Second; at += time.Microsecond {
		passed += l.allowed(at, "203.0.113.5:7000", 1)
	}
	if passed < 395 || passed > 400 {
		t.Errorf("%d packets passed in four seconds, want a burst of 200 and 50 a second", passed)
	}
}

// What shares a bucket: an address of IPv4, a /64 of IPv6, and on loopback an
// address and port.
func TestNodeSource(t *testing.T) {
	for _, test := range []struct {
		a, b string
		same bool
	}{
		{"203.0.113.5:7000", "203.0.113.5:7001", true},
		{"203.0.113.5:7000", "203.0.113.6:7000", false},
		{"[2001:db8::1]:7000", "[2001:db8::ffff:1]:9", true},
		{"[2001:db8::1]:7000", "[2001:db8:0:1::1]:7000", false},
		{"127.0.0.1:7000", "127.0.0.1:7001", false},
		{"127.0.0.1:7000", "127.0.0.1:7000", true},
		{"[::1]:7000", "[::1]:7001", false},
		{"10.0.0.1:7000", "10.0.0.1:7001", true},
	} {
		l := sourceLimit{rate: SourceRate{PerSecond: 1, Burst: 1}}
		l.allowed(0, test.a, 1)
		if got := l.allowed(0, test.b, 1) == 0; got != test.same {
			t.Errorf("%s and %s share a bucket: %v, want %v", test.a, test.b, got, test.same)
		}
	}
}

// A rate without a burst still lets its rate through; off means off.
func TestNodeSourceLimitSettings(t *testing.T) {
	for _, test := range []struct {
		rate SourceRate
		want int // of 1000 packets, ten a second
	}{
		{SourceRate{PerSecond: 5}, 501},
		{SourceRate{PerSecond: 5, Burst: 0.5}, 501},
		{SourceRate{PerSecond: 0, Burst: 5}, 1000},
		{SourceRate{PerSecond: -1}, 1000},
	} {
		l, passed := sourceLimit{rate: test.rate}, 0
		for i := range 1000 {
			passed += l.allowed(time.Duration(i)*time.Second/10, "203.0.113.5:7000", 1)
		}
		if passed < test.want-2 || passed > test.want {
			t.Errorf("rate %+v: %d of 1000 packets passed, want %d", test.rate, passed, test.want)
		}
	}
}

// Any number of sources takes bounded memory, and a source that goes on sending
// keeps its empty bucket while others come and go.
func TestNodeSourceLimitForgets(t *testing.T) {
	l := sourceLimit{rate: SourceRate{PerSecond: 0.001, Burst: 3}}
	loud := "203.0.113.5:7000"
	if got := l.allowed(0, loud, 10); got != 3 {
		t.Fatalf("%d packets passed, want the burst", got)
	}
	for i := range 4 * sourcesMax {
		a := netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
		l.allow(0, netip.AddrPortFrom(a, 7000))
		if i%(sourcesMax/2) == 0 {
			if got := l.allowed(0, loud, 1); got != 0 {
				t.Errorf("after %d other sources the loud one has a fresh bucket", i)
			}
		}
		if got := len(l.newer) + len(l.older); got > 2*sourcesMax {
			t.Fatalf("%d sources kept, want at most %d", got, 2*sourcesMax)
		}
	}
}
