package main

import (
	"context"
	"net/netip"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"peerscope/engine/udp"
	"peerscope/engine/wire"
)

// fakeNode answers pings on a socket of its own, all but those that drop chooses.
func fakeNode(t *testing.T, drop func(n int64) bool) (address netip.AddrPort, pings *atomic.Int64) {
	t.Helper()
	conn, err := udp.Listen("udp4", netip.MustParseAddrPort("127.0.0.1:0"), udp.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	pings = new(atomic.Int64)
	go func() {
		ds := []udp.Datagram{{Data: make([]byte, readSize)}}
		for {
			if _, err := conn.ReadBatch(ds); err != nil {
				return
			}
			if drop(pings.Add(1)) {
				continue
			}
			ds[0].Data[wire.HeaderLen-1] = byte(wire.PongID) // the rest of a pong is as in the ping
			if _, err := conn.WriteBatch(ds); err != nil {
				return
			}
		}
	}()
	return conn.LocalAddr(), pings
}

func pingLoad(t *testing.T, node netip.AddrPort, window, senders int) *load {
	t.Helper()
	p, err := newPlayer()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.close)
	l, err := newLoad(p, node, ping, window, spreadSenders(senders, senders))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// TestAskAll asks a node that drops every seventh request: those are asked again,
// and every sender is answered exactly once.
func TestAskAll(t *testing.T) {
	node, pings := fakeNode(t, func(n int64) bool { return n%7 == 0 })
	l := pingLoad(t, node, 16, 100)
	l.again = 20 * time.Millisecond
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := l.askAll(ctx); err != nil {
		t.Fatal(err)
	}
	if got, want := l.answers, 100; got != want {
		t.Errorf("%d answers, want %d", got, want)
	}
	for at, ok := range l.answered {
		if !ok {
			t.Errorf("sender %d was not answered", l.senders[at])
		}
	}
	if got := pings.Load(); got <= 100 {
		t.Errorf("the node saw %d requests, want more than it answered", got)
	}
}

func TestMeasure(t *testing.T) {
	node, pings := fakeNode(t, func(int64) bool { return false })
	l := pingLoad(t, node, 8, 50)
	s := schedule{warm: 20 * time.Millisecond, measure: 200 * time.Millisecond, answers: 10, most: 10 * time.Second}
	m, err := measure(t.Context(), l, os.Getpid(), s)
	if err != nil {
		t.Fatal(err)
	}
	if m.elapsed < s.measure || m.answers < s.answers || m.lost != 0 || m.processor <= 0 {
		t.Errorf("got %+v", m)
	}
	if sent, got := pings.Load(), int64(l.answers); sent != got {
		t.Errorf("%d requests and %d answers, want as many", sent, got)
	}
}

// TestMeasureLosses: requests that are lost are counted, and the others go on.
func TestMeasureLosses(t *testing.T) {
	node, _ := fakeNode(t, func(n int64) bool { return n == 3 || n == 5 })
	l := pingLoad(t, node, 8, 50)
	l.patience = time.Second // long beside what a busy machine takes to answer
	m, err := measure(t.Context(), l, os.Getpid(), schedule{measure: 1500 * time.Millisecond, most: 10 * time.Second})
	if err != nil || m.lost != 2 {
		t.Errorf("%d lost, %v, want 2", m.lost, err)
	}
}

func TestSilentNode(t *testing.T) {
	node, _ := fakeNode(t, func(int64) bool { return true })
	l := pingLoad(t, node, 8, 50)
	l.patience = 100 * time.Millisecond
	if _, err := measure(t.Context(), l, os.Getpid(), schedule{measure: time.Hour, most: time.Hour}); err == nil {
		t.Error("no error")
	}
}

// TestWindow: no sender ever has two requests under way.
func TestWindow(t *testing.T) {
	l := &load{requests: make([][]byte, 4), waiting: make([]bool, 4)}
	next := l.inTurn()
	for range 4 {
		at, ok := next()
		if !ok || l.waiting[at] {
			t.Fatalf("got %d, %v", at, ok)
		}
		l.waiting[at] = true
	}
	if at, ok := next(); ok {
		t.Errorf("got %d although all wait", at)
	}
	l.waiting[2] = false
	if at, ok := next(); !ok || at != 2 {
		t.Errorf("got %d, %v, want 2", at, ok)
	}
}
