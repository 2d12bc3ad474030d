package strategy

import (
	"cmp"
	"maps"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"peerscope/engine/internal/vectors"
)

// walkOverlay is a community with a list of walkable addresses.
type walkOverlay struct {
	walkable []netip.AddrPort
	verified map[netip.AddrPort]bool
	spent    bool // no budget

	walked        []netip.AddrPort
	forgotten     []netip.AddrPort
	introductions int
}

func (o *walkOverlay) Walkable(rng *rand.Rand, skip func(netip.AddrPort) bool) (netip.AddrPort, bool) {
	free := slices.DeleteFunc(slices.Clone(o.walkable), skip)
	if len(free) == 0 {
		return netip.AddrPort{}, false
	}
	return free[rng.IntN(len(free))], true
}

func (o *walkOverlay) WalkTo(_ time.Time, address netip.AddrPort) bool {
	if !o.spent {
		o.walked = append(o.walked, address)
	}
	return !o.spent
}

func (o *walkOverlay) NewIntroduction(time.Time)            { o.introductions++ }
func (o *walkOverlay) Verified(address netip.AddrPort) bool { return o.verified[address] }
func (o *walkOverlay) Forget(address netip.AddrPort)        { o.forgotten = append(o.forgotten, address) }

// action is what one step did, in the words of the vectors.
func (o *walkOverlay) action() string {
	switch {
	case len(o.walked) == 1 && o.introductions == 0:
		return "walk"
	case len(o.walked) == 0 && o.introductions == 1:
		return "introduction"
	case len(o.walked) == 0 && o.introductions == 0:
		return "none"
	}
	return "several"
}

func TestRandomWalkVectors(t *testing.T) {
	for _, v := range vectors.ByKind(t, "walk-step") {
		t.Run(v.Name, func(t *testing.T) { walkVector(t, &v) })
	}
}

func walkVector(t *testing.T, v *vectors.Vector) {
	var walkable, verified []netip.AddrPort
	var waiting map[netip.AddrPort]float64
	var init struct {
		ResetChance    *int     `json:"reset_chance"`
		WindowSize     *int     `json:"window_size"`
		TargetInterval *float64 `json:"target_interval"`
	}
	var expect struct {
		Action       string           `json:"action"`
		WaitingAfter int              `json:"waiting_after"`
		Forgotten    []netip.AddrPort `json:"forgotten"`
	}
	v.Decode(t, v.Walkable, &walkable)
	v.Decode(t, v.Verified, &verified)
	v.Decode(t, v.Waiting, &waiting)
	v.Decode(t, v.Init, &init)
	v.Decode(t, v.Expect, &expect)

	config := WalkConfig{Byte: func() byte { return byte(v.RandomByte) }}
	if init.ResetChance != nil {
		config.ResetChance = cmp.Or(*init.ResetChance, -1)
	}
	if init.WindowSize != nil {
		config.WindowSize = cmp.Or(*init.WindowSize, -1)
	}
	if init.TargetInterval != nil {
		config.TargetInterval = seconds(*init.TargetInterval)
	}
	overlay := &walkOverlay{walkable: walkable, verified: map[netip.AddrPort]bool{}}
	for _, address := range verified {
		overlay.verified[address] = true
	}
	w := NewRandomWalk(overlay, newRand(), config)
	oldestFirst := func(a, b netip.AddrPort) int { return cmp.Compare(waiting[b], waiting[a]) }
	for _, address := range slices.SortedFunc(maps.Keys(waiting), oldestFirst) {
		w.waiting.set(address, start.Add(-seconds(waiting[address])))
	}
	if v.SinceLastStep != nil {
		w.stepped, w.lastStep = true, start.Add(-seconds(*v.SinceLastStep))
	}

	w.TakeStep(start)
	if got := overlay.action(); got != expect.Action {
		t.Errorf("action %q, want %q", got, expect.Action)
	}
	if got := w.Waiting(); got != expect.WaitingAfter {
		t.Errorf("%d waiting, want %d", got, expect.WaitingAfter)
	}
	for _, address := range overlay.walked {
		if _, before := waiting[address]; before || !slices.Contains(walkable, address) || !w.waiting.has(address) {
			t.Errorf("walked to %v, want a walkable address that was not waiting and is now", address)
		}
	}
	slices.SortFunc(overlay.forgotten, netip.AddrPort.Compare)
	slices.SortFunc(expect.Forgotten, netip.AddrPort.Compare)
	addresses(t, overlay.forgotten, expect.Forgotten...)
}

