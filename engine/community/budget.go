package community

import (
	"net/netip"
	"time"
)

// A bucket is a token bucket: rate tokens a second, at most burst of them.
// The zero rate is no limit.
type bucket struct {
	rate, burst float64
	tokens      float64
	filled      time.Time
}

func newBucket(rate, burst float64) bucket {
	return bucket{rate: rate, burst: burst, tokens: burst}
}

// take spends n tokens if there are as many.
func (b *bucket) take(now time.Time, n float64) bool {
	if b.rate <= 0 {
		return true
	}
	if passed := now.Sub(b.filled); passed > 0 {
		if !b.filled.IsZero() {
			b.tokens = min(b.burst, b.tokens+passed.Seconds()*b.rate)
		}
		b.filled = now
	}
	if b.tokens < n {
		return false
	}
	b.tokens -= n
	return true
}

// flowMemory is how many contacted addresses are remembered in each of two
// generations; the older one is forgotten when the newer is full.
const flowMemory = 1 << 16

// flows remembers which addresses we contacted, to tell new flows from old ones.
type flows struct {
	newer, older map[netip.AddrPort]struct{}
}

func (f *flows) contacted(a netip.AddrPort) bool {
	if _, ok := f.newer[a]; ok {
		return true
	}
	_, ok := f.older[a]
	if ok {
		f.remember(a)
	}
	return ok
}

func (f *flows) remember(a netip.AddrPort) {
	if f.newer == nil || len(f.newer) >= flowMemory {
		f.older, f.newer = f.newer, make(map[netip.AddrPort]struct{})
	}
	f.newer[a] = struct{}{}
}
