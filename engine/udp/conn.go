package udp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync/atomic"
	"syscall"
)

// DefaultReceiveBuffer is the receive buffer that a [Conn] asks the kernel for, in
// bytes. py-ipv8 asks for 870,400; a burst of answers to a walk wants more.
const DefaultReceiveBuffer = 4 << 20

// Config adjusts a [Conn]. The zero value works.
type Config struct {
	// ReceiveBuffer is the size asked for in bytes; 0 means [DefaultReceiveBuffer].
	// The kernel caps it (net.core.rmem_max): [Conn.ReceiveBuffer] tells what it gave.
	ReceiveBuffer int
	// Device names the network interface that all datagrams must come from and go to, "lo"
	// for instance; empty means any. Only Linux can do that: elsewhere it is an error.
	Device string
}

// Conn is a UDP socket. Its methods may be called from any goroutine; concurrent
// reads take turns, and so do concurrent writes.
type Conn struct {
	udp   *net.UDPConn
	local netip.AddrPort
	ipv6  bool

	truncated   atomic.Uint64
	readErrors  errnoCounts
	writeErrors errnoCounts

	platform
}

// Listen opens a socket of network "udp4" or "udp6" bound to addr, whose family must
// match; an "udp6" socket never carries IPv4. Port 0 picks a free port. The error
// wraps [ErrAddressInUse] when the port is taken.
func Listen(network string, addr netip.AddrPort, cfg Config) (*Conn, error) {
	if err := checkFamily(network, addr.Addr()); err != nil {
		return nil, err
	}
	conn := &Conn{ipv6: network == "udp6"}
	lc := net.ListenConfig{Control: func(_, _ string, raw syscall.RawConn) error {
		return control(raw, func(fd int) error {
			return errors.Join(setOptions(fd, conn.ipv6, addr.Addr()), bindToDevice(fd, cfg.Device))
		})
	}}
	pc, err := lc.ListenPacket(context.Background(), network, addr.String())
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("listen on %v: %w", addr, ErrAddressInUse)
	}
	if err != nil {
		return nil, fmt.Errorf("listen on %v: %w", addr, err)
	}
	conn.udp = pc.(*net.UDPConn)
	if err := conn.init(cfg); err != nil {
		conn.udp.Close()
		return nil, fmt.Errorf("listen on %v: %w", addr, err)
	}
	return conn, nil
}

// checkFamily refuses an address that network cannot carry.
func checkFamily(network string, addr netip.Addr) error {
	switch {
	case network != "udp4" && network != "udp6":
		return fmt.Errorf("listen: unknown network %q", network)
	case !addr.IsValid():
		return errors.New("listen: no address")
	case network == "udp4" && !addr.Is4(), network == "udp6" && (!addr.Is6() || addr.Is4In6()):
		return fmt.Errorf("listen: %v is not an address of %s", addr, network)
	}
	return nil
}

// init finishes an open socket: buffer, own address, the platform's batch state.
func (c *Conn) init(cfg Config) error {
	size := cfg.ReceiveBuffer
	if size == 0 {
		size = DefaultReceiveBuffer
	}
	if err := c.udp.SetReadBuffer(size); err != nil {
		return err
	}
	local := c.udp.LocalAddr().(*net.UDPAddr).AddrPort()
	c.local = netip.AddrPortFrom(local.Addr().Unmap(), local.Port())
	return c.initPlatform()
}

// control runs f on the socket's descriptor and returns its error.
func control(raw syscall.RawConn, f func(fd int) error) error {
	var err error
	if cerr := raw.Control(func(fd uintptr) { err = f(int(fd)) }); cerr != nil {
		return cerr
	}
	return err
}

// LocalAddr returns the address the socket is bound to, with the port that was picked.
func (c *Conn) LocalAddr() netip.AddrPort { return c.local }

// Truncated returns how many datagrams were longer than the caller's buffer. They are
// dropped: every IPv8 signature is at the end of its packet.
func (c *Conn) Truncated() uint64 { return c.truncated.Load() }

// ReadErrors returns how many reads failed without ending the reader, by errno name.
func (c *Conn) ReadErrors() map[string]uint64 { return c.readErrors.byName() }

// WriteErrors returns how many datagrams could not be sent, by errno name.
func (c *Conn) WriteErrors() map[string]uint64 { return c.writeErrors.byName() }
