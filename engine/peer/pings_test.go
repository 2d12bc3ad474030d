package peer

import (
	"testing"
	"time"
)

func TestPings(t *testing.T) {
	const ms = time.Millisecond
	for _, c := range []struct {
		name                  string
		add                   []time.Duration
		last, median, average time.Duration
		len                   int
	}{
		{"one", []time.Duration{7 * ms}, 7 * ms, 7 * ms, 7 * ms, 1},
		{"even number", []time.Duration{4 * ms, 1 * ms}, 1 * ms, 2500 * time.Microsecond, 2500 * time.Microsecond, 2},
		{"odd number", []time.Duration{9 * ms, 1 * ms, 2 * ms}, 2 * ms, 2 * ms, 4 * ms, 3},
		{"four", []time.Duration{8 * ms, 1 * ms, 4 * ms, 3 * ms}, 3 * ms, 3500 * time.Microsecond, 4 * ms, 4},
		{"five", []time.Duration{5 * ms, 4 * ms, 3 * ms, 2 * ms, 1 * ms}, 1 * ms, 3 * ms, 3 * ms, 5},
		{"the first falls out", []time.Duration{100 * ms, 1 * ms, 2 * ms, 3 * ms, 4 * ms, 5 * ms}, 5 * ms, 3 * ms, 3 * ms, 5},
		{"twice round", []time.Duration{9 * ms, 9 * ms, 9 * ms, 9 * ms, 9 * ms, 9 * ms, 10 * ms, 20 * ms, 30 * ms, 40 * ms, 50 * ms}, 50 * ms, 30 * ms, 30 * ms, 5},
	} {
		t.Run(c.name, func(t *testing.T) {
			var p Pings
			for _, rtt := range c.add {
				p.Add(rtt)
			}
			if got := p.Len(); got != c.len {
				t.Errorf("Len: got %d, want %d", got, c.len)
			}
			for _, m := range []struct {
				name string
				f    func() (time.Duration, bool)
				want time.Duration
			}{{"Last", p.Last, c.last}, {"Median", p.Median, c.median}, {"Average", p.Average, c.average}} {
				if got, ok := m.f(); !ok || got != m.want {
					t.Errorf("%s: got %v, %v, want %v", m.name, got, ok, m.want)
				}
			}
		})
	}
}

func TestNoPings(t *testing.T) {
	var p Pings
	for _, f := range []func() (time.Duration, bool){p.Last, p.Median, p.Average} {
		if got, ok := f(); ok || got != 0 {
			t.Errorf("got %v, %v, want none", got, ok)
		}
	}
}
