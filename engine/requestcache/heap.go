package requestcache

import "time"

// entry is a pending request with its place in the heap.
type entry struct {
	key      Key
	request  Request
	deadline time.Time
	sequence uint64 // orders entries with the same deadline
	index    int    // in deadlineHeap
}

func (e *entry) before(other *entry) bool {
	if e.deadline.Equal(other.deadline) {
		return e.sequence < other.sequence
	}
	return e.deadline.Before(other.deadline)
}

// deadlineHeap is a binary heap, the earliest deadline first. Requests mostly come with the latest deadline so far, so
// push usually ends at once, and answered ones are taken out near the bottom.
type deadlineHeap []*entry

func (h *deadlineHeap) push(e *entry) {
	e.index = len(*h)
	*h = append(*h, e)
	h.up(e.index)
}

// remove takes out the entry at index i and returns it.
func (h *deadlineHeap) remove(i int) *entry {
	e, last := (*h)[i], len(*h)-1
	h.swap(i, last)
	(*h)[last] = nil
	*h = (*h)[:last]
	if i < last {
		h.down(i)
		h.up(i)
	}
	return e
}

func (h deadlineHeap) up(i int) {
	for i > 0 {
		parent := (i - 1) / 2
		if !h[i].before(h[parent]) {
			return
		}
		h.swap(i, parent)
		i = parent
	}
}

func (h deadlineHeap) down(i int) {
	for {
		first := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(h); child++ {
			if h[child].before(h[first]) {
				first = child
			}
		}
		if first == i {
			return
		}
		h.swap(i, first)
		i = first
	}
}

func (h deadlineHeap) swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}
