package community

import (
	"net/netip"
	"time"
)

// A bucket is a token bucket: rate tokens a second, of which those of a few
// seconds can be saved up. The zero rate is no limit.
type bucket struct {
	rate, burst float64
	tokens      float64
	filled      time.Time
}

func newBucket(rate, seconds float64) bucket {
	burst := max(1, rate*seconds)
	return bucket{rate: rate, burst: burst, tokens: burst}
}

// ready tells whether there is a token.
func (b *bucket) ready(now time.Time) bool {
	if b.rate <= 0 {
		return true
	}
	if passed := now.Sub(b.filled); passed > 0 {
		if !b.filled.IsZero() {
			b.tokens = min(b.burst, b.tokens+passed.Seconds()*b.rate)
		}
		b.filled = now
	}
	return b.tokens >= 1
}

// spend takes the token that ready saw.
func (b *bucket) spend() {
	if b.rate > 0 {
		b.tokens--
	}
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
