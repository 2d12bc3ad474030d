//go:build !portable

package udp

import (
	"fmt"
	"net/netip"
	"syscall"

	"golang.org/x/sys/unix"
)

// platform is what the Linux path adds to a [Conn].
type platform struct {
	raw   syscall.RawConn
	in    readBatch
	out   writeBatch
	drops dropCount
}

// setOptions prepares the descriptor before it is bound, so that no datagram arrives
// without them. Only a wildcard socket has to learn which address each datagram was
// sent to; it costs a control message per datagram.
func setOptions(fd int, ipv6 bool, addr netip.Addr) error {
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1); err != nil {
		return fmt.Errorf("SO_TIMESTAMPNS: %w", err)
	}
	if ipv6 {
		if err := unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, 1); err != nil {
			return fmt.Errorf("IPV6_V6ONLY: %w", err)
		}
	}
	if !addr.IsUnspecified() {
		return nil
	}
	level, option := unix.IPPROTO_IP, unix.IP_PKTINFO
	if ipv6 {
		level, option = unix.IPPROTO_IPV6, unix.IPV6_RECVPKTINFO
	}
	if err := unix.SetsockoptInt(fd, level, option, 1); err != nil {
		return fmt.Errorf("packet info: %w", err)
	}
	return nil
}

// bindToDevice ties the socket to one network interface, unless device is empty. A bound
// address does not: a wildcard socket has none, and the routes decide for the others.
func bindToDevice(fd int, device string) error {
	if device == "" {
		return nil
	}
	if err := unix.BindToDevice(fd, device); err != nil {
		return fmt.Errorf("bind to device %s: %w", device, err)
	}
	return nil
}

// initPlatform builds the batches once, so that reading and writing allocate nothing.
func (c *Conn) initPlatform() error {
	raw, err := c.udp.SyscallConn()
	if err != nil {
		return err
	}
	c.raw = raw
	c.in.init()
	c.out.init(c.ipv6, c.local.Addr().IsUnspecified())
	return nil
}

// ReceiveBuffer returns the receive buffer that the kernel granted, in bytes. Linux
// books twice what was asked for, to cover its own overhead.
func (c *Conn) ReceiveBuffer() int {
	size := 0
	err := control(c.raw, func(fd int) (err error) {
		size, err = unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF)
		return err
	})
	if err != nil {
		return 0
	}
	return size
}

// Close closes the socket. Blocked reads and writes return [net.ErrClosed].
func (c *Conn) Close() error {
	c.KernelDrops() // the last chance to ask
	return c.udp.Close()
}
