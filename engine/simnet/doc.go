// Package simnet is an in-memory UDP network with latency, loss, partitions and NAT,
// for tests and for the demo.
//
// A [Net] holds hosts, a [Host] has one address and opens sockets, and a [Conn] has the
// methods of [peerscope/engine/udp.Conn]. Datagrams are copied when they are sent and
// again when they are read, so nobody ever shares a buffer, and they arrive after the
// delay of their [Link] by the clock of the process: in a testing/synctest bubble that
// is virtual time, and minutes of it cost only the work done in them.
//
// The Net owns all state behind one mutex. No goroutine outlives a call: one
// time.AfterFunc timer is set to the earliest arrival. The same seed, sockets opened in
// the same order and the same sends at the same times give the same arrivals.
//
// Left out: fragmentation, ICMP, bandwidth, broadcast, and addresses that change.
package simnet
