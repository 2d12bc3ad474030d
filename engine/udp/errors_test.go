//go:build unix

package udp

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"syscall"
	"testing"
)

func TestErrnoCounts(t *testing.T) {
	var counts errnoCounts
	if got := counts.byName(); len(got) != 0 {
		t.Errorf("nothing counted: %v", got)
	}
	counts.add(syscall.ENOBUFS)
	counts.add(fmt.Errorf("write: %w", os.NewSyscallError("sendmmsg", syscall.ENOBUFS)))
	counts.add(syscall.ENETUNREACH)
	counts.add(errors.New("no errno"))
	counts.add(syscall.Errno(1 << 20))
	counts.add(syscall.Errno(250))
	want := map[string]uint64{"ENOBUFS": 2, "ENETUNREACH": 1, "other": 2, "errno 250": 1}
	if got := counts.byName(); !maps.Equal(got, want) {
		t.Errorf("byName = %v, want %v", got, want)
	}
}

func TestTransient(t *testing.T) {
	for errno, want := range map[syscall.Errno]bool{
		syscall.ECONNREFUSED: true,
		syscall.EHOSTUNREACH: true,
		syscall.ENOBUFS:      true,
		syscall.EBADF:        false,
		syscall.ENOTSOCK:     false,
		syscall.EINVAL:       false,
		syscall.EFAULT:       false,
	} {
		if got := transient(errno); got != want {
			t.Errorf("transient(%v) = %t, want %t", errno, got, want)
		}
	}
}
