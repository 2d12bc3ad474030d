package keyvault

import (
	"sync"
	"time"
)

// The defaults of [BudgetConfig].
const (
	DefaultBudgetPerSecond = 100
	DefaultBudgetBurst     = 200
)

// sectCosts is what a verification on each curve costs, in units of one on sect163k1, as BenchmarkVerifyLegacy measures
// it, rounded up. It is indexed by KeyType - Sect163K1.
var sectCosts = [...]float64{1, 4, 11, 24, 21}

// BudgetConfig sizes a [Budget]. The unit is the time of one sect163k1 verification, about 0.17 ms on the reference
// machine; sect571r1, the dearest, takes 24 units.
type BudgetConfig struct {
	// PerSecond is the units gained in a second. 0 or less means DefaultBudgetPerSecond: a flood of legacy signatures can
	// take 2 % of one processor, and a hundred trackers can answer in the same second.
	PerSecond float64

	// Burst is the most units that can be saved up. 0 or less means DefaultBudgetBurst. It is at least the cost of the
	// dearest verification, or that could never happen.
	Burst float64
}

// Budget bounds the time that legacy signatures take: they cost 7 to 160 times what an Ed25519 signature does, and anyone
// can send them. It is a token bucket, safe for concurrent use.
type Budget struct {
	perSecond, burst float64

	mu     sync.Mutex
	tokens float64
	last   time.Time // when tokens was right; zero before the first use
}

// NewBudget returns a full budget.
func NewBudget(cfg BudgetConfig) *Budget {
	if cfg.PerSecond <= 0 {
		cfg.PerSecond = DefaultBudgetPerSecond
	}
	if cfg.Burst <= 0 {
		cfg.Burst = DefaultBudgetBurst
	}
	for _, cost := range sectCosts {
		cfg.Burst = max(cfg.Burst, cost)
	}
	return &Budget{perSecond: cfg.PerSecond, burst: cfg.Burst, tokens: cfg.Burst}
}

// spend takes the cost of one verification with a legacy key of type t, and reports whether it was there. A now before the
// latest one gains nothing.
func (b *Budget) spend(now time.Time, t KeyType) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.gain(now)
	cost := sectCosts[t-Sect163K1]
	if b.tokens < cost {
		return false
	}
	b.tokens -= cost
	return true
}

// has reports whether spend would find the cost of a key of type t.
func (b *Budget) has(now time.Time, t KeyType) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.gain(now)
	return b.tokens >= sectCosts[t-Sect163K1]
}

// gain adds what the time since the last call brings; the caller holds the lock.
func (b *Budget) gain(now time.Time) {
	if b.last.IsZero() {
		b.last = now
	}
	if passed := now.Sub(b.last); passed > 0 {
		b.tokens = min(b.burst, b.tokens+passed.Seconds()*b.perSecond)
		b.last = now
	}
}
