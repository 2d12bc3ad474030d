package requestcache

import (
	"errors"
	"time"
)

// Reasons why [RequestCache.Add] refuses a request.
var (
	ErrDuplicate = errors.New("requestcache: a request with this key is pending")
	ErrFull      = errors.New("requestcache: too many pending requests")
	ErrShutdown  = errors.New("requestcache: shut down")
)

// DefaultMax is the number of pending requests that [New] allows when it is told none: 25,000 questions a second, each
// pending for 10 s, fit.
const DefaultMax = 1 << 18

// Request is one question that waits for its answer.
type Request interface {
	// Key identifies the request; it must not change while the request is in a cache.
	Key() Key
	// TimeoutDelay is how long an answer counts; it must be positive.
	TimeoutDelay() time.Duration
	// OnTimeout is called once when no answer came in time, after the request has left the cache.
	OnTimeout(now time.Time)
}

// RequestCache holds the pending requests; make one with [New].
type RequestCache struct {
	max      int
	entries  map[Key]*entry
	queue    deadlineHeap
	sequence uint64 // of the last request added
	recent   recent
	shutdown bool
}

// New returns an empty cache for at most max pending requests ([DefaultMax] if max is not positive).
func New(max int) *RequestCache {
	if max <= 0 {
		max = DefaultMax
	}
	return &RequestCache{max: max, entries: make(map[Key]*entry), recent: newRecent()}
}

// Add starts waiting for the answer to r, until now plus its TimeoutDelay. It returns [ErrDuplicate], [ErrFull] or
// [ErrShutdown] and keeps nothing if it cannot.
func (c *RequestCache) Add(now time.Time, r Request) error {
	key, delay := r.Key(), r.TimeoutDelay()
	if delay <= 0 {
		panic("requestcache: TimeoutDelay must be positive")
	}
	switch {
	case c.shutdown:
		return ErrShutdown
	case c.entries[key] != nil:
		return ErrDuplicate
	case len(c.entries) >= c.max:
		return ErrFull
	}
	c.sequence++
	e := &entry{key: key, request: r, deadline: now.Add(delay), sequence: c.sequence}
	c.entries[key] = e
	c.recent.pending(key)
	c.queue.push(e)
	return nil
}

// Has reports whether a request with this key is pending.
func (c *RequestCache) Has(key Key) bool { return c.entries[key] != nil }

// Get returns the pending request with this key and leaves it pending.
func (c *RequestCache) Get(key Key) (Request, bool) {
	e := c.entries[key]
	if e == nil {
		return nil, false
	}
	return e.request, true
}

// Pop takes the pending request with this key out, so that it cannot time out or be answered again. A request whose
// deadline has passed is still found until [RequestCache.Advance] has been called.
func (c *RequestCache) Pop(key Key) (Request, bool) {
	e := c.entries[key]
	if e == nil {
		return nil, false
	}
	c.queue.remove(e.index)
	c.drop(e, Answered)
	return e.request, true
}

// Advance takes out every request whose deadline is not after now and calls its OnTimeout, in the order of the
// deadlines (requests with the same deadline in the order they were added). OnTimeout may use the cache.
func (c *RequestCache) Advance(now time.Time) {
	for len(c.queue) > 0 && !c.queue[0].deadline.After(now) {
		e := c.queue.remove(0)
		c.drop(e, Expired)
		e.request.OnTimeout(now)
	}
}

// Deadline returns when [RequestCache.Advance] has something to do next, and false if nothing is pending.
func (c *RequestCache) Deadline() (time.Time, bool) {
	if len(c.queue) == 0 {
		return time.Time{}, false
	}
	return c.queue[0].deadline, true
}

// Len is the number of pending requests.
func (c *RequestCache) Len() int { return len(c.entries) }

// Shutdown forgets all requests without calling OnTimeout and refuses new ones from now on.
func (c *RequestCache) Shutdown() {
	c.shutdown = true
	clear(c.entries)
	c.queue = nil
	c.recent = newRecent()
}

func (c *RequestCache) drop(e *entry, end Outcome) {
	delete(c.entries, e.key)
	c.recent.ended(e.key, end)
}
