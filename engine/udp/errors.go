package udp

import (
	"errors"
	"sync/atomic"
	"syscall"
)

// ErrAddressInUse reports that another socket has the address and port that [Listen]
// was asked for.
var ErrAddressInUse = errors.New("address already in use")

// errnoCounts counts system call errors by their number. The highest errno of any
// supported system is below its size; slot 0 takes what is no errno.
type errnoCounts [256]atomic.Uint64

// add counts one error. Errors that are no errno count as "other".
func (c *errnoCounts) add(err error) {
	var errno syscall.Errno
	if !errors.As(err, &errno) || errno >= syscall.Errno(len(c)) {
		errno = 0
	}
	c[errno].Add(1)
}

// byName returns the counts that are not zero, keyed by errno name ("ENOBUFS").
func (c *errnoCounts) byName() map[string]uint64 {
	counts := make(map[string]uint64)
	for i := range c {
		n := c[i].Load()
		if n == 0 {
			continue
		}
		if i == 0 {
			counts["other"] = n
			continue
		}
		counts[errnoName(syscall.Errno(i))] = n
	}
	return counts
}
