// Package bootstrap keeps track of the servers (trackers) that introduce a new node to the first peers: which to ask
// when, which names to resolve, and who answered.
//
// [DispersyBootstrapper] is py-ipv8's ipv8/bootstrapping/dispersy/bootstrapper.py as pure state (IPv8 reference, 11.1):
// it sends and resolves nothing. The engine loop owns it, asks it what is due, walks there, has names resolved outside
// the loop, and reports back. Nothing here locks, starts a goroutine or reads a clock, and the number of servers is
// bounded.
//
// No server is built in: a zero Config knows none. [TriblerNetwork] is the public list, for those who ask for it by name.
// [BroadcastBootstrapper] knows the bytes of the broadcast beacon and cannot send them.
//
// Left out: that the servers' addresses must be blacklisted in the network, which is for whoever owns that; see
// [DispersyBootstrapper.Addresses] and the result of [DispersyBootstrapper.Resolved].
package bootstrap
