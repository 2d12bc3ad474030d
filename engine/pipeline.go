package engine

import (
	"context"
	"hash/maphash"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"peerscope/engine/community"
	"peerscope/engine/event"
	"peerscope/engine/keyvault"
)

// A core is the state machine inside the pipeline: a node, or a tracker. Only
// the loop calls it.
type core interface {
	// Receive handles a message and says what became of it.
	Receive(now time.Time, m *community.Message) community.Reason
	// Advance does what is due and returns when to be called next.
	Advance(now time.Time) time.Time
	// Rejected is told of some of the packets that were dropped.
	Rejected(now time.Time, r rejection)
	// ClockJumped is told that the wall clock leapt, or that the machine slept.
	ClockJumped(now time.Time, by time.Duration)
	// Stop ends everything pending.
	Stop(now time.Time)
}

const (
	// messageQueue and checkQueue are in batches of up to readBatch packets.
	messageQueue = 64
	checkQueue   = 32
	// samplesQueue bounds the dropped packets that wait to become events.
	samplesQueue = 16
	// readPause is how long a reader waits after an error that may pass.
	readPause = time.Second
	// loopIdle is the longest the loop sleeps.
	loopIdle = time.Second
)

// A pipeline moves packets between sockets and a core.
type pipeline struct {
	// Fixed.
	sockets []Socket
	decoder community.Decoder // its Verifier is made per checker
	rate    SourceRate
	log     *slog.Logger
	seed    maphash.Seed
	clock   clock

	// Shared.
	counters counters
	packets  *packetRing
	queued   atomic.Int64 // packets between loop and kernel

	// Queues.
	messages chan *messageBatch
	checks   []chan *checkBatch
	samples  chan rejection
	calls    chan func(now time.Time)
	prompt   chan []community.Packet
	toSign   chan []community.Packet
	stopped  chan struct{} // closed when the loop takes no more messages

	// The loop's.
	core core
	out  outbox
}

func newPipeline(sockets []Socket, d community.Decoder, rate SourceRate, log *slog.Logger) *pipeline {
	p := &pipeline{
		sockets: sockets, decoder: d, rate: rate, log: log, seed: maphash.MakeSeed(),
		packets:  newPacketRing(),
		messages: make(chan *messageBatch, messageQueue),
		samples:  make(chan rejection, samplesQueue),
		calls:    make(chan func(time.Time)),
		prompt:   make(chan []community.Packet, sendQueue),
		toSign:   make(chan []community.Packet, sendQueue),
		stopped:  make(chan struct{}),
	}
	for range runtime.GOMAXPROCS(0) {
		p.checks = append(p.checks, make(chan *checkBatch, checkQueue))
	}
	return p
}

// run moves packets until ctx ends, then stops in the order of the flow: no more
// packets in, the core's last words, the queues out, the sockets.
func (p *pipeline) run(ctx context.Context) {
	var readers, checkers, writers sync.WaitGroup
	p.startCheckers(&checkers)
	p.startReaders(&readers)
	for range runtime.GOMAXPROCS(0) {
		writers.Go(func() { p.write(p.toSign) })
	}
	writers.Go(func() { p.write(p.prompt) })

	p.loop(ctx)

	close(p.stopped)
	p.core.Stop(time.Now())
	p.flush()
	close(p.prompt)
	close(p.toSign)
	writers.Wait()
	for _, s := range p.sockets {
		s.Close()
	}
	readers.Wait()
	for _, c := range p.checks {
		close(c)
	}
	checkers.Wait()
}

// startCheckers gives each checker a verifier over one cache and one budget.
func (p *pipeline) startCheckers(wg *sync.WaitGroup) {
	shared := keyvault.VerifierConfig{
		Cache: keyvault.NewKeyCache(0), Budget: keyvault.NewBudget(keyvault.BudgetConfig{}),
	}
	for _, queue := range p.checks {
		d := p.decoder
		d.Verifier = keyvault.NewVerifier(shared)
		wg.Go(func() { p.check(queue, d) })
	}
}

func (p *pipeline) startReaders(wg *sync.WaitGroup) {
	for _, s := range p.sockets {
		r := &reader{
			p: p, socket: s, decoder: p.decoder, limit: sourceLimit{rate: p.rate},
			start: time.Now(), checks: make([]*checkBatch, len(p.checks)),
		}
		wg.Go(r.run)
	}
}

// loop owns the core. It has one timer, set to what the core wants next.
func (p *pipeline) loop(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case b := <-p.messages:
			p.handle(time.Now(), b)
		case f := <-p.calls:
			f(time.Now())
		case r := <-p.samples:
			p.core.Rejected(time.Now(), r)
		case <-timer.C:
		}
		now := time.Now()
		if by, jumped := p.clock.observe(now); jumped {
			p.counters.jumps.Add(1)
			p.core.ClockJumped(now, by)
		}
		next := p.core.Advance(now)
		p.flush()
		timer.Reset(min(max(0, next.Sub(now)), loopIdle))
	}
}

func (p *pipeline) handle(now time.Time, b *messageBatch) {
	for i := range b.messages {
		m := &b.messages[i]
		reason := p.core.Receive(now, m)
		p.counters.outcome(m.Source, m.ID, reason)
		if reason != community.Accepted {
			p.core.Rejected(now, rejection{m.Source, reason})
		}
	}
	b.free()
}

// call runs f on the loop and waits for it. The error is the context's, or
// [ErrStopped].
func (p *pipeline) call(ctx context.Context, f func(now time.Time)) error {
	done := make(chan struct{})
	run := func(now time.Time) {
		defer close(done)
		f(now)
	}
	select {
	case p.calls <- run:
		<-done
		return nil
	case <-p.stopped:
		return ErrStopped
	case <-ctx.Done():
		return ctx.Err()
	}
}

// pause waits a little after an error; false means that the pipeline stopped.
func (p *pipeline) pause() bool {
	timer := time.NewTimer(readPause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-p.stopped:
		return false
	}
}

// rejections turns samples of dropped packets into at most ten events in any second.
type rejections struct {
	last [rejectionsPerSecond]time.Time // when the latest events were, the oldest at next
	next int
}

const rejectionsPerSecond = 10

func (r *rejections) emit(now time.Time, s rejection, log *event.Log) {
	if now.Sub(r.last[r.next]) < time.Second {
		return
	}
	r.last[r.next] = now
	r.next = (r.next + 1) % rejectionsPerSecond
	log.Append(now, event.PacketRejected{Address: s.from, Reason: s.reason.String()})
}
