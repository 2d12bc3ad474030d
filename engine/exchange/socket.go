package exchange

import (
	"fmt"
	"maps"
	"net"
	"net/netip"
	"slices"
	"strings"

	"peerscope/engine/udp"
)

// A Socket is what a session needs of a udp.Conn.
type Socket interface {
	ReadBatch([]udp.Datagram) (int, error)
	WriteBatch([]udp.Datagram) (int, error)
	WriteErrors() map[string]uint64
	LocalAddr() netip.AddrPort
	Close() error
}

// listen opens a socket on a free port of the address that the system would
// send from: the message needs an address of ours, and 0.0.0.0 is none.
func listen(to netip.AddrPort) (Socket, error) {
	network := "udp6"
	if to.Addr().Is4() {
		network = "udp4"
	}
	route, err := net.Dial(network, to.String()) // connecting sends nothing
	if err != nil {
		return nil, fmt.Errorf("no way to %v: %w", to, err)
	}
	local := route.LocalAddr().(*net.UDPAddr).AddrPort().Addr()
	route.Close()
	return udp.Listen(network, netip.AddrPortFrom(local.Unmap(), 0), udp.Config{})
}

// send sends one datagram and returns it with the time at which it left.
func send(s Socket, to netip.AddrPort, packet []byte) (udp.Datagram, error) {
	batch := []udp.Datagram{{Data: packet, Addr: to}}
	n, err := s.WriteBatch(batch)
	if err == nil && n == 0 {
		err = fmt.Errorf("%s", strings.Join(slices.Sorted(maps.Keys(s.WriteErrors())), ", "))
	}
	if err != nil {
		return udp.Datagram{}, fmt.Errorf("send to %v: %w", to, err)
	}
	return batch[0], nil
}
