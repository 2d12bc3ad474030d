//go:build !portable

package udp

import (
	"net/netip"
	"sync"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// writeBatch is the state of one sendmmsg, guarded like [readBatch].
type writeBatch struct {
	mu         sync.Mutex
	send       func(fd uintptr) bool
	ipv6       bool
	wildcard   bool // the source address can be chosen
	want       int
	n          int
	errno      unix.Errno
	controlLen int
	hdrs       [BatchSize]mmsghdr
	iovs       [BatchSize]unix.Iovec
	names      [BatchSize]sockaddr
	controls   [BatchSize]controlBuffer
}

// init links the headers to their buffers, for good.
func (b *writeBatch) init(ipv6, wildcard bool) {
	b.send, b.ipv6, b.wildcard = b.transmit, ipv6, wildcard
	for i := range b.hdrs {
		h := &b.hdrs[i].hdr
		h.Name = &b.names[i][0]
		h.Iov = &b.iovs[i]
		h.SetIovlen(1)
		h.Control = &b.controls[i][0]
		b.controlLen = b.controls[i].initPacketInfo(ipv6)
	}
}

// carries reports whether the socket can send to or from addr.
func (b *writeBatch) carries(addr netip.Addr) bool {
	return addr.IsValid() && addr.Is4() != b.ipv6
}

// prepare describes the leading datagrams of ds that this socket can send, at most a
// batch, and returns how many those are.
func (b *writeBatch) prepare(ds []Datagram, now time.Time) int {
	b.want = 0
	for i := range min(len(ds), BatchSize) {
		d := &ds[i]
		addr := d.Addr
		if addr.Addr().Is4In6() {
			addr = netip.AddrPortFrom(addr.Addr().Unmap(), addr.Port())
		}
		if !b.carries(addr.Addr()) || d.Local.IsValid() && !b.carries(d.Local) {
			break
		}
		h := &b.hdrs[i].hdr
		h.Namelen = b.names[i].put(addr)
		b.iovs[i].Base = unsafe.SliceData(d.Data)
		b.iovs[i].SetLen(len(d.Data))
		h.SetControllen(0)
		if b.wildcard && d.Local.IsValid() {
			b.controls[i].setSource(d.Local)
			h.SetControllen(b.controlLen)
		}
		d.At = now
		b.want++
	}
	return b.want
}

// transmit is one sendmmsg. It returns false to wait until the socket is writable. See
// [readBatch.receive] for why it is a raw system call.
func (b *writeBatch) transmit(fd uintptr) bool {
	for {
		n, _, errno := unix.RawSyscall6(unix.SYS_SENDMMSG, fd,
			uintptr(unsafe.Pointer(&b.hdrs)), uintptr(b.want), 0, 0, 0)
		switch errno {
		case unix.EINTR:
		case unix.EAGAIN:
			return false
		case 0:
			b.n, b.errno = int(n), 0
			return true
		default:
			b.n, b.errno = 0, errno
			return true
		}
	}
}

// WriteBatch sends every datagram of ds in order and returns how many the kernel took.
// A datagram that cannot be sent is counted by errno name and skipped; only Close ends
// the batch, with [net.ErrClosed]. It blocks while the send buffer is full. At of each
// datagram is set to the moment before the system call that sent or refused it.
func (c *Conn) WriteBatch(ds []Datagram) (int, error) {
	b := &c.out
	b.mu.Lock()
	defer b.mu.Unlock()
	sent := 0
	for len(ds) > 0 {
		now := time.Now()
		if b.prepare(ds, now) == 0 {
			ds[0].At = now
			c.writeErrors.add(unix.EAFNOSUPPORT)
			ds = ds[1:]
			continue
		}
		if err := c.raw.Write(b.send); err != nil {
			return sent, err
		}
		// sendmmsg stops at the first datagram that fails, and reports the failure only
		// when that is the first of the call.
		if b.errno != 0 {
			c.writeErrors.add(b.errno)
			ds = ds[1:]
			continue
		}
		sent += b.n
		ds = ds[b.n:]
	}
	return sent, nil
}
