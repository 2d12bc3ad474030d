package event

import (
	"context"
	"sync"
	"time"
)

// DefaultLogSize is how many events a [Log] keeps: at the default packet budget
// of 500 pings a second about two minutes for a reader that stopped reading.
const DefaultLogSize = 1 << 16

// A Log numbers events and keeps the last ones in a ring. One goroutine
// appends; any number read, each with its own position. Appending never waits:
// a reader that is further behind than the ring is long loses the oldest events
// and is told how many.
type Log struct {
	epoch int64

	mu     sync.Mutex
	ring   []Event // event n is at (n-1) % len(ring)
	last   uint64
	closed bool
	wake   chan struct{} // closed and replaced when events arrive and somebody waits
	asleep bool
}

// NewLog makes a log that keeps size events ([DefaultLogSize] if 0); start is
// the time that tells this run's numbers from another's.
func NewLog(start time.Time, size int) *Log {
	if size <= 0 {
		size = DefaultLogSize
	}
	return &Log{epoch: start.UnixMilli(), ring: make([]Event, size), wake: make(chan struct{})}
}

// Epoch is the start of this numbering, in unix milliseconds.
func (l *Log) Epoch() int64 { return l.epoch }

// Last is the number of the newest event, 0 before the first.
func (l *Log) Last() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.last
}

// Append numbers the event and makes it visible to the readers.
func (l *Log) Append(now time.Time, d Data) uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last++
	l.ring[(l.last-1)%uint64(len(l.ring))] = Event{Seq: l.last, Time: now, Data: d}
	l.rouse()
	return l.last
}

// Close tells waiting readers that no event follows.
func (l *Log) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	l.rouse()
}

// rouse wakes the waiting readers; the caller holds the lock.
func (l *Log) rouse() {
	if l.asleep {
		close(l.wake)
		l.wake, l.asleep = make(chan struct{}), false
	}
}

// Read copies the events after number after into buf, oldest first, and returns
// how many it copied and how many before them are no longer kept. A reader goes
// on after the Seq of the last one copied. There is nothing after a number that
// was not given out yet: one of another epoch is the reader's to notice.
func (l *Log) Read(after uint64, buf []Event) (n int, missed uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if size := uint64(len(l.ring)); l.last > size && after < l.last-size {
		missed = l.last - size - after
		after += missed
	}
	for n < len(buf) && after < l.last {
		buf[n] = l.ring[after%uint64(len(l.ring))]
		n++
		after++
	}
	return n, missed
}

// Wait returns true as soon as there is an event after number after, and false
// when the log is closed and drained up to there, or ctx ends.
func (l *Log) Wait(ctx context.Context, after uint64) bool {
	for {
		l.mu.Lock()
		if l.last > after {
			l.mu.Unlock()
			return true
		}
		if l.closed {
			l.mu.Unlock()
			return false
		}
		l.asleep = true
		wake := l.wake
		l.mu.Unlock()
		select {
		case <-wake:
		case <-ctx.Done():
			return false
		}
	}
}
