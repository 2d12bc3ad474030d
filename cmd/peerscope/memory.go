package main

import "runtime/debug"

// garbagePercent is how much garbage may gather before it is collected, relative
// to what is in use. Go's default of 100 lets a process with a million known
// peers, which are 0.55 KiB each, grow to 1.1 KiB for each; the target is 1 KiB.
// With 60 it is 0.9 KiB, and the collector runs 1.7 times as often: with a
// million peers that takes about 1 % of a processor more at 20,000 answers a second.
const garbagePercent = 60

// limitGarbage sets the collector's pace, unless the environment does.
func limitGarbage(lookup func(string) (string, bool)) {
	if _, set := lookup("GOGC"); !set {
		debug.SetGCPercent(garbagePercent)
	}
}
