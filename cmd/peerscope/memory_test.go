package main

import (
	"runtime/debug"
	"testing"
)

func TestLimitGarbage(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(200))
	for _, tc := range []struct {
		set  bool
		want int
	}{{true, 200}, {false, garbagePercent}} {
		limitGarbage(func(name string) (string, bool) {
			if name != "GOGC" {
				t.Errorf("asked for %s", name)
			}
			return "200", tc.set
		})
		got := debug.SetGCPercent(200)
		if got != tc.want {
			t.Errorf("with GOGC set %v: %d %%, want %d", tc.set, got, tc.want)
		}
	}
}
