package bootstrap

import (
	"errors"
	"net/netip"
	"slices"
	"time"
)

// The times of a [DispersyBootstrapper].
const (
	// Timeout is the least time between two questions to a server (py-ipv8's bootstrap_timeout).
	Timeout = 30 * time.Second
	// KeepAlive is how often a server is asked while peers are wanted, and IdleKeepAlive otherwise: py-ipv8's trackers
	// forget whom they have not heard from (IPv8 reference, 11.3).
	KeepAlive     = 30 * time.Second
	IdleKeepAlive = 5 * time.Minute
	// AnswerWithin is how long a server may take to answer before it counts as silent.
	AnswerWithin = 5 * time.Second
)

const (
	offerAgain    = time.Second // a server that was due and not asked is due again
	lookupTimeout = time.Minute // a name whose look-up was not reported is looked up again
	maxAddresses  = 16          // addresses taken of one name
)

// ErrNoAddress is the error of a name that resolved to nothing we can use.
var ErrNoAddress = errors.New("bootstrap: the name has no usable address")

// Config sets up a [DispersyBootstrapper]. Zero durations mean the constants above.
type Config struct {
	// Endpoints are the servers; none means that nobody is contacted.
	Endpoints []Endpoint
	// IPv6 takes the IPv6 addresses of names as well; set it when there is an IPv6 socket.
	IPv6 bool
	// KeepAlive and IdleKeepAlive are raised to Timeout if they are shorter.
	Timeout, KeepAlive, IdleKeepAlive, AnswerWithin time.Duration
	// OnAnswered and OnSilent, if not nil, are told how a question to a server ended: once for each time it was asked.
	OnAnswered, OnSilent func(now time.Time, server netip.AddrPort)
}

// DispersyBootstrapper is the state of the bootstrap servers; make one with [NewDispersyBootstrapper].
//
// In each round the names are resolved again ([DispersyBootstrapper.Names], [DispersyBootstrapper.Resolved]), the
// servers are walked to ([DispersyBootstrapper.Due], [DispersyBootstrapper.Asked]), and their answers come in
// ([DispersyBootstrapper.Answered]) or not ([DispersyBootstrapper.Advance]).
type DispersyBootstrapper struct {
	config  Config
	names   []*name
	servers []*server // in the order they became known; few, so they are searched
	wanting bool      // what the latest Names or Due was told
}

// NewDispersyBootstrapper returns the state for the servers of config; an endpoint given twice counts once.
func NewDispersyBootstrapper(config Config) *DispersyBootstrapper {
	setDefault(&config.Timeout, Timeout)
	setDefault(&config.KeepAlive, KeepAlive)
	setDefault(&config.IdleKeepAlive, IdleKeepAlive)
	setDefault(&config.AnswerWithin, AnswerWithin)
	b := &DispersyBootstrapper{config: config, wanting: true}
	for _, e := range config.Endpoints {
		if addr, ok := e.Literal(); ok {
			b.server(addr).literal = true
		} else if b.name(e) == nil {
			b.names = append(b.names, &name{endpoint: e})
		}
	}
	return b
}

func setDefault(d *time.Duration, value time.Duration) {
	if *d <= 0 {
		*d = value
	}
}

// Due returns the servers to walk to now, literal ones first: those never asked, and those last asked a keep-alive ago,
// a short one while peers are wanted. A name's servers wait for the name to be resolved again. Tell what was sent with
// [DispersyBootstrapper.Asked]; a server that is not asked, because the budget is spent, is due again a second later.
func (b *DispersyBootstrapper) Due(now time.Time, wanting bool) []netip.AddrPort {
	b.wanting = wanting
	var due []netip.AddrPort
	for _, s := range b.servers {
		if at, ok := s.dueAt(b.interval()); ok && !at.After(now) {
			s.offered = now
			due = append(due, s.addr)
		}
	}
	return due
}

// Asked records that a server was sent an introduction request, in whichever community. Other addresses are ignored.
func (b *DispersyBootstrapper) Asked(now time.Time, addr netip.AddrPort) {
	s := b.find(addr)
	if s == nil {
		return
	}
	s.asked, s.ready = now, false
	if !s.waiting {
		s.waiting, s.since = true, now
	}
}

// Answered records that a server answered a request of ours, and reports whether it was the first answer since it was
// asked and in time, which is when OnAnswered is called.
func (b *DispersyBootstrapper) Answered(now time.Time, addr netip.AddrPort) bool {
	s := b.find(addr)
	if s == nil {
		return false
	}
	first := s.waiting
	s.answered, s.waiting, s.silent = now, false, false
	if first && b.config.OnAnswered != nil {
		b.config.OnAnswered(now, addr)
	}
	return first
}

// Advance calls OnSilent for the servers that did not answer in time.
func (b *DispersyBootstrapper) Advance(now time.Time) {
	for _, s := range b.servers {
		if !s.waiting || now.Sub(s.since) < b.config.AnswerWithin {
			continue
		}
		s.waiting, s.silent = false, true
		if b.config.OnSilent != nil {
			b.config.OnSilent(now, s.addr)
		}
	}
}

// Deadline returns when Names, Due or Advance has something to do next, if peers are wanted as much as they were at the
// last call; it is in the past (maybe the zero time) if that is so already. It returns false if there are no servers.
func (b *DispersyBootstrapper) Deadline() (time.Time, bool) {
	var times []time.Time
	for _, s := range b.servers {
		if at, ok := s.dueAt(b.interval()); ok {
			times = append(times, at)
		}
		if s.waiting {
			times = append(times, s.since.Add(b.config.AnswerWithin))
		}
	}
	for _, n := range b.names {
		times = append(times, n.dueAt(b.interval()))
	}
	if len(times) == 0 {
		return time.Time{}, false
	}
	return slices.MinFunc(times, time.Time.Compare), true
}

// interval is the time between two questions to a server at present.
func (b *DispersyBootstrapper) interval() time.Duration {
	if b.wanting {
		return max(b.config.KeepAlive, b.config.Timeout)
	}
	return max(b.config.IdleKeepAlive, b.config.Timeout)
}
