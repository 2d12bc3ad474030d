package network

import "hash/maphash"

// An index finds the id of the record with a key. It stores neither keys nor
// records: a slot is 8 bytes, half the hash and the id, so finding a record
// among a million touches one cache line here and one of the record. A Go map
// from 20-byte keys touches two or three and takes twice the room; with a
// million peers those misses are most of what answering a ping costs.
//
// The hash is seeded, so that peers cannot choose keys that collide. The index
// is split into shards that grow one by one, which bounds how long an insertion
// can take. It never shrinks.
type index struct {
	seed   maphash.Seed
	shards [1 << shardBits]shard // by the highest bits of the hash
	len    int
}

const shardBits = 8

// A shard is an open hash table with linear probing. Its size is a power of two.
type shard struct {
	slots []slot
	used  int
}

// A slot is free if its id is 0.
type slot struct{ hash, id uint32 }

func newIndex() index { return index{seed: maphash.MakeSeed()} }

func (x *index) hash(key []byte) uint64 { return maphash.Bytes(x.seed, key) }

func (x *index) shard(hash uint64) *shard { return &x.shards[hash>>(64-shardBits)] }

// find is the id of the record with this hash that is takes for its own, 0 if
// there is none.
func (x *index) find(hash uint64, is func(id uint32) bool) uint32 {
	s := x.shard(hash)
	mask := uint32(len(s.slots) - 1)
	if len(s.slots) == 0 {
		return 0
	}
	for i := uint32(hash) & mask; s.slots[i].id != 0; i = (i + 1) & mask {
		if s.slots[i].hash == uint32(hash) && is(s.slots[i].id) {
			return s.slots[i].id
		}
	}
	return 0
}

// insert adds an id that is not in the index.
func (x *index) insert(hash uint64, id uint32) {
	s := x.shard(hash)
	if 4*(s.used+1) > 3*len(s.slots) {
		s.grow()
	}
	s.place(slot{uint32(hash), id})
	s.used++
	x.len++
}

func (s *shard) place(e slot) {
	mask := uint32(len(s.slots) - 1)
	i := e.hash & mask
	for s.slots[i].id != 0 {
		i = (i + 1) & mask
	}
	s.slots[i] = e
}

func (s *shard) grow() {
	old := s.slots
	s.slots = make([]slot, max(4, 2*len(old)))
	for _, e := range old {
		if e.id != 0 {
			s.place(e)
		}
	}
}

// remove takes out an id that is in the index. Those behind it move up, so that
// every id stays reachable from its place without a free slot between.
func (x *index) remove(hash uint64, id uint32) {
	s := x.shard(hash)
	mask := uint32(len(s.slots) - 1)
	free := uint32(hash) & mask
	for s.slots[free].id != id {
		free = (free + 1) & mask
	}
	for i := (free + 1) & mask; s.slots[i].id != 0; i = (i + 1) & mask {
		home := s.slots[i].hash & mask
		if (i-home)&mask >= (i-free)&mask {
			s.slots[free] = s.slots[i]
			free = i
		}
	}
	s.slots[free] = slot{}
	s.used--
	x.len--
}
