package requestcache

import (
	"errors"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"
)

var start = time.Date(2026, 11, 22, 15, 0, 0, 0, time.UTC)

func at(seconds float64) time.Time {
	return start.Add(time.Duration(seconds * float64(time.Second)))
}

func address(n int) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, byte(n >> 8), byte(n)}), 7000)
}

// question is a request that notes its time-outs in a shared list.
type question struct {
	key     Key
	delay   time.Duration
	expired *[]Key
	then    func(now time.Time)
}

func (q *question) Key() Key                    { return q.key }
func (q *question) TimeoutDelay() time.Duration { return q.delay }
func (q *question) OnTimeout(now time.Time) {
	*q.expired = append(*q.expired, q.key)
	if q.then != nil {
		q.then(now)
	}
}

func mustAdd(t *testing.T, c *RequestCache, now time.Time, r Request) {
	t.Helper()
	if err := c.Add(now, r); err != nil {
		t.Fatalf("Add(%v): %v", r.Key(), err)
	}
}

func TestAnswerTakesTheRequestOut(t *testing.T) {
	var expired []Key
	c := New(0)
	q := &question{Key{KindPing, address(1), 7}, 5 * time.Second, &expired, nil}
	mustAdd(t, c, at(0), q)

	if r, ok := c.Get(q.key); !ok || r != q || !c.Has(q.key) || c.Len() != 1 {
		t.Fatalf("Get = %v, %v, Has %v, Len %d; want the request, pending", r, ok, c.Has(q.key), c.Len())
	}
	for _, other := range []Key{{KindSimilarity, address(1), 7}, {KindPing, address(2), 7}, {KindPing, address(1), 8}} {
		if r, ok := c.Pop(other); ok {
			t.Errorf("Pop(%v) = %v, want nothing", other, r)
		}
	}
	if r, ok := c.Pop(q.key); !ok || r != q {
		t.Fatalf("Pop = %v, %v; want the request", r, ok)
	}
	if r, ok := c.Pop(q.key); ok {
		t.Errorf("second Pop = %v, want nothing", r)
	}
	c.Advance(at(100))
	if len(expired) != 0 || c.Len() != 0 {
		t.Errorf("expired %v, Len %d; want nothing left", expired, c.Len())
	}
}

func TestRefusals(t *testing.T) {
	var expired []Key
	c := New(2)
	ask := func(n int) error {
		return c.Add(at(0), &question{Key{KindPing, address(n), 1}, time.Second, &expired, nil})
	}
	mustAdd(t, c, at(0), &question{Key{KindPing, address(1), 1}, time.Second, &expired, nil})
	if err := ask(1); !errors.Is(err, ErrDuplicate) {
		t.Errorf("same key: %v, want %v", err, ErrDuplicate)
	}
	if err := ask(2); err != nil {
		t.Errorf("second key: %v", err)
	}
	if err := ask(3); !errors.Is(err, ErrFull) {
		t.Errorf("third of two: %v, want %v", err, ErrFull)
	}
	c.Shutdown()
	if err := ask(3); !errors.Is(err, ErrShutdown) {
		t.Errorf("after Shutdown: %v, want %v", err, ErrShutdown)
	}
	c.Advance(at(100))
	if _, ok := c.Deadline(); ok || c.Len() != 0 || len(expired) != 0 {
		t.Errorf("after Shutdown: Deadline %v, Len %d, expired %v; want nothing", ok, c.Len(), expired)
	}
}

func TestDeadlines(t *testing.T) {
	var expired []Key
	c := New(0)
	key := func(n int) Key { return Key{KindPing, address(n), uint16(n)} }
	for _, q := range []struct {
		n     int
		delay time.Duration
	}{{1, 10 * time.Second}, {2, 5 * time.Second}, {3, 5 * time.Second}, {4, time.Second}} {
		mustAdd(t, c, at(0), &question{key(q.n), q.delay, &expired, nil})
	}
	for _, step := range []struct {
		now     float64
		expired []Key
		next    float64
	}{
		{0.999, nil, 1},
		{1, []Key{key(4)}, 5},
		{5.5, []Key{key(4), key(2), key(3)}, 10},
		{60, []Key{key(4), key(2), key(3), key(1)}, -1},
	} {
		c.Advance(at(step.now))
		if !slices.Equal(expired, step.expired) {
			t.Errorf("at %v s: expired %v, want %v", step.now, expired, step.expired)
		}
		deadline, ok := c.Deadline()
		if ok != (step.next >= 0) || ok && !deadline.Equal(at(step.next)) {
			t.Errorf("at %v s: Deadline = %v, %v; want %v s", step.now, deadline, ok, step.next)
		}
	}
}