func TestRandomWalkWindowLimitsRate(t *testing.T) {
	overlay := &walkOverlay{}
	for n := range 2000 {
		overlay.walkable = append(overlay.walkable, address(n))
	}
	const perMinute = 600
	w := NewRandomWalk(overlay, newRand(), WalkConfig{WindowSize: WindowFor(perMinute, WalkTimeout)})
	for now := start; now.Before(at(60)); now = now.Add(20 * time.Millisecond) {
		w.TakeStep(now)
		if w.Waiting() > 30 {
			t.Fatalf("%d walks under way, want at most 30", w.Waiting())
		}
	}
	// One window more than the rate can start at the end, and steps are a little late.
	if got := len(overlay.walked); got > perMinute+30 || got < perMinute*9/10 {
		t.Errorf("walked to %d addresses in a minute, want about %d", got, perMinute)
	}
	seen := map[netip.AddrPort]time.Time{}
	for _, address := range overlay.walked[:30] {
		if _, twice := seen[address]; twice {
			t.Errorf("walked to %v twice within a window", address)
		}
		seen[address] = start
	}
}

func TestRandomWalkResetChance(t *testing.T) {
	overlay := &walkOverlay{walkable: []netip.AddrPort{address(1)}}
	w := NewRandomWalk(overlay, newRand(), WalkConfig{})
	const steps = 20_000
	for n := range steps {
		w.TakeStep(at(float64(n) * 4)) // every walk is over before the next step
	}
	// 50 of 256 is 3906; five standard deviations are 280.
	if got := overlay.introductions; got < 3600 || got > 4200 {
		t.Errorf("%d of %d steps asked for an introduction, want about 3906", got, steps)
	}
	if got := len(overlay.walked) + overlay.introductions; got != steps {
		t.Errorf("%d actions in %d steps", got, steps)
	}
}

func TestRandomWalkWithoutBudget(t *testing.T) {
	overlay := &walkOverlay{walkable: []netip.AddrPort{address(1)}, spent: true}
	config := WalkConfig{TargetInterval: time.Minute, Byte: func() byte { return 255 }}
	w := NewRandomWalk(overlay, newRand(), config)
	w.TakeStep(at(0))
	if w.Waiting() != 0 || overlay.introductions != 0 {
		t.Fatalf("%d waiting, %d introductions after a refused walk, want none", w.Waiting(), overlay.introductions)
	}
	overlay.spent = false
	w.TakeStep(at(1)) // the refused step does not count for the interval
	addresses(t, overlay.walked, address(1))
	if w.TakeStep(at(50)); len(overlay.walked) != 1 {
		t.Errorf("walked %d times within the target interval, want once", len(overlay.walked))
	}
	addresses(t, overlay.forgotten, address(1))
}

func TestWindowFor(t *testing.T) {
	for _, test := range []struct {
		perMinute int
		timeout   time.Duration
		want      int
	}{
		{600, 3 * time.Second, 30}, {100, 3 * time.Second, 5}, {1, 3 * time.Second, 1}, {0, 3 * time.Second, 1},
		{1 << 30, time.Minute, 1 << 20},
	} {
		if got := WindowFor(test.perMinute, test.timeout); got != test.want {
			t.Errorf("WindowFor(%d, %v) = %d, want %d", test.perMinute, test.timeout, got, test.want)
		}
	}
	if w := NewRandomWalk(&walkOverlay{}, newRand(), WalkConfig{WindowSize: 1 << 30}); w.config.WindowSize != maxWalks {
		t.Errorf("a window of %d is allowed, want at most %d", w.config.WindowSize, maxWalks)
	}
}

func TestRandomWalkBoundaries(t *testing.T) {
	overlay := &walkOverlay{walkable: []netip.AddrPort{address(1)}}
	config := WalkConfig{WindowSize: 1, Byte: func() byte { return 255 }}
	w := NewRandomWalk(overlay, newRand(), config)
	w.TakeStep(at(0))
	if w.TakeStep(at(3)); w.Waiting() != 1 || len(overlay.forgotten) != 0 {
		t.Error("a walk is given up at exactly the timeout, want it after")
	}
	w.TakeStep(at(3).Add(1))
	addresses(t, overlay.forgotten, address(1))

	overlay = &walkOverlay{}
	w = NewRandomWalk(overlay, newRand(), WalkConfig{TargetInterval: 5 * time.Second})
	w.TakeStep(at(0))
	if w.TakeStep(at(5)); overlay.introductions != 1 {
		t.Errorf("%d steps at exactly the target interval, want 1", overlay.introductions)
	}
	if w.TakeStep(at(5).Add(1)); overlay.introductions != 2 {
		t.Errorf("%d steps after the target interval, want 2", overlay.introductions)
	}
}
