package engine

import "time"

// clockTolerance is how far the wall clock may drift from the monotonic one
// between two looks before it counts as a leap.
const clockTolerance = 2 * time.Second

// clock notices when the wall clock leaps: somebody set it, or the machine was
// suspended (the monotonic clock stands still meanwhile). Nothing below the
// engine measures with the wall clock; but a ping that was under way when the
// machine fell asleep was not lost by the peer.
type clock struct {
	// wall reads the wall clock, for tests: nil takes it from the times observed,
	// which have a reading of either clock.
	wall           func() time.Time
	last, lastWall time.Time
}

// observe looks at the clocks; by is how far the wall clock leapt since the last
// look.
func (c *clock) observe(now time.Time) (by time.Duration, jumped bool) {
	wall := now.Round(0)
	if c.wall != nil {
		wall = c.wall()
	}
	last, lastWall := c.last, c.lastWall
	c.last, c.lastWall = now, wall
	if last.IsZero() {
		return 0, false
	}
	return leap(wall.Sub(lastWall), now.Sub(last))
}

// leap compares how much time passed on the two clocks.
func leap(wall, monotonic time.Duration) (by time.Duration, jumped bool) {
	by = wall - monotonic
	return by, by > clockTolerance || by < -clockTolerance
}
