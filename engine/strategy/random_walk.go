package strategy

import (
	"math/rand/v2"
	"net/netip"
	"time"
)

// py-ipv8's numbers (ipv8/peerdiscovery/discovery.py, RandomWalk.__init__).
const (
	WalkTimeout     = 3 * time.Second // how long a walk occupies its place in the window
	WalkWindowSize  = 5               // walks under way at a time
	WalkResetChance = 50              // of 256 steps, so many ask for an introduction instead of walking
)

// maxWalks bounds the walks under way when there is no window.
const maxWalks = 1 << 16

// WalkOverlay is what [RandomWalk] needs of a community.
type WalkOverlay interface {
	// Walkable returns a random address of the community that may be walked to and that skip does not refuse.
	Walkable(rng *rand.Rand, skip func(netip.AddrPort) bool) (netip.AddrPort, bool)
	// WalkTo sends an introduction request; false means that the budget does not allow it now.
	WalkTo(now time.Time, address netip.AddrPort) bool
	// NewIntroduction asks a peer or a bootstrap server for an introduction.
	NewIntroduction(now time.Time)
	// Verified reports whether some verified peer has the address.
	Verified(address netip.AddrPort) bool
	// Forget drops an address that did not answer.
	Forget(address netip.AddrPort)
}

// WalkConfig sets up a [RandomWalk].
type WalkConfig struct {
	// Timeout is how long a walk waits for its answer; zero means WalkTimeout.
	Timeout time.Duration
	// WindowSize is how many walks may be under way; zero means WalkWindowSize, a negative value no window
	// (py-ipv8's 0). Over a longer time at most WindowSize addresses are walked to per Timeout.
	WindowSize int
	// ResetChance, out of 256, is how often a step asks for an introduction although there is somewhere to walk to;
	// zero means WalkResetChance, a negative value never (py-ipv8's 0).
	ResetChance int
	// TargetInterval is the least time between two steps; zero means none.
	TargetInterval time.Duration
	// Byte, for tests, draws the number that is compared with ResetChance; nil means the random source.
	Byte func() byte
}

// RandomWalk walks to random known addresses and asks for more of them. It has no target: py-ipv8's loop stops calling
// it at 20 peers, an observer goes on.
type RandomWalk struct {
	overlay  WalkOverlay
	rng      *rand.Rand
	config   WalkConfig
	waiting  addressTimes // when each address was walked to
	skip     func(netip.AddrPort) bool
	stepped  bool
	lastStep time.Time
}

// NewRandomWalk returns a walk over the overlay that draws from rng.
func NewRandomWalk(overlay WalkOverlay, rng *rand.Rand, config WalkConfig) *RandomWalk {
	if config.Timeout <= 0 {
		config.Timeout = WalkTimeout
	}
	if config.WindowSize == 0 {
		config.WindowSize = WalkWindowSize
	}
	if config.WindowSize < 0 || config.WindowSize > maxWalks {
		config.WindowSize = maxWalks
	}
	if config.ResetChance == 0 {
		config.ResetChance = WalkResetChance
	}
	if config.Byte == nil {
		config.Byte = func() byte { return byte(rng.Uint32()) }
	}
	w := &RandomWalk{overlay: overlay, rng: rng, config: config, waiting: newAddressTimes()}
	w.skip = w.waiting.has
	return w
}

// TakeStep forgets walks that got no answer in time, then makes at most one walk or asks once for an introduction
// (IPv8 reference, 10.2). It costs the same however many addresses are known and may be called several times a second.
func (w *RandomWalk) TakeStep(now time.Time) {
	w.expire(now)
	if w.config.TargetInterval > 0 && w.stepped && now.Sub(w.lastStep) <= w.config.TargetInterval {
		return
	}
	if w.waiting.len() >= w.config.WindowSize {
		return
	}
	if !w.act(now) {
		return
	}
	w.stepped, w.lastStep = true, now
}

// act walks or asks, and returns false if the budget refused the walk.
func (w *RandomWalk) act(now time.Time) bool {
	if int(w.config.Byte()) >= w.config.ResetChance {
		if address, ok := w.overlay.Walkable(w.rng, w.skip); ok {
			if !w.overlay.WalkTo(now, address) {
				return false
			}
			w.waiting.set(address, now)
			return true
		}
	}
	w.overlay.NewIntroduction(now)
	return true
}

// expire drops walks older than the timeout. Walks that were answered stay until then as well, which is what keeps the
// rate down; their addresses are verified by now and not forgotten.
func (w *RandomWalk) expire(now time.Time) {
	for {
		oldest, ok := w.waiting.oldest()
		if !ok || now.Sub(oldest.at) <= w.config.Timeout {
			return
		}
		w.waiting.remove(oldest.address)
		if !w.overlay.Verified(oldest.address) {
			w.overlay.Forget(oldest.address)
		}
	}
}

// Waiting is the number of walks under way.
func (w *RandomWalk) Waiting() int { return w.waiting.len() }

// WindowFor is the window that makes [RandomWalk] walk to at most perMinute addresses a minute (--new-flows), at least 1.
func WindowFor(perMinute int, timeout time.Duration) int {
	perMinute = min(perMinute, 1<<20) // beyond any use, and far from overflow
	return max(1, int(int64(perMinute)*timeout.Milliseconds()/time.Minute.Milliseconds()))
}
