// Package exchange asks one address one question of the IPv8 protocol and waits
// for the answer: what `peerscope ping`, `walk` and `similarity` do.
//
// A [Question] is the request as bytes and the rule for its answer; it is pure.
// A [Session] is a socket with a goroutine that reads it: [Open] resolves the
// name and opens the socket, [Session.Ask] sends and waits, and everything on the
// way is reported as a [Step] with its time on the monotonic clock. A session is
// used by one goroutine. What arrives and is no answer is never dropped silently:
// it is reported with the reason, up to a bound, and counted beyond.
//
// An answer counts when it comes from the address that was asked, under the same
// community, with the identifier of the question, and with a good signature
// where the message has one. py-ipv8 checks less (IPv8 reference Q18, Q20).
//
// Left out: everything that a node does. Requests of others are not answered, no
// peer is remembered, and names are resolved once.
package exchange
