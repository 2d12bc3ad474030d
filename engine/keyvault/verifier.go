package keyvault

import (
	"fmt"
	"time"
)

// VerifierConfig says what a [Verifier] shares with the others of its process. The zero value works: a cache and a budget
// of its own, of default size.
type VerifierConfig struct {
	// Cache holds expanded Ed25519 keys. Nil: one of its own, NewKeyCache(0).
	Cache *KeyCache

	// Budget bounds the time spent on legacy signatures. Nil: one of its own, NewBudget(BudgetConfig{}).
	Budget *Budget
}

// Verifier checks signatures. It has no state but its cache and its budget, which are safe for concurrent use and so is it:
// the workers of a process share one, or have one each over the same cache and budget.
type Verifier struct {
	cache  *KeyCache
	budget *Budget
}

// NewVerifier returns a Verifier that uses cfg.
func NewVerifier(cfg VerifierConfig) *Verifier {
	if cfg.Cache == nil {
		cfg.Cache = NewKeyCache(0)
	}
	if cfg.Budget == nil {
		cfg.Budget = NewBudget(BudgetConfig{})
	}
	return &Verifier{cache: cfg.Cache, budget: cfg.Budget}
}

// Verify reports whether sig is key's signature over msg: nil if it is, else an error wrapping ErrSignature, ErrKey or
// ErrBudget. now is used for the budget of legacy signatures only.
//
// Ed25519 signatures are accepted exactly when libsodium 1.0.18 accepts them (what py-ipv8 3.0 uses, IPv8 reference 5.1):
// the cofactorless equation holds, S is below the group order, and neither R nor the key is of small order. Legacy
// signatures are r and s of equal fixed length over the SHA-1 of msg (5.2). A signature of the wrong length costs nothing.
func (v *Verifier) Verify(now time.Time, key PublicKey, msg, sig []byte) error {
	t := key.Type()
	switch {
	case t == 0:
		return fmt.Errorf("%w: no key", ErrKey)
	case len(sig) != t.SignatureLen():
		return fmt.Errorf("%w: %d bytes, want %d", ErrSignature, len(sig), t.SignatureLen())
	case t == Curve25519:
		return v.verifyEd25519(key, msg, sig)
	}
	return v.verifySect(now, key, msg, sig)
}

// verifySect pays for the costly part only: keys off their curve and numbers out of range are refused before. To find
// those out costs a little as well, so that is not done for a signature that could not be paid for anyway.
func (v *Verifier) verifySect(now time.Time, key PublicKey, msg, sig []byte) error {
	t := key.Type()
	if !v.budget.has(now, t) {
		return ErrBudget
	}
	s, err := parseSect(key, t, sig)
	if err != nil {
		return err
	}
	if !v.budget.spend(now, t) {
		return ErrBudget
	}
	if !s.verify(msg) {
		return ErrSignature
	}
	return nil
}