func TestTimeoutMayUseTheCache(t *testing.T) {
	var expired []Key
	c := New(0)
	first, second := Key{KindPing, address(1), 1}, Key{KindPing, address(2), 1}
	mustAdd(t, c, at(0), &question{second, 2 * time.Second, &expired, nil})
	mustAdd(t, c, at(0), &question{first, time.Second, &expired, func(now time.Time) {
		if _, ok := c.Pop(second); !ok {
			t.Error("the other request is not pending in OnTimeout")
		}
		mustAdd(t, c, now, &question{first, time.Nanosecond, &expired, nil})
	}})
	c.Advance(at(3))
	if want := []Key{first}; !slices.Equal(expired, want) || c.Len() != 1 {
		t.Errorf("expired %v with %d pending, want %v and the new request pending", expired, c.Len(), want)
	}
}

func TestOutcome(t *testing.T) {
	var expired []Key
	c := New(0)
	answered, late, pending := Key{KindPing, address(1), 1}, Key{KindPing, address(2), 2}, Key{KindPing, address(3), 3}
	for _, key := range []Key{answered, late} {
		mustAdd(t, c, at(0), &question{key, time.Second, &expired, nil})
	}
	c.Pop(answered)
	c.Advance(at(1))
	mustAdd(t, c, at(1), &question{pending, time.Second, &expired, nil})
	for _, test := range []struct {
		key  Key
		want Outcome
	}{
		{answered, Answered},
		{late, Expired},
		{pending, Pending},
		{Key{KindPing, address(4), 3}, Foreign},
		{Key{KindSimilarity, address(4), 3}, Unknown},
		{Key{KindPing, address(4), 4}, Unknown},
	} {
		if got := c.Outcome(test.key); got != test.want {
			t.Errorf("Outcome(%v) = %v, want %v", test.key, got, test.want)
		}
	}
	c.Pop(pending)
	if got := c.Outcome(Key{KindPing, address(4), 3}); got != Unknown {
		t.Errorf("foreign answer after the request ended: %v, want %v", got, Unknown)
	}
}

func TestOutcomesAreBounded(t *testing.T) {
	var expired []Key
	c := New(0)
	const extra = 100
	for n := range recentMax + extra {
		key := Key{KindPing, address(n), uint16(n)}
		mustAdd(t, c, at(0), &question{key, time.Second, &expired, nil})
		c.Pop(key)
	}
	r := &c.recent
	if len(r.outcomes) != recentMax || len(r.order) != recentMax || len(r.numbers) != 0 {
		t.Errorf("%d outcomes, %d in order, %d numbers; want %d, %d, 0",
			len(r.outcomes), len(r.order), len(r.numbers), recentMax, recentMax)
	}
	if got := c.Outcome(Key{KindPing, address(extra - 1), extra - 1}); got != Unknown {
		t.Errorf("the oldest requests are still remembered: %v", got)
	}
	if got := c.Outcome(Key{KindPing, address(extra), extra}); got != Answered {
		t.Errorf("a recent request is %v, want %v", got, Answered)
	}
}

// TestAgainstModel runs random operations against a slice that is searched and sorted.
func TestAgainstModel(t *testing.T) {
	type pending struct {
		key      Key
		deadline time.Time
	}
	rng := rand.New(rand.NewPCG(1, 2))
	c, now := New(40), start
	var model []pending
	var expired, want []Key
	for range 20_000 {
		key := Key{Kind(1 + rng.IntN(2)), address(rng.IntN(5)), uint16(rng.IntN(5))}
		i := slices.IndexFunc(model, func(p pending) bool { return p.key == key })
		switch rng.IntN(4) {
		case 0, 1:
			delay := time.Duration(1+rng.IntN(50)) * time.Millisecond
			err := c.Add(now, &question{key, delay, &expired, nil})
			if wantErr := i >= 0 || len(model) == 40; (err != nil) != wantErr {
				t.Fatalf("Add(%v) = %v, want an error: %v", key, err, wantErr)
			}
			if err == nil {
				model = append(model, pending{key, now.Add(delay)})
			}
		case 2:
			if _, ok := c.Pop(key); ok != (i >= 0) {
				t.Fatalf("Pop(%v) = %v, want %v", key, ok, i >= 0)
			}
			if i >= 0 {
				model = slices.Delete(model, i, i+1)
			}
		case 3:
			now = now.Add(time.Duration(rng.IntN(20)) * time.Millisecond)
			c.Advance(now)
			slices.SortStableFunc(model, func(a, b pending) int { return a.deadline.Compare(b.deadline) })
			for len(model) > 0 && !model[0].deadline.After(now) {
				want, model = append(want, model[0].key), model[1:]
			}
		}
		if c.Len() != len(model) || !slices.Equal(expired, want) {
			t.Fatalf("%d pending, expired %v; want %d, %v", c.Len(), expired, len(model), want)
		}
		expired, want = expired[:0], want[:0]
	}
}

func BenchmarkAddPop(b *testing.B) {
	c := New(0)
	for n := range 100_000 { // pending pings, as with 20,000 a second
		if err := c.Add(at(float64(n)/20_000), &PingRequestCache{Address: address(n), Identifier: uint16(n >> 8)}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	ping := &PingRequestCache{Address: address(1), Identifier: 65000}
	for b.Loop() {
		if err := c.Add(at(5), ping); err != nil {
			b.Fatal(err)
		}
		c.Pop(ping.Key())
	}
}
