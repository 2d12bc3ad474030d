package main_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"
)

// The tests of this file are about the Python side alone: what the scenarios with our node stand on.

// TestInteropPyIPv8Guard runs the tests of the guard that keeps the Python processes on loopback.
func TestInteropPyIPv8Guard(t *testing.T) {
	withEach(t, func(t *testing.T, py python) {
		cmd := exec.Command(py.exe, "-B", "-m", "unittest", "test_guard")
		cmd.Dir = pyFile("")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("test_guard.py: %v\n%s", err, out)
		}
	})
}

// TestInteropPyIPv8TrackerBeyondLoopback wants the node script to refuse a tracker that is elsewhere.
func TestInteropPyIPv8TrackerBeyondLoopback(t *testing.T) {
	withEach(t, func(t *testing.T, py python) {
		for _, address := range []string{"192.0.2.9:8090", "0.0.0.0:8090", "[::]:8090", "localhost:8090"} {
			if err := py.command("node.py", "--tracker", address).Run(); err == nil {
				t.Errorf("node.py --tracker %s: started", address)
			}
		}
	})
}

// TestInteropPyIPv8FindEachOther has py-ipv8 nodes meet through the tracker on py-ipv8's Community class.
func TestInteropPyIPv8FindEachOther(t *testing.T) {
	withEach(t, func(t *testing.T, py python) {
		s := newStage(t)
		tracker := s.python(py, "tracker.py")
		nodes := s.python(py, "node.py", "--count", "10", "--tracker", tracker.hello.Address)
		s.waitFor(time.Minute, "py-ipv8 nodes know each other", func() error { return theyKnowEachOther(nodes) })
	})
}

// TestInteropPyIPv8FindEachOtherOldCurves is the same with a key of every old level among them.
func TestInteropPyIPv8FindEachOtherOldCurves(t *testing.T) {
	withEachLong(t, func(t *testing.T, py python) {
		s := newStage(t)
		tracker := s.python(py, "tracker.py")
		nodes := s.python(py, "node.py", "--count", "10", "--key-level", oldLevels, "--tracker", tracker.hello.Address)
		s.waitFor(time.Minute, "py-ipv8 nodes know each other", func() error { return theyKnowEachOther(nodes) })
	})
}

// TestInteropPyIPv8FindEachOtherIPv6 has them meet on ::1, where there is no tracker: all walk to the first one.
func TestInteropPyIPv8FindEachOtherIPv6(t *testing.T) {
	withEachLong(t, func(t *testing.T, py python) {
		freeAddress(t, "udp6", "[::1]:0")
		s := newStage(t)
		nodes := s.python(py, "node.py", "--count", "10", "--ipv6")
		walkToFirst(t, nodes)
		s.waitFor(time.Minute, "py-ipv8 nodes know each other", func() error { return theyKnowEachOther(nodes) })
	})
}

// TestInteropPyIPv8BenchNode has other nodes walk to the node that cmd/bench compares us with: it answers them, and
// tells its figures.
func TestInteropPyIPv8BenchNode(t *testing.T) {
	withEach(t, func(t *testing.T, py python) {
		s := newStage(t)
		address := freeAddress(t, "udp4", "127.0.0.1:0")
		bench := s.python(py, "bench_node.py", "--listen", address)
		if bench.hello.Address != address {
			t.Errorf("bench node listens on %s, want %s", bench.hello.Address, address)
		}
		nodes := s.python(py, "node.py", "--count", "3")
		for i := range nodes.hello.Nodes {
			nodes.walk(t, i, address)
		}
		s.waitFor(30*time.Second, "bench node's figures", func() error {
			bench.send(t, map[string]string{"cmd": "stats"})
			return bench.verified(3)
		})
	})
}

// verified asks that the bench node counts n verified peers and some processor time.
func (p *pyProcess) verified(n int) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stats == nil {
		return fmt.Errorf("its stats")
	}
	var stats struct {
		Verified int     `json:"verified"`
		CPU      float64 `json:"cpu_s"`
	}
	if err := json.Unmarshal(p.stats, &stats); err != nil {
		return err
	}
	if stats.Verified != n || stats.CPU <= 0 {
		return fmt.Errorf("stats are %s, want %d verified and processor time", p.stats, n)
	}
	return nil
}

// TestNotRunUnderCI wants a missing py-ipv8 to fail where CI is set: a skipped test looks like a passed one there.
func TestNotRunUnderCI(t *testing.T) {
	if os.Getenv("PEERSCOPE_TEST_NOT_RUN") == "1" {
		notRun(t, "asked to")
	}
	for ci, wantFail := range map[string]bool{"": false, "true": true} {
		cmd := exec.Command(os.Args[0], "-test.run=^TestNotRunUnderCI$")
		cmd.Env = append(os.Environ(), "PEERSCOPE_TEST_NOT_RUN=1", "CI="+ci)
		if err := cmd.Run(); (err != nil) != wantFail {
			t.Errorf("CI=%q: got %v, want a failure: %v", ci, err, wantFail)
		}
	}
}
