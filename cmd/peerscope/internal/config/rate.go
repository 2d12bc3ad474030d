package config

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// A Rate is a number of things in a time. The zero value is no rate at all:
// everything passes (`off`).
type Rate struct {
	// Count is how many things, at least 1 unless the rate is off.
	Count int
	// Per is the time in which: a second, a minute or an hour.
	Per time.Duration
	// Burst is how many may come at once after a quiet time.
	Burst int
}

// maxRate keeps products with a rate far from overflowing.
const maxRate = 10_000_000

// rateForm is strict on purpose: `50 / sec` or `50/s burst 200` may be typing
// mistakes for something else.
var rateForm = regexp.MustCompile(`^([0-9]{1,9})/(s|min|h)(?:, burst ([0-9]{1,9}))?$`)

var rateUnits = map[string]time.Duration{"s": time.Second, "min": time.Minute, "h": time.Hour}

// ParseRate reads `500/s`, `600/min`, `10/h` or `50/s, burst 200`. Without a
// burst, all that one unit of time allows may come at once.
func ParseRate(text string) (Rate, error) {
	m := rateForm.FindStringSubmatch(text)
	if m == nil {
		return Rate{}, fmt.Errorf("want a rate such as 500/s, 600/min or \"50/s, burst 200\", not %q", text)
	}
	r := Rate{Per: rateUnits[m[2]]}
	r.Count, _ = strconv.Atoi(m[1])
	r.Burst = r.Count
	if m[3] != "" {
		r.Burst, _ = strconv.Atoi(m[3])
	}
	if r.Count < 1 || r.Count > maxRate || r.Burst < 1 || r.Burst > maxRate {
		return Rate{}, fmt.Errorf("want numbers from 1 to %d in a rate, not %q", maxRate, text)
	}
	return r, nil
}

// Off reports whether there is no limit.
func (r Rate) Off() bool { return r.Count == 0 }

// PerSecond is the rate in things a second, 0 when it is off.
func (r Rate) PerSecond() float64 {
	if r.Off() {
		return 0
	}
	return float64(r.Count) / r.Per.Seconds()
}

// parsePlainRate reads a rate that has no burst of its own.
func parsePlainRate(text string) (Rate, error) {
	r, err := ParseRate(text)
	if err == nil && r.Burst != r.Count {
		return Rate{}, errors.New("a burst cannot be set here: want a rate such as 500/s or 600/min")
	}
	return r, err
}
