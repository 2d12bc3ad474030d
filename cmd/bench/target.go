package main

// The targets of the product, one place each.

// ratioTargets is how many times less processor time than py-ipv8 an answer may
// take, by senders.
var ratioTargets = map[int]map[kind]float64{
	200:    {ping: 5, similarity: 2.5, introduction: 5},
	10_000: {ping: 500, similarity: 150, introduction: 200},
}

const (
	// growthTarget is how many times more an answer may take with growthKnown known
	// peers than with growthBase senders that are all that is known.
	growthTarget = 1.3
	growthBase   = 200
	growthKnown  = 1_000_000
	// memoryTarget is the most bytes that a known peer may cost at memoryKnown.
	memoryTarget = 1024
	memoryKnown  = 1_000_000
)
