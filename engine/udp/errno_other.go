//go:build !unix

package udp

import "syscall"

// errnoName returns the system's text for an error number.
func errnoName(errno syscall.Errno) string { return errno.Error() }

// transient reports whether the next read may succeed. Systems without errno names
// wrap what they report, so only the end of the socket ends the reader.
func transient(syscall.Errno) bool { return true }
