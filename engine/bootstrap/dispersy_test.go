package bootstrap

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"
)

var start = time.Date(2026, 11, 22, 15, 0, 0, 0, time.UTC)

func at(seconds float64) time.Time { return start.Add(time.Duration(seconds * float64(time.Second))) }

// The servers of the tests: data, contacted by nobody.
var (
	one   = netip.MustParseAddrPort("127.0.0.1:6421")
	two   = netip.MustParseAddrPort("127.0.0.2:6422")
	three = netip.MustParseAddrPort("127.0.0.3:6423")
	six   = netip.MustParseAddrPort("[::1]:6423")
	named = Endpoint{"tracker.invalid", 6423}
)

// round is a bootstrapper with the verbs of whoever drives it; its hooks are written down.
type round struct {
	*DispersyBootstrapper
	t      *testing.T
	events []string
}

func newRound(t *testing.T, config Config, endpoints ...string) *round {
	t.Helper()
	r := &round{t: t}
	for _, s := range endpoints {
		e, err := ParseEndpoint(s)
		if err != nil {
			t.Fatal(err)
		}
		config.Endpoints = append(config.Endpoints, e)
	}
	note := func(what string) func(time.Time, netip.AddrPort) {
		return func(now time.Time, server netip.AddrPort) {
			r.events = append(r.events, fmt.Sprintf("%s %v at %v", what, server, now.Sub(start).Seconds()))
		}
	}
	config.OnAnswered, config.OnSilent = note("answered"), note("silent")
	r.DispersyBootstrapper = NewDispersyBootstrapper(config)
	return r
}

// wantDue wants exactly these servers due and asks them all.
func (r *round) wantDue(seconds float64, wanting bool, want ...netip.AddrPort) {
	r.t.Helper()
	due := r.Due(at(seconds), wanting)
	if !slices.Equal(due, want) {
		r.t.Errorf("at %v s: due %v, want %v", seconds, due, want)
	}
	for _, addr := range due {
		r.Asked(at(seconds), addr)
	}
}

func (r *round) wantNames(seconds float64, wanting bool, want ...Endpoint) {
	r.t.Helper()
	if names := r.Names(at(seconds), wanting); !slices.Equal(names, want) {
		r.t.Errorf("at %v s: names %v, want %v", seconds, names, want)
	}
}

func (r *round) wantDeadline(seconds float64) {
	r.t.Helper()
	if got, ok := r.Deadline(); !ok || !got.Equal(at(seconds)) {
		r.t.Errorf("Deadline = %v after the start, %v; want %v s", got.Sub(start), ok, seconds)
	}
}

func (r *round) wantEvents(want ...string) {
	r.t.Helper()
	if !slices.Equal(r.events, want) {
		r.t.Errorf("events %q, want %q", r.events, want)
	}
	r.events = nil
}

func resolve(addrs ...netip.AddrPort) (out []netip.Addr) {
	for _, a := range addrs {
		out = append(out, a.Addr())
	}
	return out
}

func TestNobodyIsContactedByDefault(t *testing.T) {
	r := newRound(t, Config{})
	r.wantNames(0, true)
	r.wantDue(0, true)
	if deadline, ok := r.Deadline(); ok || len(r.Addresses()) != 0 || len(r.Status()) != 0 {
		t.Errorf("Deadline %v, %v, addresses %v; want nothing", deadline, ok, r.Addresses())
	}
}

func TestKeepAlive(t *testing.T) {
	r := newRound(t, Config{}, one.String(), two.String(), one.String())
	if deadline, ok := r.Deadline(); !ok || deadline.After(start) {
		t.Errorf("first Deadline = %v, %v; want it in the past", deadline, ok)
	}
	r.wantDue(0, true, one, two)
	r.wantDeadline(5) // for the answers
	r.Answered(at(0.1), one)
	r.Answered(at(0.2), two)
	r.wantDeadline(30)
	r.wantDue(29.999, true)
	r.wantDue(30, true, one, two) // peers are wanted: every 30 s
	r.Answered(at(30.1), one)
	r.Answered(at(30.1), two)
	r.wantDue(60, false)
	r.wantDeadline(330) // else every 5 min
	r.wantDue(329.999, false)
	r.wantDue(330, false, one, two)
	r.Answered(at(330.1), one)
	r.Answered(at(330.1), two)
	r.wantDue(350, true)
	r.wantDeadline(360) // peers are wanted again
	r.wantDue(360, true, one, two)
}

