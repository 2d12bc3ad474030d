// Package community holds the overlays: [Community], which every IPv8 community
// shares (introductions and punctures), and [DiscoveryCommunity], which adds
// similarity and pings. A [Host] is what the overlays of one node have in
// common: the network graph, pending requests, keys, addresses and budgets.
//
// All state belongs to one goroutine, the engine's loop: nothing here starts a
// goroutine, reads a clock or touches a socket. Every call takes the time, and
// packets leave through the Send function that the Host was given, unsigned:
// signing costs more than everything else together and is done behind the loop.
// Decoding and verifying are pure as well and run before it (see [Decoder]).
//
// Names are those of py-ipv8; docs/protocol.md maps each of its methods to the
// one here and lists where the two differ on purpose.
package community
