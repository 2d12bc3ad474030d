package keyvault

import (
	"encoding/binary"
	"runtime"
	"sync"
	"testing"

	"github.com/oasisprotocol/curve25519-voi/curve"
	"github.com/oasisprotocol/curve25519-voi/curve/scalar"
	"github.com/oasisprotocol/curve25519-voi/primitives/ed25519"
)

// cacheKeys returns n different keys in expanded form: the base point times 1 to n.
func cacheKeys(t testing.TB, n int) (keys [][32]byte, expanded []*ed25519.ExpandedPublicKey) {
	t.Helper()
	var k scalar.Scalar
	for i := range n {
		encoded := mulBase(k.SetUint64(uint64(i + 1)))
		e, err := expandEd25519((*[32]byte)(&encoded))
		if err != nil {
			t.Fatal(err)
		}
		keys, expanded = append(keys, encoded), append(expanded, e)
	}
	return keys, expanded
}

func TestKeyCacheBound(t *testing.T) {
	const size = 8
	keys, expanded := cacheKeys(t, 3*size)
	c := NewKeyCache(size)
	for i := range keys {
		c.add(&keys[i], expanded[i])
		c.add(&keys[i], expanded[i]) // a second worker did the same
		if got, want := c.Len(), min(i+1, size); got != want {
			t.Fatalf("Len after %d keys = %d, want %d", i+1, got, want)
		}
		if got := c.find(&keys[i]); got != expanded[i] {
			t.Fatalf("find of key %d just added = %p, want %p", i, got, expanded[i])
		}
	}
	if got, want := len(c.index), size; got != want {
		t.Errorf("%d keys in the index, want %d", got, want)
	}
	for key, i := range c.index {
		if got := c.slots[i].key.CompressedY(); got != curve.CompressedEdwardsY(key) {
			t.Errorf("slot %d holds %x, want %x", i, got, key)
		}
	}
}

// TestKeyCacheKeepsUsedKeys: keys that are looked up survive any number of keys that are not.
func TestKeyCacheKeepsUsedKeys(t *testing.T) {
	const size, used = 16, 8
	keys, expanded := cacheKeys(t, 200)
	c := NewKeyCache(size)
	for i := range keys {
		c.add(&keys[i], expanded[i])
		for j := range min(i, used) {
			if c.find(&keys[j]) == nil {
				t.Fatalf("key %d, used all the time, is gone after key %d", j, i)
			}
		}
	}
}

// TestKeyCacheDropsOldKeys: having been used once does not keep a key for ever.
func TestKeyCacheDropsOldKeys(t *testing.T) {
	const size = 8
	keys, expanded := cacheKeys(t, 3*size)
	c := NewKeyCache(size)
	for i := range keys {
		c.add(&keys[i], expanded[i])
		if i == 0 {
			c.find(&keys[0])
		}
	}
	if c.find(&keys[0]) != nil {
		t.Errorf("a key is still there after %d others", len(keys)-1)
	}
}

// TestKeyCacheSweepIsBounded: with every key in use the hand stops after maxSweep steps.
func TestKeyCacheSweepIsBounded(t *testing.T) {
	const size = 2 * maxSweep
	keys, expanded := cacheKeys(t, size+1)
	c := NewKeyCache(size)
	for i := range size {
		c.add(&keys[i], expanded[i])
		c.find(&keys[i])
	}
	c.add(&keys[size], expanded[size])
	if got, want := c.hand, maxSweep+1; got != want {
		t.Errorf("hand at %d, want %d", got, want)
	}
	if c.find(&keys[maxSweep]) != nil || c.find(&keys[0]) == nil {
		t.Error("the key where the hand stopped is still there, or another is gone")
	}
}

// TestBadSignaturesStayOut: only a valid signature puts its key into the cache.
func TestBadSignaturesStayOut(t *testing.T) {
	cache := NewKeyCache(0)
	v := NewVerifier(VerifierConfig{Cache: cache})
	key := testKey(t, 1)
	sig := key.Sign([]byte("message"))
	if err := v.Verify(start, key.Public(), []byte("other"), sig); err == nil {
		t.Fatal("Verify of another message = nil")
	}
	if got := cache.Len(); got != 0 {
		t.Errorf("%d keys after a bad signature, want 0", got)
	}
	for range 2 {
		if err := v.Verify(start, key.Public(), []byte("message"), sig); err != nil {
			t.Fatal(err)
		}
		if got := cache.Len(); got != 1 {
			t.Errorf("%d keys after a good signature, want 1", got)
		}
	}
	if err := v.Verify(start, key.Public(), []byte("other"), sig); err == nil {
		t.Error("Verify of another message with the cached key = nil")
	}
}

// TestWorkersShareCache runs two verifiers at once over a small cache, for the race detector and for wrong answers.
func TestWorkersShareCache(t *testing.T) {
	cache := NewKeyCache(4)
	var group sync.WaitGroup
	for worker := range 2 {
		group.Go(func() {
			v := NewVerifier(VerifierConfig{Cache: cache})
			for i := range 200 {
				key := testKey(t, byte(i%8))
				msg := binary.BigEndian.AppendUint64(nil, uint64(worker*1000+i))
				sig := key.Sign(msg)
				if err := v.Verify(start, key.Public(), msg, sig); err != nil {
					t.Errorf("worker %d, signature %d: %v", worker, i, err)
				}
				if err := v.Verify(start, testKey(t, byte(i%8+1)).Public(), msg, sig); err == nil {
					t.Errorf("worker %d, signature %d verifies with another key", worker, i)
				}
			}
		})
	}
	group.Wait()
}

// TestKeyCacheMemory holds the memory of a full cache of default size, measured, below 24 MiB.
func TestKeyCacheMemory(t *testing.T) {
	const count = 2048
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	c := NewKeyCache(count)
	var k scalar.Scalar
	for i := range 2 * count { // twice, to count what replacing keys leaves behind
		encoded := mulBase(k.SetUint64(uint64(i + 1)))
		expanded, err := expandEd25519((*[32]byte)(&encoded))
		if err != nil {
			t.Fatal(err)
		}
		c.add((*[32]byte)(&encoded), expanded)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	perKey := float64(after.HeapAlloc-before.HeapAlloc) / count
	full := perKey * DefaultCacheSize / (1 << 20)
	t.Logf("%.0f bytes per key, %.1f MiB for %d keys", perKey, full, DefaultCacheSize)
	if full > 24 {
		t.Errorf("a full cache takes %.1f MiB, want at most 24", full)
	}
	runtime.KeepAlive(c)
}
