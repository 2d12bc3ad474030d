// Package engine joins an IPv8 network: it owns the sockets, the goroutines and
// the clock around the state machine of the packages below it, and reports what
// happens as numbered events.
//
// A packet passes through four stages, each connected by a bounded queue:
//
//	readers   one per socket: batches from the kernel, cheap checks, rates per source
//	checkers  decode and verify signatures; the same source always meets the same one
//	loop      owns every peer, address and pending request; decides; never waits
//	writers   sign and send
//
// Unsigned packets go from the reader straight to the loop, so that a flood of
// signatures does not delay a pong. A stage whose queue is full drops and
// counts. Each packet that the kernel handed us is counted exactly once, under
// what became of it (see [Stats]).
//
// Everything else, keeping history above all, is left to readers of
// [Engine.Events].
package engine
