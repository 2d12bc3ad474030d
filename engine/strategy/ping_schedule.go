package strategy

import (
	"math"
	"time"

	"peerscope/engine/peer"
)

// scheduledPing is a peer's place in the schedule. Times are of the scheduleClock.
type scheduledPing struct {
	due  time.Duration // the peer's turn: at ping, or earlier to look whether it has to be dropped
	ping time.Duration // the next ping; zero if the peer was not pinged yet, which is to be done at due
	peer *peer.Peer
}

// pingHeap is a binary heap of values, the earliest due first: 24 bytes for each peer.
type pingHeap []scheduledPing

func (h *pingHeap) push(e scheduledPing) {
	*h = append(*h, e)
	h.up(len(*h) - 1)
}

// remove takes out the entry at index i.
func (h *pingHeap) remove(i int) {
	last := len(*h) - 1
	(*h)[i] = (*h)[last]
	(*h)[last] = scheduledPing{}
	*h = (*h)[:last]
	if i < last {
		h.fix(i)
	}
}

// fix restores the order after the entry at index i has changed.
func (h pingHeap) fix(i int) {
	h.down(i)
	h.up(i)
}

func (h pingHeap) up(i int) {
	for i > 0 {
		parent := (i - 1) / 2
		if h[i].due >= h[parent].due {
			return
		}
		h[i], h[parent] = h[parent], h[i]
		i = parent
	}
}

func (h pingHeap) down(i int) {
	for {
		first := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(h); child++ {
			if h[child].due < h[first].due {
				first = child
			}
		}
		if first == i {
			return
		}
		h[i], h[first] = h[first], h[i]
		i = first
	}
}

// scheduleClock is the time of a schedule that is stretched: it runs slower the more peers there are, so that one
// configured interval of it always is one actual interval.
type scheduleClock struct {
	last     time.Time     // the actual time of elapsed; zero before the first advance
	elapsed  time.Duration // schedule time since then
	fraction float64       // of a nanosecond, carried over so that many short advances do not lose time
}

// advance moves the clock to now; stretch is how many times slower than actual time it ran since the last call.
func (c *scheduleClock) advance(now time.Time, stretch float64) {
	if c.last.IsZero() {
		c.last = now
	}
	passed := now.Sub(c.last)
	if passed <= 0 {
		return
	}
	c.last = now
	exact := float64(passed)/stretch + c.fraction
	whole := math.Floor(exact)
	c.elapsed += time.Duration(whole)
	c.fraction = exact - whole
}

// when is the actual time at which the clock will show due if the stretch stays, never too early.
func (c *scheduleClock) when(due time.Duration, stretch float64) time.Time {
	if due <= c.elapsed {
		return c.last
	}
	wait := (float64(due-c.elapsed) - c.fraction) * stretch
	return c.last.Add(time.Duration(math.Ceil(wait)) + 1)
}

// paceBurst is how far a pace may run ahead.
const paceBurst = 100 * time.Millisecond

// pace spreads packets over time: one each period, with up to paceBurst's worth at once.
type pace struct {
	period time.Duration // zero for no limit
	free   time.Time     // when all packets so far are paid for
}

func newPace(perSecond float64) pace {
	if perSecond <= 0 {
		return pace{}
	}
	return pace{period: time.Duration(float64(time.Second) / perSecond)}
}

// next is the earliest time at which a packet may be sent.
func (p *pace) next() time.Time {
	if p.period == 0 || p.free.IsZero() {
		return time.Time{}
	}
	return p.free.Add(-paceBurst)
}

func (p *pace) allows(now time.Time) bool { return !now.Before(p.next()) }

func (p *pace) take(now time.Time) { p.free = later(p.free, now).Add(p.period) }
