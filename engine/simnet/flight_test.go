package simnet

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// TestFlightOrder compares the heap with a sorted list over random pushes and pops.
func TestFlightOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	begin := time.Now()
	var f flight
	var model []*packet
	for i := range 2000 {
		if rng.IntN(3) > 0 {
			p := f.packet(nil)
			p.at = begin.Add(time.Duration(rng.IntN(50)))
			p.socket, p.number = rng.Uint64N(3), uint64(i)
			f.push(p)
			model = append(model, p)
			continue
		}
		slices.SortFunc(model, func(p, q *packet) int {
			return cmp.Or(p.at.Compare(q.at), cmp.Compare(p.socket, q.socket), cmp.Compare(p.number, q.number))
		})
		now := begin.Add(time.Duration(rng.IntN(50)))
		var want *packet
		if len(model) > 0 && !model[0].at.After(now) {
			want, model = model[0], model[1:]
		}
		if got := f.pop(now); got != want {
			t.Fatalf("step %d: pop = %+v, want %+v", i, got, want)
		}
	}
	if len(f.heap) != len(model) {
		t.Errorf("%d left, want %d", len(f.heap), len(model))
	}
}

// TestFlightReuse gives a released packet out again with the new data only.
func TestFlightReuse(t *testing.T) {
	var f flight
	p := f.packet([]byte("a long text"))
	f.release(p)
	q := f.packet([]byte("short"))
	if p != q || string(q.data) != "short" {
		t.Errorf("got %q, reused %t", q.data, p == q)
	}
}

func TestQueue(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var q queue
	var model []*packet
	for range 2000 {
		if rng.IntN(5) < 3 {
			p := new(packet)
			q.push(p)
			model = append(model, p)
		} else if len(model) > 0 {
			if got := q.pop(); got != model[0] {
				t.Fatal("pop is not the oldest")
			}
			model = model[1:]
		}
		if q.len() != len(model) {
			t.Fatalf("len = %d, want %d", q.len(), len(model))
		}
	}
}
