// Package peer holds the nouns of the engine: [Peer], [Mid], [CommunityID] and
// [Pings], with the names of the communities that everybody knows.
//
// A peer is its public key; addresses come and go. A [Peer] is owned by the
// engine loop: it is not safe for concurrent use, and other goroutines see
// copies of what they need, never the pointer. Once a peer is verified, its
// addresses change through package network only, which indexes them.
//
// The structs are small on purpose: the engine is meant to hold a million of
// them. Keys and signatures are in package keyvault, who knows whom in package
// network, and everything that is remembered over a restart in the store.
package peer
