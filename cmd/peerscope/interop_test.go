package main_test

import (
	"fmt"
	"testing"
	"time"
)

const (
	// acquaintance is how long everybody has to know everybody, on one host and with py-ipv8's own pace.
	acquaintance = time.Minute
	// dropTime is our least silence before a peer is dropped: max(57.5 s, 3 × the interval of pings, 20 s by default).
	dropTime = time.Minute
	// oldLevels are py-ipv8's four levels of binary curves; of ten nodes the last six have the usual keys. More of the old
	// ones would mostly measure the machine, as a signature check costs milliseconds on both sides.
	oldLevels = "very-low,low,medium,high,curve25519,curve25519,curve25519,curve25519,curve25519,curve25519"
	// nobodys is a community id that only our node is in.
	nobodys = "00112233445566778899aabbccddeeff00112233"
)

// TestInteropTheirTracker has our node and ten py-ipv8 nodes meet through a tracker of py-ipv8's.
func TestInteropTheirTracker(t *testing.T) {
	withEach(t, func(t *testing.T, py python) {
		s := newStage(t)
		tracker := s.python(py, "tracker.py")
		nodes := s.python(py, "node.py", "--count", "10", "--seed", "11", "--tracker", tracker.hello.Address)
		ours := s.watch(py, []string{nodes.hello.Pool[0], nodes.hello.Pool[1], nobodys},
			"--udp", "127.0.0.1:0", "--bootstrap", tracker.hello.Address)
		s.waitFor(acquaintance, "both sides know each other", all(
			func() error { return weKnow(ours, nodes) },
			func() error { return theyKnow(ours, nodes) },
			func() error { return trackerLists(tracker, ours) },
		))
		ours.honest(t)
	})
}

// TestInteropOurTracker has ten py-ipv8 nodes and ours meet through `peerscope tracker`.
func TestInteropOurTracker(t *testing.T) {
	withEachLong(t, func(t *testing.T, py python) {
		s := newStage(t)
		tracker := s.tracker()
		nodes := s.python(py, "node.py", "--count", "10", "--seed", "12", "--tracker", tracker)
		ours := s.watch(py, nodes.hello.Pool[:2], "--udp", "127.0.0.1:0", "--bootstrap", tracker)
		s.waitFor(acquaintance, "all know all", all(
			func() error { return theyKnowEachOther(nodes) },
			func() error { return weKnow(ours, nodes) },
			func() error { return theyKnow(ours, nodes) },
		))
		ours.honest(t)
	})
}

// TestInteropOldCurves has our node meet py-ipv8 nodes of which one has a key of each old level.
func TestInteropOldCurves(t *testing.T) {
	withEachLong(t, func(t *testing.T, py python) {
		s := newStage(t)
		tracker := s.python(py, "tracker.py")
		nodes := s.python(py, "node.py", "--count", "10", "--seed", "13", "--key-level", oldLevels,
			"--tracker", tracker.hello.Address)
		ours := s.watch(py, nodes.hello.Pool[:1], "--udp", "127.0.0.1:0", "--bootstrap", tracker.hello.Address)
		s.waitFor(acquaintance, "both sides know each other", all(
			func() error { return weKnow(ours, nodes) },
			func() error { return theyKnow(ours, nodes) },
		))
		ours.honest(t)
	})
}

// TestInteropIPv6 has our node meet py-ipv8 nodes on ::1. They walk to each other, and the first one to us; there is no
// tracker, since py-ipv8's speaks IPv4 only.
func TestInteropIPv6(t *testing.T) {
	withEachLong(t, func(t *testing.T, py python) {
		address := freeAddress(t, "udp6", "[::1]:0")
		s := newStage(t)
		nodes := s.python(py, "node.py", "--count", "10", "--seed", "14", "--ipv6")
		ours := s.watch(py, nodes.hello.Pool[:2], "--udp", "127.0.0.1:0", "--udp6", address)
		walkToFirst(t, nodes)
		next := time.Time{}
		s.waitFor(acquaintance, "both sides know each other", all(
			func() error { return weKnow(ours, nodes) },
			func() error { return theyKnow(ours, nodes) },
			func() error { // again each second: our node may not listen yet
				if now := time.Now(); now.After(next) && !ours.view()[nodes.hello.Nodes[0].Mid].verified {
					next = now.Add(time.Second)
					nodes.walk(t, 0, address)
				}
				return nil
			},
		))
		ours.honest(t)
	})
}

