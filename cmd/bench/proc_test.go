package main

import (
	"testing"
	"time"
)

func TestParseStat(t *testing.T) {
	const tail = " S 1 4242 4242 0 -1 4194304 1500 0 0 0 1234 566 7 8 20 0 9 0 100 0 0"
	for _, name := range []string{"(peerscope)", "(a b)", "(strange) name)", "()"} {
		got, err := parseStat([]byte("4242 " + name + tail))
		if want := 18 * time.Second; err != nil || got != want {
			t.Errorf("%s: got %v, %v, want %v", name, got, err, want)
		}
	}
	for _, text := range []string{"", "4242 (peerscope", "4242 (peerscope) S 1 2", "1 (x) S 1 2 3 4 5 6 7 8 9 10 x 566 0"} {
		if got, err := parseStat([]byte(text)); err == nil {
			t.Errorf("parseStat(%q) = %v, want an error", text, got)
		}
	}
}

func TestParseStatus(t *testing.T) {
	got, err := parseStatus([]byte("Name:\tVmRSS: 1 kB\nVmHWM:\t  9999 kB\nVmRSS:\t  1234 kB\nThreads:\t7\n"))
	if want := int64(1234 << 10); err != nil || got != want {
		t.Errorf("got %d, %v, want %d", got, err, want)
	}
	for _, text := range []string{"", "Name:\tx\n", "VmRSS:\tmany kB\n"} {
		if got, err := parseStatus([]byte(text)); err == nil {
			t.Errorf("parseStatus(%q) = %d, want an error", text, got)
		}
	}
}

func TestModelName(t *testing.T) {
	const cpuinfo = "processor\t: 0\nmodel\t\t: 17\nmodel name\t: AMD EPYC: 9\ncache size\t: 1 KB\n"
	if got, want := modelName(cpuinfo), "AMD EPYC: 9"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := modelName("processor: 0\n"), "unknown"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
