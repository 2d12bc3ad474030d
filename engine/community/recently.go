package community

import "time"

// recently allows something once per interval and key. It remembers at most
// 2×max keys in two generations that turn every interval, so that the newer and
// the older together hold at least the last interval. When the newer is full,
// further keys are refused until it turns.
type recently[K comparable] struct {
	interval time.Duration
	max      int

	newer, older map[K]time.Time
	turned       time.Time
}

func (r *recently[K]) allow(now time.Time, key K) bool {
	if r.newer == nil || now.Sub(r.turned) >= r.interval {
		r.turn(now)
	}
	if r.within(r.newer, now, key) || r.within(r.older, now, key) || len(r.newer) >= r.max {
		return false
	}
	r.newer[key] = now
	return true
}

func (r *recently[K]) within(generation map[K]time.Time, now time.Time, key K) bool {
	last, ok := generation[key]
	return ok && now.Sub(last) < r.interval
}

func (r *recently[K]) turn(now time.Time) {
	r.older, r.newer = r.newer, r.older
	if len(r.newer) > 0 || r.newer == nil {
		r.newer = make(map[K]time.Time) // clear would keep a flood's memory
	}
	r.turned = now
}
