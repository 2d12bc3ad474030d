package main

import (
	"context"
	"time"
)

// A sample is one measurement of a load.
type sample struct {
	answers   int
	elapsed   time.Duration
	processor time.Duration // of the node, in user mode and in the kernel
	lost      int           // requests that were never answered
}

// rate is the answers per second.
func (s sample) rate() float64 { return float64(s.answers) / s.elapsed.Seconds() }

// cost is the node's processor time per answer in microseconds.
func (s sample) cost() float64 {
	return float64(s.processor) / float64(time.Microsecond) / float64(s.answers)
}

// A schedule says how long to measure.
type schedule struct {
	warm, measure time.Duration
	// answers are needed too: a slow node is measured for longer, up to most.
	answers int
	most    time.Duration
}

// enough tells whether a measurement may end.
func (s schedule) enough(answers int, elapsed time.Duration) bool {
	return elapsed >= s.measure && answers >= s.answers || elapsed >= s.most
}

// drainTime is how long the last requests of a measurement may take to be answered.
const drainTime = 5 * time.Second

// measure asks a node without a pause, first to warm it up, and then on the
// clock. The two readings of the clocks fall into the same state of the loop, a
// full window, so that what is under way at either end cancels out.
func measure(ctx context.Context, l *load, pid int, s schedule) (sample, error) {
	next, begin := l.inTurn(), time.Now()
	if err := l.run(ctx, next, func() bool { return time.Since(begin) >= s.warm }); err != nil {
		return sample{}, err
	}
	answers, begin := l.answers, time.Now()
	before, err := processorTime(pid)
	if err != nil {
		return sample{}, err
	}
	if err := l.run(ctx, next, func() bool { return s.enough(l.answers-answers, time.Since(begin)) }); err != nil {
		return sample{}, err
	}
	after, err := processorTime(pid)
	if err != nil {
		return sample{}, err
	}
	m := sample{answers: l.answers - answers, elapsed: time.Since(begin), processor: after - before}
	m.lost, err = l.drain(ctx, min(drainTime, l.patience/2))
	return m, err
}
