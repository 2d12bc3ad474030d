//go:build unix

package udp

import (
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// errnoName returns the name of an error number as C spells it.
func errnoName(errno syscall.Errno) string {
	if name := unix.ErrnoName(errno); name != "" {
		return name
	}
	return "errno " + strconv.Itoa(int(errno))
}

// transient reports whether a read that failed with errno says nothing about the
// socket itself, so that the next read may succeed: what ICMP and the network under
// the socket can cause. Anything else would fail again at once and ends the reader.
func transient(errno syscall.Errno) bool {
	switch errno {
	case unix.ECONNREFUSED, unix.ECONNRESET, unix.EHOSTUNREACH, unix.EHOSTDOWN,
		unix.ENETUNREACH, unix.ENETDOWN, unix.ENETRESET, unix.ENOPROTOOPT, unix.EPROTO,
		unix.EMSGSIZE, unix.EACCES, unix.EOPNOTSUPP, unix.ENOBUFS, unix.ENOMEM, unix.EINTR:
		return true
	}
	return false
}
