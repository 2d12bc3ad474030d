package network

// arenaChunk is the number of records that an arena allocates at a time. Chunks
// never move: growing costs the same at any size, and a pointer to a record
// stays good while others are added.
const arenaChunk = 1 << arenaShift

const arenaShift = 10

// An arena holds records of one kind under 32-bit ids. Id 0 is never given out
// and stands for "none".
type arena[T any] struct {
	chunks [][]T
	next   uint32   // the lowest id never given out, once there is a chunk
	free   []uint32 // ids given back
}

// alloc gives out a zeroed record.
func (a *arena[T]) alloc() (uint32, *T) {
	if n := len(a.free); n > 0 {
		id := a.free[n-1]
		a.free = a.free[:n-1]
		return id, a.at(id)
	}
	if a.next == 0 {
		a.next = 1
	}
	id := a.next
	if int(id>>arenaShift) == len(a.chunks) {
		a.chunks = append(a.chunks, make([]T, arenaChunk))
	}
	a.next++
	return id, a.at(id)
}

// at is the record of an id that alloc gave out and release did not take back.
func (a *arena[T]) at(id uint32) *T { return &a.chunks[id>>arenaShift][id&(arenaChunk-1)] }

// release takes back an id and zeroes its record.
func (a *arena[T]) release(id uint32) {
	var zero T
	*a.at(id) = zero
	a.free = append(a.free, id)
}

// len is the number of records in use.
func (a *arena[T]) len() int {
	if a.next == 0 {
		return 0
	}
	return int(a.next) - 1 - len(a.free)
}

// all yields the ids up to the highest one ever given out; released ones among
// them have zeroed records.
func (a *arena[T]) all(yield func(uint32, *T) bool) {
	for id := uint32(1); id < a.next; id++ {
		if !yield(id, a.at(id)) {
			return
		}
	}
}
