package keyvault

import (
	"errors"
	"math/big"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// spendAll spends until the budget refuses, at most limit times, and returns how often it did not.
func spendAll(b *Budget, now time.Time, t KeyType, limit int) int {
	for n := range limit {
		if !b.spend(now, t) {
			return n
		}
	}
	return limit
}

func TestBudget(t *testing.T) {
	b := NewBudget(BudgetConfig{PerSecond: 10, Burst: 30})
	steps := []struct {
		after time.Duration // since start
		typ   KeyType
		want  int
	}{
		{0, Sect163K1, 30},
		{0, Sect163K1, 0},
		{50 * time.Millisecond, Sect163K1, 0}, // half a unit
		{100 * time.Millisecond, Sect163K1, 1},
		{time.Second + 100*time.Millisecond, Sect163K1, 10},
		{0, Sect163K1, 0}, // the clock went back
		{time.Hour, Sect163K1, 30},
		{2 * time.Hour, Sect233K1, 30 / 4},
		{3 * time.Hour, Sect571R1, 1},
	}
	for i, s := range steps {
		if got := spendAll(b, start.Add(s.after), s.typ, 100); got != s.want {
			t.Errorf("step %d: %d verifications, want %d", i, got, s.want)
		}
	}
}

// TestBudgetClockBack: a clock that goes back takes nothing away.
func TestBudgetClockBack(t *testing.T) {
	b := NewBudget(BudgetConfig{PerSecond: 10, Burst: 30})
	b.spend(start, Sect163K1)
	if got := spendAll(b, start.Add(-time.Hour), Sect163K1, 100); got != 29 {
		t.Errorf("an hour before: %d verifications, want 29", got)
	}
}

func TestBudgetDefaults(t *testing.T) {
	b := NewBudget(BudgetConfig{})
	if got := spendAll(b, start, Sect163K1, 1000); got != DefaultBudgetBurst {
		t.Errorf("burst = %d, want %d", got, DefaultBudgetBurst)
	}
	if got := spendAll(b, start.Add(time.Second), Sect163K1, 1000); got != DefaultBudgetPerSecond {
		t.Errorf("after a second: %d, want %d", got, DefaultBudgetPerSecond)
	}
}

// TestBudgetAffordsEveryCurve: with the smallest burst each curve can be verified, if not often.
func TestBudgetAffordsEveryCurve(t *testing.T) {
	for _, typ := range legacyTypes {
		if !NewBudget(BudgetConfig{PerSecond: 1, Burst: 1}).spend(start, typ) {
			t.Errorf("%v is never affordable", typ)
		}
	}
}

func TestBudgetShared(t *testing.T) {
	b := NewBudget(BudgetConfig{PerSecond: 1, Burst: 1000})
	var spent atomic.Int64
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() { spent.Add(int64(spendAll(b, start, Sect163K1, 1000))) })
	}
	group.Wait()
	if got := spent.Load(); got != 1000 {
		t.Errorf("four workers spent %d, want 1000", got)
	}
}

// TestVerifyBudget: legacy signatures are refused when the budget is spent, also valid ones; Ed25519 is not concerned.
func TestVerifyBudget(t *testing.T) {
	v := NewVerifier(VerifierConfig{Budget: NewBudget(BudgetConfig{PerSecond: 1, Burst: 24})})
	c, ref := sectCurve(Sect163K1), newReference(Sect163K1)
	d, msg := big.NewInt(3), []byte("message")
	sig := c.fastSign(ref, d, big.NewInt(5), msg)
	key := newSectPrivate(Sect163K1, d).Public()
	for range 12 {
		if err := v.Verify(start, key, msg, sig); err != nil {
			t.Fatal(err)
		}
		if err := v.Verify(start, key, []byte("other"), sig); !errors.Is(err, ErrSignature) {
			t.Fatalf("Verify of another message = %v, want ErrSignature", err)
		}
	}
	if err := v.Verify(start, key, msg, sig); !errors.Is(err, ErrBudget) {
		t.Errorf("Verify with nothing left = %v, want ErrBudget", err)
	}
	modern := testKey(t, 1)
	if err := v.Verify(start, modern.Public(), msg, modern.Sign(msg)); err != nil {
		t.Errorf("Verify of Ed25519 with nothing left = %v, want nil", err)
	}
	if err := v.Verify(start.Add(time.Second), key, msg, sig); err != nil {
		t.Errorf("Verify a second later = %v, want nil", err)
	}
}
