//go:build !portable

package udp

import (
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The layout of SO_MEMINFO (linux/sock_diag.h): nine 32-bit words, the last of which
// counts the datagrams that did not fit into the receive buffer.
const (
	meminfoWords = 9
	meminfoDrops = 8
)

// dropCount widens the kernel's 32-bit drop counter.
type dropCount struct {
	mu    sync.Mutex
	last  uint32
	total uint64
}

// update takes a new reading of the kernel's counter, which wraps.
func (d *dropCount) update(kernel uint32) uint64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.total += uint64(kernel - d.last)
	d.last = kernel
	return d.total
}

// value returns the count at the last reading.
func (d *dropCount) value() uint64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.total
}

// KernelDrops returns how many datagrams the kernel dropped because the receive buffer
// was full (or their checksum wrong). It asks the socket (SO_MEMINFO, one system call): SO_RXQ_OVFL carries the
// same counter, but tells of a drop only with the next datagram that arrives, and
// costs a control message on every one of them. After Close it is the last count.
func (c *Conn) KernelDrops() uint64 {
	var info [meminfoWords]uint32
	err := control(c.raw, func(fd int) error {
		size := uint32(unsafe.Sizeof(info))
		_, _, errno := unix.Syscall6(unix.SYS_GETSOCKOPT, uintptr(fd), unix.SOL_SOCKET, unix.SO_MEMINFO,
			uintptr(unsafe.Pointer(&info)), uintptr(unsafe.Pointer(&size)), 0)
		if errno != 0 {
			return errno
		}
		return nil
	})
	if err != nil {
		return c.drops.value()
	}
	return c.drops.update(info[meminfoDrops])
}
