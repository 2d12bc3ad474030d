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
	"peerscope/engine/keyvault"
	"peerscope/engine/wire"
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
	// messageQueue and checkQueue (of each lane) are in batches of up to readBatch
	// packets, and of one packet when they come singly: those that arrive while one
	// old-curve signature is checked must find room.
	messageQueue = 64
	checkQueue   = 128
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
	known    *acquaintances
	sampled  sampled

	// Packets between loop and kernel.
	queued, queuedSigned atomic.Int64

	// Queues.
	messages chan *messageBatch
	checks   []checkQueues
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
		known:    newAcquaintances(time.Now()),
		messages: make(chan *messageBatch, messageQueue),
		samples:  make(chan rejection, samplesQueue),
		calls:    make(chan func(time.Time)),
		prompt:   make(chan []community.Packet, sendQueue),
		toSign:   make(chan []community.Packet, sendQueue),
		stopped:  make(chan struct{}),
	}
	for range workers() {
		p.checks = append(p.checks, newCheckQueues())
	}
	return p
}

// workers is how many goroutines check signatures, and how many make them: one
// processor is left to the reader and the loop. Whoever sends more signatures than
// we can check must not keep us from reading what comes after them.
func workers() int { return max(1, runtime.GOMAXPROCS(0)-1) }

// run moves packets until ctx ends, then stops in the order of the flow: no more
// packets in, the core's last words, the queues out, the sockets.
func (p *pipeline) run(ctx context.Context) {
	var readers, checkers, writers sync.WaitGroup
	p.startCheckers(&checkers)
	p.startReaders(&readers)
	for range workers() {
		writers.Go(func() { p.write(p.toSign, &p.queuedSigned) })
	}
	writers.Go(func() { p.write(p.prompt, &p.queued) })

	p.loop(ctx)

	close(p.stopped)
	now := time.Now()
	p.core.Stop(now)
	p.flush(now)
	close(p.prompt)
	close(p.toSign)
	writers.Wait()
	for _, s := range p.sockets {
		s.Close()
	}
	readers.Wait()
	for i := range p.checks {
		p.checks[i].close()
	}
	checkers.Wait()
	close(p.messages)
	for b := range p.messages {
		p.late(b)
	}
}

// late counts messages that found the loop stopped.
func (p *pipeline) late(b *messageBatch) {
	p.counters.late.Add(uint64(len(b.messages)))
	b.free()
}

// startCheckers gives each checker verifiers over one cache, and over one budget
// for each lane: strangers must not use up what bootstrap servers need.
func (p *pipeline) startCheckers(wg *sync.WaitGroup) {
	cache := keyvault.NewKeyCache(0)
	var budgets [lanes]*keyvault.Budget
	for l := range budgets {
		budgets[l] = keyvault.NewBudget(keyvault.BudgetConfig{})
	}
	for _, queues := range p.checks {
		var decoders [lanes]community.Decoder
		for l := range decoders {
			decoders[l] = p.decoder
			decoders[l].Verifier = keyvault.NewVerifier(keyvault.VerifierConfig{Cache: cache, Budget: budgets[l]})
		}
		wg.Go(func() { p.check(queues, decoders) })
	}
}

func (p *pipeline) startReaders(wg *sync.WaitGroup) {
	for _, s := range p.sockets {
		r := &reader{
			p: p, socket: s, decoder: p.decoder, limit: sourceLimit{rate: p.rate},
			start: time.Now(), checks: make([][lanes]*checkBatch, len(p.checks)),
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
		p.flush(now)
		timer.Reset(min(max(0, next.Sub(now)), loopIdle))
	}
}

func (p *pipeline) handle(now time.Time, b *messageBatch) {
	for i := range b.messages {
		m := &b.messages[i]
		reason := p.core.Receive(now, m)
		p.counters.outcome(m.Source, m.ID, reason)
		switch {
		case reason != community.Accepted:
			p.core.Rejected(now, rejection{m.Source, reason})
		case answers(m.ID):
			p.known.met(now, m.Source, answeredFor)
		}
	}
	b.free()
}

// answers tells the messages that are accepted only when we asked for them, and
// asks those of ours that a signed message answers.
func answers(id wire.MessageID) bool {
	switch id {
	case wire.PongID, wire.IntroductionResponseID, wire.NewIntroductionResponseID, wire.SimilarityResponseID:
		return true
	}
	return false
}

func asks(id wire.MessageID) bool {
	switch id {
	case wire.IntroductionRequestID, wire.NewIntroductionRequestID, wire.SimilarityRequestID:
		return true
	}
	return false
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
