package event

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// fill appends n events.
func fill(l *Log, n int) {
	for range n {
		l.Append(testTime, BootstrapSilent{Address: testAddr})
	}
}

func TestAppendNumbersFromOne(t *testing.T) {
	l := NewLog(testTime, 4)
	if l.Last() != 0 || l.Epoch() != testTime.UnixMilli() {
		t.Errorf("got last %d, epoch %d", l.Last(), l.Epoch())
	}
	for want := uint64(1); want <= 10; want++ {
		if got := l.Append(testTime, ObserverBack{}); got != want || l.Last() != want {
			t.Errorf("got number %d, last %d, want %d", got, l.Last(), want)
		}
	}
	if l := NewLog(testTime, 0); len(l.ring) != DefaultLogSize {
		t.Errorf("got room for %d events, want %d", len(l.ring), DefaultLogSize)
	}
}

func TestRead(t *testing.T) {
	for _, test := range []struct {
		name        string
		events      int
		after       uint64
		room        int
		first, last uint64 // of those read, 0 for none
		missed      uint64
	}{
		{"an empty log", 0, 0, 9, 0, 0, 0},
		{"everything", 3, 0, 9, 1, 3, 0},
		{"the rest", 3, 1, 9, 2, 3, 0},
		{"nothing new", 3, 3, 9, 0, 0, 0},
		{"a number not given out yet", 3, 99, 9, 0, 0, 0},
		{"little room", 3, 0, 2, 1, 2, 0},
		{"no room", 3, 0, 0, 0, 0, 0},
		{"a full ring", 4, 0, 9, 1, 4, 0},
		{"one lost", 5, 0, 9, 2, 5, 1},
		{"just not lost", 5, 1, 9, 2, 5, 0},
		{"far behind", 103, 3, 9, 100, 103, 96},
		{"far behind with little room", 103, 3, 1, 100, 100, 96},
		{"lost without room to notice", 103, 3, 0, 0, 0, 96},
	} {
		t.Run(test.name, func(t *testing.T) {
			l := NewLog(testTime, 4)
			fill(l, test.events)
			buf := make([]Event, test.room)
			n, missed := l.Read(test.after, buf)
			if missed != test.missed {
				t.Errorf("got %d missed, want %d", missed, test.missed)
			}
			want := 0
			if test.first > 0 {
				want = int(test.last - test.first + 1)
			}
			if n != want {
				t.Fatalf("got %d events, want %d", n, want)
			}
			for i, e := range buf[:n] {
				if e.Seq != test.first+uint64(i) || e.Data == nil {
					t.Errorf("got event %d at %d, want %d", e.Seq, i, test.first+uint64(i))
				}
			}
		})
	}
}

// follow reads a log to its end and returns how many events it saw and missed.
// It fails when a number is skipped without having been counted as missed.
func follow(ctx context.Context, t *testing.T, l *Log, room int, pause func()) (seen, missed uint64) {
	buf := make([]Event, room)
	after := uint64(0)
	for l.Wait(ctx, after) {
		n, lost := l.Read(after, buf)
		missed += lost
		after += lost
		for _, e := range buf[:n] {
			after++
			if e.Seq != after {
				t.Errorf("got event %d, want %d", e.Seq, after)
			}
		}
		seen += uint64(n)
		pause()
	}
	return seen, missed
}

// Numbers have no gaps whoever appends, and each reader sees all of them in
// order or is told how many it did not.
func TestConcurrentReaders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const writers, each = 4, 5000
		l := NewLog(time.Now(), 64)
		var readers, appenders sync.WaitGroup
		for room := range 8 {
			readers.Go(func() {
				pause := func() {}
				if room%2 == 0 { // the ring is overwritten many times meanwhile
					pause = func() { time.Sleep(time.Second) }
				}
				seen, missed := follow(t.Context(), t, l, room+1, pause)
				if seen+missed != writers*each || seen == 0 {
					t.Errorf("got %d seen and %d missed, want %d together", seen, missed, writers*each)
				}
				if room%2 == 0 && missed == 0 {
					t.Error("a slow reader missed nothing")
				}
			})
		}
		numbers := make([][]uint64, writers)
		for w := range writers {
			appenders.Go(func() {
				for n := range each {
					numbers[w] = append(numbers[w], l.Append(time.Now(), ObserverBack{}))
					if n%100 == 0 {
						time.Sleep(100 * time.Millisecond)
					}
				}
			})
		}
		appenders.Wait()
		l.Close()
		readers.Wait()
		given := map[uint64]bool{}
		for _, list := range numbers {
			for _, n := range list {
				given[n] = true
			}
		}
		if len(given) != writers*each || l.Last() != writers*each {
			t.Errorf("got %d different numbers up to %d, want %d", len(given), l.Last(), writers*each)
		}
	})
}

// A reader that waits is woken by the event, not by a poll.
func TestWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLog(time.Now(), 8)
		woken := make(chan time.Time)
		for range 3 {
			go func() {
				if !l.Wait(t.Context(), 0) {
					t.Error("got false, want an event")
				}
				woken <- time.Now()
			}()
		}
		start := time.Now()
		time.Sleep(time.Hour)
		l.Append(time.Now(), ObserverBack{})
		for range 3 {
			if got := (<-woken).Sub(start); got != time.Hour {
				t.Errorf("woken after %v, want 1h", got)
			}
		}
		if !l.Wait(t.Context(), 0) { // there already
			t.Error("got false for an event that is there")
		}
	})
}

// An event that is not after the asked number wakes, but does not satisfy.
func TestWaitForALaterEvent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLog(time.Now(), 8)
		done := make(chan bool, 1)
		go func() { done <- l.Wait(t.Context(), 2) }()
		for n := range 3 {
			synctest.Wait()
			select {
			case <-done:
				t.Fatalf("ended after %d events", n)
			default:
			}
			l.Append(time.Now(), ObserverBack{})
		}
		if !<-done {
			t.Error("got false, want an event")
		}
	})
}

// After Close readers drain what is left, and then end.
func TestClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLog(time.Now(), 8)
		fill(l, 3)
		ended := make(chan bool)
		go func() { ended <- l.Wait(context.Background(), 3) }()
		synctest.Wait()
		l.Close()
		if <-ended {
			t.Error("got an event from a closed log")
		}
		if !l.Wait(context.Background(), 1) {
			t.Error("got false before the log was drained")
		}
		if seen, missed := follow(context.Background(), t, l, 2, func() {}); seen != 3 || missed != 0 {
			t.Errorf("got %d seen and %d missed, want 3 and none", seen, missed)
		}
		l.Close() // again does no harm
	})
}

func TestWaitEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLog(time.Now(), 8)
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		start := time.Now()
		if l.Wait(ctx, 0) {
			t.Error("got true, want no event")
		}
		if got := time.Since(start); got != 3*time.Second {
			t.Errorf("ended after %v, want 3s", got)
		}
	})
}

// Appending must not wait for anybody and not allocate: the loop does it.
func TestAppendIsCheap(t *testing.T) {
	l := NewLog(testTime, 8)
	var d Data = ObserverBack{Since: testTime}
	if got := testing.AllocsPerRun(100, func() { l.Append(testTime, d) }); got != 0 {
		t.Errorf("got %v allocations, want none", got)
	}
}

func BenchmarkAppend(b *testing.B) {
	l := NewLog(testTime, 0)
	var d Data = PongReceived{Peer: testMid, Address: testAddr, RTT: time.Second}
	b.ReportAllocs()
	for b.Loop() {
		l.Append(testTime, d)
	}
}
