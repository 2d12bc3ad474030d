// Package requestcache remembers what we have asked and until when an answer counts.
//
// A [RequestCache] holds one entry per question (kind, address, identifier). An answer takes its entry out with
// [RequestCache.Pop]; what is still there at its deadline is reported by [RequestCache.Advance]. That is py-ipv8's
// ipv8/requestcache.py without its tasks: one deadline for all entries instead of one timer each. Unlike py-ipv8, which looks
// a ping up by its number alone, the address is part of the key, so a pong from elsewhere finds nothing
// (IPv8 reference, Q20), and a second request with the same key is refused instead of overwriting the first.
//
// State is owned by the engine loop: nothing here locks, starts a goroutine or reads a clock. Adding, taking out and
// expiring never scan the entries.
//
// Left out: sending, choosing identifiers, and what an answer means; those belong to engine/community.
package requestcache