func TestTimeoutIsTheLeastKeepAlive(t *testing.T) {
	r := newRound(t, Config{KeepAlive: time.Second, IdleKeepAlive: time.Minute}, one.String())
	r.wantDue(0, true, one)
	r.wantDue(29.999, true)
	r.wantDue(30, true, one)
	r.wantDue(89.999, false)
	r.wantDue(90, false, one)
}

func TestAnsweredAndSilent(t *testing.T) {
	r := newRound(t, Config{}, one.String(), two.String())
	if r.Answered(at(0), one) {
		t.Error("an answer before the question counts")
	}
	r.wantDue(0, true, one, two)
	r.Asked(at(1), one) // in another community
	if !r.Answered(at(4.9), one) || r.Answered(at(4.95), one) {
		t.Error("want the first answer to count, and only that")
	}
	r.wantEvents("answered 127.0.0.1:6421 at 4.9")
	r.Advance(at(4.999))
	r.wantEvents()
	r.wantDeadline(5)
	r.Advance(at(5))
	r.wantEvents("silent 127.0.0.2:6422 at 5")
	r.Advance(at(20))
	r.wantEvents()
	if s := r.Status()[1]; !s.Silent || !s.Asked.Equal(at(0)) || !s.Answered.IsZero() {
		t.Errorf("status %+v, want silent and never answered", s)
	}

	if r.Answered(at(6), two) {
		t.Error("an answer after 5 s counts")
	}
	r.wantEvents()
	if s := r.Status()[1]; s.Silent || !s.Answered.Equal(at(6)) {
		t.Errorf("status %+v, want not silent after a late answer", s)
	}
	r.wantDue(31, true, one, two) // one was last asked at 1 s
	r.Advance(at(36))
	r.wantEvents("silent 127.0.0.1:6421 at 36", "silent 127.0.0.2:6422 at 36")
}

// TestSilenceCountsFromTheFirstQuestion: asking again and again does not put the verdict off.
func TestSilenceCountsFromTheFirstQuestion(t *testing.T) {
	r := newRound(t, Config{}, one.String())
	for s := range 5 {
		r.Asked(at(float64(s)), one)
	}
	r.Advance(at(5))
	r.wantEvents("silent 127.0.0.1:6421 at 5")
}

func TestStrangersAreIgnored(t *testing.T) {
	r := newRound(t, Config{}, one.String())
	r.Asked(at(0), two)
	if r.Answered(at(1), two) || r.Known(two) || !r.Known(one) {
		t.Error("an address that is no server is treated as one")
	}
	r.Advance(at(10))
	r.wantEvents()
	if got := r.Resolved(named, resolve(three), nil); got != nil || r.Known(three) {
		t.Errorf("a name that nobody asked for added %v", got)
	}
}

func TestServerThatWasNotAsked(t *testing.T) {
	r := newRound(t, Config{}, one.String())
	for _, seconds := range []float64{0, 1, 2} { // the budget is spent
		if due := r.Due(at(seconds), true); !slices.Equal(due, []netip.AddrPort{one}) {
			t.Errorf("at %v s: due %v, want %v", seconds, due, one)
		}
		if due := r.Due(at(seconds+0.5), true); due != nil {
			t.Errorf("at %v s: due %v, want it a second later", seconds+0.5, due)
		}
		r.wantDeadline(seconds + 1)
	}
}

func TestNamesAreResolvedAgain(t *testing.T) {
	r := newRound(t, Config{}, named.String(), one.String(), named.String())
	r.wantNames(0, true, named)
	r.wantNames(0, true) // under way
	r.wantDue(0, true, one)
	if added := r.Resolved(named, resolve(three, three), nil); !slices.Equal(added, []netip.AddrPort{three}) {
		t.Errorf("added %v, want %v", added, three)
	}
	r.wantDue(0.2, true, three)
	r.wantNames(29.9, true)
	r.wantNames(30, true, named)
	r.wantDue(30, true, one)
	r.wantDue(31, true) // the old address waits for the look-up

	moved := netip.MustParseAddrPort("127.0.0.4:6423")
	if added := r.Resolved(named, resolve(moved), nil); !slices.Equal(added, []netip.AddrPort{moved}) {
		t.Errorf("added %v, want %v", added, moved)
	}
	if got, want := r.Addresses(), []netip.AddrPort{one, moved}; !slices.Equal(got, want) {
		t.Errorf("addresses %v, want %v", got, want)
	}
	r.wantDue(31, true, moved)
}

