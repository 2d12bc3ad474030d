// Package network is the graph of who knows whom: the verified peers, the
// addresses that they introduced, and the services (communities) of every key.
// It is py-ipv8's Network (ipv8/peerdiscovery/network.py; IPv8 reference,
// section 7), shared by all overlays of a node.
//
// A [Network] is owned by the engine loop: it takes no lock, starts no
// goroutine, reads no clock. py-ipv8 answers most questions by a scan over all
// peers or all addresses; here every question is answered from an index that
// each change keeps up to date, so its cost does not depend on the number of
// peers. The exceptions say so: [Network.Snapshot], and [Network.RegisterService]
// on a network that is no longer empty.
//
// Records live in arenas and name each other by 32-bit ids, so that a million
// peers fit into memory and the garbage collector has little to follow.
//
// All that peers say is bounded by [Config]. A full table refuses what is new and
// says so; it never drops a verified peer. Addresses that nobody verified make
// room for new ones.
//
// Left out: whether an address makes sense (package community filters before it
// asks), when to ping or drop whom (package strategy), and anything about time.
// A mid stands for its key everywhere. IPv6 zones are dropped: no message
// carries one.
package network
