//go:build !linux || portable

package udp

import (
	"errors"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// platform is the state of the portable path.
type platform struct {
	bound netip.Addr // the address the socket is bound to; invalid for a wildcard
}

// setOptions has nothing to set that every system knows.
func setOptions(fd int, ipv6 bool, addr netip.Addr) error { return nil }

// bindToDevice cannot be done in a way that every system knows.
func bindToDevice(fd int, device string) error {
	if device != "" {
		return errors.New("binding to a network interface needs Linux")
	}
	return nil
}

func (c *Conn) initPlatform() error {
	if addr := c.local.Addr(); !addr.IsUnspecified() {
		c.bound = addr
	}
	return nil
}

// ReadBatch blocks for one datagram and reads it into ds[0]; see the Linux version.
// Whether it was truncated is not known here: a full buffer is taken for it.
func (c *Conn) ReadBatch(ds []Datagram) (int, error) {
	if len(ds) == 0 {
		return 0, nil
	}
	d := &ds[0]
	for {
		d.Data = d.Data[:cap(d.Data)]
		n, addr, err := c.udp.ReadFromUDPAddrPort(d.Data)
		switch errno := syscall.Errno(0); {
		case err == nil && n < len(d.Data):
			d.Data, d.Addr = d.Data[:n], netip.AddrPortFrom(addr.Addr().Unmap(), addr.Port())
			d.Local, d.At = c.bound, time.Now()
			return 1, nil
		case err == nil:
			c.truncated.Add(1)
		case errors.Is(err, net.ErrClosed), !errors.As(err, &errno), !transient(errno):
			return 0, err
		default:
			c.readErrors.add(err)
		}
	}
}

// WriteBatch sends every datagram of ds; see the Linux version. Local is ignored.
func (c *Conn) WriteBatch(ds []Datagram) (int, error) {
	sent := 0
	for i := range ds {
		ds[i].At = time.Now()
		_, err := c.udp.WriteToUDPAddrPort(ds[i].Data, ds[i].Addr)
		switch {
		case err == nil:
			sent++
		case errors.Is(err, net.ErrClosed):
			return sent, err
		default:
			c.writeErrors.add(err)
		}
	}
	return sent, nil
}

// KernelDrops returns 0: what the kernel drops is not known here.
func (c *Conn) KernelDrops() uint64 { return 0 }

// ReceiveBuffer returns 0: the size that the kernel gave is not known here.
func (c *Conn) ReceiveBuffer() int { return 0 }

// Close closes the socket; blocked calls return [net.ErrClosed].
func (c *Conn) Close() error { return c.udp.Close() }
