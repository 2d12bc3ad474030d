// Package udp owns the sockets: batched reads and writes, the time each datagram
// arrived, and counts of what the kernel dropped or refused.
//
// A [Conn] is one UDP socket of one address family (the IPv8 reference, 11.4: an
// IPv6 endpoint is a socket of its own, with V6ONLY). The caller owns every buffer:
// [Conn.ReadBatch] fills the caller's and [Conn.WriteBatch] is done with them when it
// returns. One goroutine normally reads and one writes; more are safe and take turns.
//
// On Linux a batch is one recvmmsg or sendmmsg and arrival times are the kernel's.
// Elsewhere, and on Linux with the build tag portable, a batch is one datagram and
// arrival times are those of the read.
//
// Left out: no packet is looked at, nothing is retried or queued, no name is
// resolved, ICMP errors are not asked for (an unconnected socket hears none), and no
// broadcast or multicast is ever sent.
package udp
