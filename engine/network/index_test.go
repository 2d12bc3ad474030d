package network

import (
	"math/rand/v2"
	"testing"
)

// TestIndexAgreesWithMap uses few different hashes, most of them near the end of
// a shard, so that runs of slots collide, wrap around and move on removal.
func TestIndexAgreesWithMap(t *testing.T) {
	for seed := range 50 {
		rng := rand.New(rand.NewPCG(uint64(seed), 1))
		x, want := newIndex(), map[uint32]uint64{}
		anyHash := func() uint64 {
			return uint64(rng.IntN(2))<<63 | uint64(rng.IntN(2))<<40 | uint64(0xffff_fffc+rng.IntN(6))&0xffff_ffff
		}
		for range 400 {
			id := uint32(1 + rng.IntN(40))
			if hash, ok := want[id]; ok {
				x.remove(hash, id)
				delete(want, id)
			} else {
				want[id] = anyHash()
				x.insert(want[id], id)
			}
			wantIndex(t, &x, want)
		}
	}
}

func wantIndex(t *testing.T, x *index, want map[uint32]uint64) {
	t.Helper()
	for id := uint32(1); id <= 40; id++ {
		hash, ok := want[id]
		if got := x.find(hash, func(i uint32) bool { return i == id }); ok && got != id || !ok && got != 0 {
			t.Fatalf("find %d: got %d, in the index %v", id, got, ok)
		}
	}
	used := 0
	for _, s := range x.shards {
		used += s.used
	}
	if x.len != len(want) || used != len(want) {
		t.Fatalf("length: got %d, shards %d, want %d", x.len, used, len(want))
	}
}

func TestIndexTellsEqualHashesApart(t *testing.T) {
	x := newIndex()
	for id := uint32(1); id <= 100; id++ {
		x.insert(7, id)
	}
	for id := uint32(1); id <= 100; id++ {
		if got := x.find(7, func(i uint32) bool { return i == id }); got != id {
			t.Errorf("got %d, want %d", got, id)
		}
	}
	if got := x.find(7, func(uint32) bool { return false }); got != 0 {
		t.Errorf("nobody's record: got %d, want 0", got)
	}
	if got := x.find(1<<63, func(uint32) bool { return true }); got != 0 {
		t.Errorf("empty shard: got %d, want 0", got)
	}
}
