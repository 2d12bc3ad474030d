package udp

import "time"

// maxQueued bounds how long a datagram is believed to have waited in the kernel. A
// longer wait is a clock that was set between the arrival and the read.
const maxQueued = time.Second

// arrival returns when a datagram arrived, as a time that can be compared with other
// monotonic ones: now is the time of the read with its monotonic reading, and stamp
// the kernel's wall clock on receipt, which has none. The time since the stamp is
// taken off now. A negative wait or one above [maxQueued] comes from a clock that was
// set in between and is ignored.
func arrival(now, stamp time.Time) time.Time {
	queued := now.Sub(stamp) // by the wall clock, as only now has a monotonic reading
	if queued < 0 || queued > maxQueued {
		return now
	}
	return now.Add(-queued)
}
