//go:build !portable

package udp

import (
	"os"
	"sync"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// readBatch is the state of one recvmmsg. The fields under mu belong to the goroutine
// that holds it; recv runs on that goroutine, inside RawConn.Read.
type readBatch struct {
	mu       sync.Mutex
	recv     func(fd uintptr) bool // made once: a closure per read would be an allocation
	want     int
	n        int
	errno    unix.Errno
	hdrs     [BatchSize]mmsghdr
	iovs     [BatchSize]unix.Iovec
	names    [BatchSize]sockaddr
	controls [BatchSize]controlBuffer
}

// init links the headers to their buffers, for good.
func (b *readBatch) init() {
	b.recv = b.receive
	for i := range b.hdrs {
		h := &b.hdrs[i].hdr
		h.Name = &b.names[i][0]
		h.Iov = &b.iovs[i]
		h.SetIovlen(1)
		h.Control = &b.controls[i][0]
		b.rearm(i)
	}
}

// rearm restores the lengths that the kernel overwrote.
func (b *readBatch) rearm(i int) {
	h := &b.hdrs[i].hdr
	h.Namelen = uint32(len(b.names[i]))
	h.SetControllen(len(b.controls[i]))
}

// prepare points the headers at the buffers of ds.
func (b *readBatch) prepare(ds []Datagram) {
	b.want = min(len(ds), BatchSize)
	for i := range b.want {
		data := ds[i].Data
		if cap(data) == 0 {
			panic("udp: ReadBatch needs a buffer in every Datagram")
		}
		b.iovs[i].Base = unsafe.SliceData(data)
		b.iovs[i].SetLen(cap(data))
	}
}

// receive is one recvmmsg. It returns false to wait until the socket is readable. The
// call does not block, so the scheduler is not told of it (RawSyscall6): telling it
// wakes its monitor thread, which costs more than the read when packets come singly.
func (b *readBatch) receive(fd uintptr) bool {
	for {
		n, _, errno := unix.RawSyscall6(unix.SYS_RECVMMSG, fd,
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

// ReadBatch blocks until at least one datagram has arrived and reads as many as there
// are, up to the length of ds and [BatchSize]. It returns how many of ds it
// filled, from the start: Data is resliced within its own capacity, never replaced,
// except that buffers may change places within ds. Every Data needs some capacity.
// Datagrams that do not fit are dropped and counted. The error is [net.ErrClosed] after
// Close; failures that pass by themselves are counted and reading goes on.
func (c *Conn) ReadBatch(ds []Datagram) (int, error) {
	if len(ds) == 0 {
		return 0, nil
	}
	b := &c.in
	b.mu.Lock()
	defer b.mu.Unlock()
	for {
		b.prepare(ds)
		if err := c.raw.Read(b.recv); err != nil {
			return 0, err
		}
		if b.errno != 0 {
			if !transient(b.errno) {
				return 0, os.NewSyscallError("recvmmsg", b.errno)
			}
			c.readErrors.add(b.errno)
			continue
		}
		if n := c.fill(ds, b); n > 0 {
			return n, nil
		}
	}
}

// fill moves what the kernel wrote into ds and returns how many datagrams are whole.
func (c *Conn) fill(ds []Datagram, b *readBatch) int {
	now := time.Now()
	wildcard := c.local.Addr().IsUnspecified()
	n := 0
	for i := range b.n {
		h := &b.hdrs[i].hdr
		if h.Flags&unix.MSG_TRUNC != 0 {
			c.truncated.Add(1)
			b.rearm(i)
			continue
		}
		ds[n].Data, ds[i].Data = ds[i].Data, ds[n].Data
		d := &ds[n]
		info := parseControl(b.controls[i][:h.Controllen])
		d.Data = d.Data[:b.hdrs[i].len]
		d.Addr = b.names[i].addrPort()
		d.At = now
		if !info.stamp.IsZero() {
			d.At = arrival(now, info.stamp)
		}
		d.Local = info.local
		if !wildcard {
			d.Local = c.local.Addr()
		}
		b.rearm(i)
		n++
	}
	return n
}
