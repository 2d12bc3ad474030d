package main

import "time"

// fullPlan is what `make bench` measures, apart from what the command line says.
var fullPlan = plan{
	active: 20_000,
	ours:   schedule{warm: time.Second, measure: 3 * time.Second, most: 10 * time.Second},
	theirs: schedule{warm: time.Second, measure: 3 * time.Second, answers: 200, most: 15 * time.Second},
}

// pyWindow is how many requests are under way to py-ipv8. It answers one after
// the other, so more would only wait longer.
const pyWindow = 32

// ourWindow is how many are under way to ours: enough for it to take packets in
// batches, and not so many that a queue overflows. Pings wait for no signature.
func ourWindow(k kind) int {
	if k == ping {
		return 256
	}
	return 64
}

// quick is a plan for seeing that everything works.
func (p plan) quick() plan {
	p.senders, p.known, p.rounds = []int{200}, []int{20_000}, 1
	p.ours.measure, p.theirs.measure = time.Second, time.Second
	return p
}
