package udp

import (
	"net/netip"
	"time"
)

// BatchSize is how many datagrams one system call moves at most, and thus the most that
// [Conn.ReadBatch] returns. 64 cost no less per datagram, and the last of 32 leaves some
// 60 µs after its [Datagram.At] already.
const BatchSize = 32

// Datagram is one UDP payload with its addresses and time, for reading and writing.
type Datagram struct {
	// Data is the payload. A read uses the whole capacity of the buffer it is given
	// and reslices it; the capacity stays, so the same slice serves the next read.
	Data []byte
	// Addr is the other end: where a read datagram came from, where a written one goes.
	// It is never an IPv4-mapped IPv6 address after a read.
	Addr netip.AddrPort
	// Local is our own address: the one a read datagram was sent to, which an answer
	// must come from on a host with several addresses (127.0.0.2 as well as 127.0.0.1).
	// For a write the zero Addr leaves the choice to the kernel. A socket that is bound
	// to one address reports that one and ignores Local when writing.
	Local netip.Addr
	// At is when the datagram arrived or left, with a monotonic reading: after a read the
	// kernel's time of arrival where there is one, after a write the moment just before
	// the system call that sent it.
	At time.Time
}