func TestNameThatFails(t *testing.T) {
	r := newRound(t, Config{}, named.String())
	broken := errors.New("no such host")
	r.wantNames(0, true, named)
	r.Resolved(named, nil, broken)
	r.wantDue(0, true)
	if s := r.Status(); len(s) != 1 || s[0].Err != broken || s[0].Endpoint != named || s[0].Address.IsValid() {
		t.Errorf("status %+v, want the error and no address", s)
	}
	r.wantDeadline(30)
	r.wantNames(30, true, named)
	r.Resolved(named, resolve(three), nil)
	r.wantDue(30, true, three)

	r.wantNames(60, true, named)
	r.Resolved(named, nil, broken) // what was known before has to do
	r.wantDue(60, true, three)
	if s := r.Status(); len(s) != 1 || s[0].Err != broken || s[0].Address != three {
		t.Errorf("status %+v, want the error beside the address", s)
	}
	r.wantNames(90, true, named)
	r.Resolved(named, []netip.Addr{{}, netip.IPv4Unspecified(), netip.MustParseAddr("::1")}, nil)
	if s := r.Status(); len(s) != 1 || s[0].Err != ErrNoAddress || s[0].Address != three {
		t.Errorf("status %+v, want %v", s, ErrNoAddress)
	}
}

func TestLookUpThatGetsLost(t *testing.T) {
	r := newRound(t, Config{}, named.String())
	r.wantNames(0, true, named)
	r.Resolved(named, resolve(three), nil)
	r.wantDue(0, true, three)
	r.Advance(at(5))
	r.wantNames(30, true, named)
	r.wantDue(31, true)
	r.wantDeadline(90)
	r.wantNames(90, true, named) // a minute without a result
	r.wantDue(90, true, three)
}

func TestAddressesOfAName(t *testing.T) {
	var many []netip.Addr
	for n := range 40 {
		many = append(many, netip.AddrFrom4([4]byte{127, 0, 1, byte(n)}))
	}
	for _, test := range []struct {
		name  string
		ipv6  bool
		addrs []netip.Addr
		want  int
	}{
		{"both families, IPv4 only", false, resolve(three, six), 1},
		{"both families", true, resolve(three, six), 2},
		{"the same twice, once 4-in-6", true, []netip.Addr{three.Addr(), netip.MustParseAddr("::ffff:127.0.0.3")}, 1},
		{"unusable", true, []netip.Addr{netip.IPv6Unspecified(), netip.MustParseAddr("255.255.255.255"), three.Addr()}, 1},
		{"too many", false, many, maxAddresses},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRound(t, Config{IPv6: test.ipv6}, named.String())
			r.wantNames(0, true, named)
			if added := r.Resolved(named, test.addrs, nil); len(added) != test.want || len(r.Addresses()) != test.want {
				t.Errorf("added %v, want %d of them", added, test.want)
			}
		})
	}
}

// TestSharedAddress: two names and a literal lead to one server; it is asked once and stays while one leads there.
func TestSharedAddress(t *testing.T) {
	other := Endpoint{"other.invalid", three.Port()}
	r := newRound(t, Config{}, named.String(), other.String())
	r.wantNames(0, true, named, other)
	r.Resolved(named, resolve(three), nil)
	if added := r.Resolved(other, resolve(three), nil); added != nil {
		t.Errorf("added %v, which was known", added)
	}
	r.wantDue(0, true, three)
	if got := len(r.Status()); got != 2 {
		t.Errorf("%d status lines, want one for each name", got)
	}
	r.wantNames(30, true, named, other)
	fresh := netip.AddrPortFrom(two.Addr(), three.Port())
	r.Resolved(named, resolve(fresh), nil)
	if !r.Known(three) {
		t.Error("forgot a server that another name leads to")
	}
	r.Resolved(other, resolve(fresh), nil)
	if r.Known(three) || !r.Known(fresh) {
		t.Errorf("addresses %v, want %v", r.Addresses(), fresh)
	}
}
