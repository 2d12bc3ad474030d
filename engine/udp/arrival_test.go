package udp

import (
	"testing"
	"time"
)

func TestArrival(t *testing.T) {
	now := time.Now()
	wall := now.Round(0) // without the monotonic reading, as the kernel's stamps are
	for _, test := range []struct {
		name  string
		stamp time.Time
		want  time.Duration // before now
	}{
		{"at once", wall, 0},
		{"just before", wall.Add(-time.Nanosecond), time.Nanosecond},
		{"some time", wall.Add(-3 * time.Millisecond), 3 * time.Millisecond},
		{"longest", wall.Add(-time.Second), time.Second},
		{"clock set forward", wall.Add(-time.Second - 1), 0},
		{"clock set forward by a day", wall.Add(-24 * time.Hour), 0},
		{"clock set back by little", wall.Add(1), 0},
		{"clock set back by a day", wall.Add(24 * time.Hour), 0},
		{"the epoch", time.Unix(0, 0), 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := arrival(now, test.stamp)
			if before := now.Sub(got); before != test.want {
				t.Errorf("arrived %v before the read, want %v", before, test.want)
			}
			if got == got.Round(0) {
				t.Error("no monotonic reading")
			}
		})
	}
}
