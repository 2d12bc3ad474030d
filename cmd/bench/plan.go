package main

import "time"

// fullPlan is what `make bench` measures, apart from what the command line says.
var fullPlan = plan{
	active: 20_000,
	ours:   schedule{warm: time.Second, measure: 3 * time.Second, most: 10 * time.Second},
	theirs: schedule{warm: time.Second, measure: 3 * time.Second, answers: 200, most: 15 * time.Second},
	// The windows are large enough for the nodes to take packets in batches and
	// small enough that no queue of theirs overflows.
	ourWindow: 64, pyWindow: 64,
}

// quick is a plan for seeing that everything works.
func (p plan) quick() plan {
	p.senders, p.known, p.rounds = []int{200}, []int{20_000}, 1
	p.ours.measure, p.theirs.measure = time.Second, time.Second
	return p
}
