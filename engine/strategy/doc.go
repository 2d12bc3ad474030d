// Package strategy decides when to do what an overlay can do: walk to addresses, ask for introductions, ping, compare
// communities, drop peers.
//
// [RandomWalk], [EdgeWalk], [RandomChurn] and [PeriodicSimilarity] are py-ipv8's (IPv8 reference, section 10), with its
// numbers. [PeriodicPing] is our own: an observer wants a sample of every peer at an even pace, where RandomChurn pings
// only new and silent ones.
//
// Each strategy is a struct with its own Config, whose zero value works, and TakeStep(now). It reaches the overlay
// through an interface of at most five methods, and draws from the *rand.Rand it is given, so that a run can be
// repeated. A strategy owns only what it waits for; peers and addresses belong to engine/network. Everything runs on
// the engine loop: no locks, no goroutines, no clock. Times are only compared with and subtracted from each other, so
// with monotonic ones a changed wall clock does not matter. No step looks at all peers.
//
// Left out: the loop that calls the steps, and the budgets (the overlay refuses what exceeds them).
package strategy
