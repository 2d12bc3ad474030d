package engine

import (
	"hash/maphash"
	"net/netip"
	"sync/atomic"
	"time"
)

const (
	// askedFor is how long an address that we asked is expected to answer, and
	// answeredFor how long one that answered is remembered for it: longer than
	// pings are apart, however many peers there are.
	askedFor    = 15 * time.Second
	answeredFor = time.Hour
	// acquaintancesSlots is the size of the table, a power of two.
	acquaintancesSlots = 1 << 17
)

// acquaintances are the sources that we asked lately or that answered us: peers
// that are really there, and bootstrap servers. Their signed packets are checked
// before those of strangers, who can be any number.
//
// It is a table of fixed size in which a new entry takes the place of an older
// one, so that one loop may write while readers look up without a lock. A source
// that was pushed out waits in line with the strangers.
type acquaintances struct {
	seed  maphash.Seed
	start time.Time
	slots []atomic.Uint64 // half a hash, and until when in seconds since start
}

func newAcquaintances(now time.Time) *acquaintances {
	return &acquaintances{seed: maphash.MakeSeed(), start: now, slots: make([]atomic.Uint64, acquaintancesSlots)}
}

// place is where a source's entry is, in either of two slots, and its hash.
func (a *acquaintances) place(of netip.AddrPort) (first, second *atomic.Uint64, hash uint64) {
	h := maphash.Comparable(a.seed, of)
	i := h & (acquaintancesSlots - 1)
	return &a.slots[i], &a.slots[i^1], h >> 32
}

// met enters a source for some time; only one goroutine may call it.
func (a *acquaintances) met(now time.Time, who netip.AddrPort, stays time.Duration) {
	first, second, hash := a.place(who)
	slot, x, y := first, first.Load(), second.Load()
	if y>>32 == hash || x>>32 != hash && uint32(y) < uint32(x) {
		slot, x = second, y
	}
	end := a.seconds(now.Add(stays))
	if x>>32 == hash {
		end = max(end, uint32(x))
	}
	slot.Store(hash<<32 | uint64(end))
}

// knows tells whether a source is an acquaintance.
func (a *acquaintances) knows(now time.Time, who netip.AddrPort) bool {
	first, second, hash := a.place(who)
	for _, slot := range [...]uint64{first.Load(), second.Load()} {
		if slot>>32 == hash && uint32(slot) > a.seconds(now) {
			return true
		}
	}
	return false
}

func (a *acquaintances) seconds(t time.Time) uint32 { return uint32(t.Sub(a.start) / time.Second) }