// walkToFirst has every node but the first walk to the first.
func walkToFirst(t *testing.T, nodes *pyProcess) {
	t.Helper()
	for _, node := range nodes.hello.Nodes[1:] {
		nodes.walk(t, node.Number, nodes.hello.Nodes[0].Address)
	}
}

// TestInteropKilled kills one py-ipv8 node. Both sides drop it and nobody else; we by our rules, after telling its lost
// pings.
func TestInteropKilled(t *testing.T) {
	withEachLong(t, func(t *testing.T, py python) {
		t.Parallel() // most of this is waiting
		s := newStage(t)
		tracker := s.python(py, "tracker.py")
		survivors := s.python(py, "node.py", "--count", "9", "--seed", "15", "--tracker", tracker.hello.Address)
		victim := s.python(py, "node.py", "--count", "1", "--seed", "15", "--tracker", tracker.hello.Address)
		ours := s.watch(py, nil, "--udp", "127.0.0.1:0", "--bootstrap", tracker.hello.Address)
		s.waitFor(acquaintance, "all know all", all(
			func() error { return theyKnowEachOther(survivors, victim) },
			func() error { return weKnow(ours, survivors, victim) },
			func() error { return theyKnow(ours, survivors, victim) },
		))

		mid := victim.hello.Nodes[0].Mid
		victim.kill(t)
		s.waitFor(2*time.Minute, "both sides drop the killed node", all(
			func() error { return ours.dropped(mid) },
			func() error { return nobodyKnows(mid, survivors) },
		))
		wantDroppedByRules(t, ours.view()[mid])
		if err := weKnow(ours, survivors); err != nil {
			t.Errorf("after the drop: %v", err)
		}
		ours.honest(t)
	})
}

// dropped asks for the event that a peer was removed.
func (o *observer) dropped(mid string) error {
	if peer := o.view()[mid]; peer.verified || peer.removed == nil {
		return fmt.Errorf("watch has not shown %.8s as removed", mid)
	}
	return nil
}

// nobodyKnows asks that no py-ipv8 node lists the peer any more.
func nobodyKnows(mid string, p *pyProcess) error {
	for _, report := range p.last().Nodes {
		for _, peer := range report.Peers {
			if peer.Mid == mid {
				return fmt.Errorf("py-ipv8 node %d still lists %.8s", report.Number, mid)
			}
		}
	}
	return nil
}

// wantDroppedByRules wants the reason, lost pings before, and the silence that a drop needs.
func wantDroppedByRules(t *testing.T, peer seen) {
	t.Helper()
	if got, want := peer.removed.Reason, "silent"; got != want {
		t.Errorf("reason of the removal: got %q, want %q", got, want)
	}
	if peer.lost == 0 {
		t.Errorf("watch has shown no lost ping before the removal")
	}
	if silence := peer.removed.Time.Sub(peer.lastPong); silence < dropTime {
		t.Errorf("removed after %v of silence, want at least %v", silence, dropTime)
	}
}

// honest wants no packet of these networks to count as malformed, badly signed or the like: all of it is py-ipv8's own.
// What py-ipv8 does send in vain: requests under communities that only the one who introduced us is in, as it walks to an
// address in every community of its introducer; and more puncture requests than we obey.
func (o *observer) honest(t *testing.T) {
	t.Helper()
	o.mu.Lock()
	defer o.mu.Unlock()
	for reason, n := range o.rejected {
		if reason != "unknown-community" && reason != "puncture-limited" {
			t.Errorf("watch rejected packets of py-ipv8: %d × %s", n, reason)
		}
	}
}
