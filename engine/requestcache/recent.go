package requestcache

// Outcome says what became of a request, for an answer that finds nothing pending.
type Outcome uint8

// What [RequestCache.Outcome] can tell about an answer without a pending request.
const (
	Unknown  Outcome = iota // never asked, or too long ago
	Pending                 // not answered yet: Pop will find it
	Answered                // answered before: this is a second answer
	Expired                 // the deadline passed: this answer is late
	Foreign                 // this identifier is pending, but another address was asked
)

// String names the outcome as the counters of rejected packets do.
func (o Outcome) String() string {
	switch o {
	case Pending:
		return "pending"
	case Answered:
		return "double"
	case Expired:
		return "late"
	case Foreign:
		return "foreign"
	}
	return "unknown"
}

// recentMax bounds how many ended requests are remembered: half a minute's worth at 500 questions a second.
const recentMax = 1 << 14

// number is a request without its address, to tell a foreign answer from an unknown one.
type number struct {
	kind       Kind
	identifier uint16
}

// recent remembers how the latest requests ended, the oldest making room for the newest.
type recent struct {
	outcomes map[Key]Outcome
	order    []Key // ring of the keys in outcomes
	next     int   // where the next key goes in order, once it is full
	numbers  map[number]int
}

func newRecent() recent {
	return recent{outcomes: make(map[Key]Outcome), numbers: make(map[number]int)}
}

func (r *recent) pending(key Key) { r.numbers[number{key.Kind, key.Identifier}]++ }

func (r *recent) ended(key Key, end Outcome) {
	n := number{key.Kind, key.Identifier}
	if r.numbers[n]--; r.numbers[n] == 0 {
		delete(r.numbers, n)
	}
	if _, known := r.outcomes[key]; !known {
		r.remember(key)
	}
	r.outcomes[key] = end
}

func (r *recent) remember(key Key) {
	if len(r.order) < recentMax {
		r.order = append(r.order, key)
		return
	}
	delete(r.outcomes, r.order[r.next])
	r.order[r.next] = key
	r.next = (r.next + 1) % recentMax
}

// Outcome tells why an answer with this key found nothing, so that late, foreign and double answers can be counted
// apart. It is best effort: only the latest 16,384 ended requests are remembered.
func (c *RequestCache) Outcome(key Key) Outcome {
	if c.Has(key) {
		return Pending
	}
	if end, ok := c.recent.outcomes[key]; ok {
		return end
	}
	if c.recent.numbers[number{key.Kind, key.Identifier}] > 0 {
		return Foreign
	}
	return Unknown
}
