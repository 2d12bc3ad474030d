package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

// A plan is what a run measures, and how.
type plan struct {
	kinds   []kind
	senders []int // of the comparisons with py-ipv8
	known   []int // peers of ours alone, rising
	// active is how many of the known peers send, spread evenly over all. It is
	// more than the keys that the node can keep expanded, so that no row gains by
	// asking with few.
	active int
	rounds int
	ours   schedule
	theirs schedule
}

// A comparison is one row: both nodes under the same load.
type comparison struct {
	kind         kind
	senders      int
	ours, theirs []sample
}

// A growth is one row of ours alone.
type growth struct {
	kind    kind
	known   int
	senders int
	samples []sample
}

// A memory is how much the process takes with a number of known peers.
type memory struct {
	known         int
	before, after int64 // bytes resident
}

// perPeer is the bytes that each known peer costs.
func (m memory) perPeer() float64 { return float64(m.after-m.before) / float64(m.known) }

// results are all rows of a run.
type results struct {
	comparisons []comparison
	growths     []growth
	memories    []memory
	pyipv8      string // versions, as the node tells them
	python      string
}

// A bench carries out a plan.
type bench struct {
	plan
	root     string // of the repository
	exe      string // the program
	terminal *terminal
	results
}

// run measures everything. With an error, what was measured before it stays.
func (b *bench) run(ctx context.Context) error {
	for _, n := range b.senders {
		if err := b.compare(ctx, n); err != nil {
			return fmt.Errorf("%d senders: %w", n, err)
		}
	}
	if len(b.known) == 0 {
		return nil
	}
	if err := b.grow(ctx); err != nil {
		return fmt.Errorf("known peers: %w", err)
	}
	return nil
}

// compare starts both nodes, makes the senders known to both, and measures them
// in turn: the one that is not measured waits and takes no processor time.
func (b *bench) compare(ctx context.Context, n int) error {
	theirs, err := startTheirs(ctx, b.root)
	if err != nil {
		return err
	}
	defer theirs.Stop()
	b.pyipv8, b.python = theirs.version, theirs.python
	ours, err := startOurs(ctx, b.exe)
	if err != nil {
		return err
	}
	defer ours.Stop()
	for _, node := range []node{theirs, ours} {
		if err := b.meet(ctx, node, 0, n); err != nil {
			return err
		}
	}
	for _, k := range b.kinds {
		row := comparison{kind: k, senders: n}
		if row.theirs, row.ours, err = b.inTurn(ctx, theirs, ours, k, n); err != nil {
			return err
		}
		b.comparisons = append(b.comparisons, row)
	}
	return nil
}

// inTurn measures one kind of request, a round of theirs before each of ours.
func (b *bench) inTurn(ctx context.Context, theirs, ours node, k kind, n int) (t, o []sample, err error) {
	senders := spreadSenders(n, n)
	theirLoad, err := newLoad(theirs.Player(), theirs.Address(), k, pyWindow, senders)
	if err != nil {
		return nil, nil, err
	}
	ourLoad, err := newLoad(ours.Player(), ours.Address(), k, ourWindow(k), senders)
	if err != nil {
		return nil, nil, err
	}
	for range b.rounds {
		s, err := b.measure(ctx, theirs, theirLoad, b.theirs)
		if err != nil {
			return nil, nil, err
		}
		t = append(t, s)
		if s, err = b.measure(ctx, ours, ourLoad, b.ours); err != nil {
			return nil, nil, err
		}
		o = append(o, s)
	}
	return t, o, nil
}

func (b *bench) measure(ctx context.Context, n node, l *load, s schedule) (sample, error) {
	m, err := measure(ctx, l, n.PID(), s)
	if err != nil {
		return m, fmt.Errorf("%s, %v: %w", n.Name(), l.kind, err)
	}
	b.terminal.say("%s, %d senders, %v: %.0f answers/s, %.1f µs each, %d lost",
		n.Name(), len(l.senders), l.kind, m.rate(), m.cost(), m.lost)
	return m, nil
}

// grow has one node of ours know more and more peers.
func (b *bench) grow(ctx context.Context) error {
	ours, err := startOurs(ctx, b.exe)
	if err != nil {
		return err
	}
	defer ours.Stop()
	before, err := residentMemory(ours.PID())
	if err != nil {
		return err
	}
	met := 0
	for _, known := range b.known {
		if err := b.meet(ctx, ours, met, known); err != nil {
			return err
		}
		met = known
		after, err := residentMemory(ours.PID())
		if err != nil {
			return err
		}
		b.memories = append(b.memories, memory{known, before, after})
		if err := b.measureKnown(ctx, ours, known); err != nil {
			return err
		}
	}
	return nil
}

// measureKnown measures every kind with some of the known peers as senders.
func (b *bench) measureKnown(ctx context.Context, n node, known int) error {
	senders := spreadSenders(known, min(known, b.active))
	for _, k := range b.kinds {
		l, err := newLoad(n.Player(), n.Address(), k, ourWindow(k), senders)
		if err != nil {
			return err
		}
		row := growth{kind: k, known: known, senders: len(senders)}
		for range b.rounds {
			s, err := b.measure(ctx, n, l, b.ours)
			if err != nil {
				return err
			}
			row.samples = append(row.samples, s)
		}
		b.growths = append(b.growths, row)
	}
	return nil
}

// meet makes the senders up to n known to a node that knows the first of them,
// and tells how long it took.
func (b *bench) meet(ctx context.Context, node node, known, n int) error {
	begin := time.Now()
	if err := meet(ctx, node, known, n, b.terminal.bar(node.Name()+" meets its peers", n)); err != nil {
		return fmt.Errorf("%s: %w", node.Name(), err)
	}
	b.terminal.say("%s met %s peers in %.1f s", node.Name(), thousands(n-known), time.Since(begin).Seconds())
	return nil
}

// spreadSenders are n of the first known senders, evenly spread and in random
// order, so that nothing is found in a cache because its neighbour was there.
func spreadSenders(known, n int) []int {
	senders := make([]int, n)
	for i := range senders {
		senders[i] = int(int64(i) * int64(known) / int64(n))
	}
	rand.New(rand.NewPCG(1, 2)).Shuffle(n, func(i, j int) { senders[i], senders[j] = senders[j], senders[i] })
	return senders
}
