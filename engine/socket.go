package engine

import (
	"net/netip"

	"peerscope/engine/udp"
)

// A Socket is a UDP socket, a [udp.Conn] or a simulated one. Reads and writes may
// happen at the same time.
type Socket interface {
	// ReadBatch waits for at least one datagram and fills in as many as there are.
	ReadBatch([]udp.Datagram) (int, error)
	// WriteBatch sends the datagrams; those that cannot be sent are counted by
	// the socket and do not stop the others.
	WriteBatch([]udp.Datagram) (int, error)
	// LocalAddr is the bound address.
	LocalAddr() netip.AddrPort
	// KernelDrops is how many datagrams found the receive buffer full.
	KernelDrops() uint64
	// Truncated is how many datagrams were too long to be read whole.
	Truncated() uint64
	// ReadErrors and WriteErrors count failures by errno name.
	ReadErrors() map[string]uint64
	WriteErrors() map[string]uint64
	// Close ends reads and writes with net.ErrClosed.
	Close() error
}

// socketFor is the socket of an address's family, nil if there is none.
func socketFor(sockets []Socket, a netip.Addr) Socket {
	for _, s := range sockets {
		if s.LocalAddr().Addr().Is4() == a.Is4() {
			return s
		}
	}
	return nil
}

func localAddrs(sockets []Socket) []netip.AddrPort {
	out := make([]netip.AddrPort, len(sockets))
	for i, s := range sockets {
		out[i] = s.LocalAddr()
	}
	return out
}
