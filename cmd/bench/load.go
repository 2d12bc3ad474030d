package main

import (
	"context"
	"fmt"
	"net/netip"
	"runtime"
	"sync"
	"time"

	"peerscope/engine/keyvault"
	"peerscope/engine/udp"
)

const (
	// defaultPatience is how long a node may answer nothing at all: one that scans
	// its peers takes seconds for a window's worth of requests.
	defaultPatience = 20 * time.Second
	// defaultAgain is how long askAll waits before it asks again.
	defaultAgain = 5 * time.Second
	// verifiedAnswers is how many answers of a load have their signature checked.
	verifiedAnswers = 100
)

// A load asks a node in a closed loop: as many requests as fit the window wait
// for their answers, and each answer makes room for the next one, so that no
// queue on the way can overflow. A sender has one request under way at most.
type load struct {
	player   *player
	node     netip.AddrPort
	kind     kind
	window   int
	verifier *keyvault.Verifier
	patience time.Duration
	again    time.Duration
	progress func(answers int) // of askAll

	senders  []int         // by position
	position map[int]int32 // the inverse
	requests [][]byte
	waiting  []bool
	answered []bool // ever

	out         []udp.Datagram
	outstanding int
	answers     int // so far
	verified    int // of them with the signature checked
	heard       time.Time
}

// newLoad builds the requests of all senders beforehand, on all processors.
func newLoad(p *player, node netip.AddrPort, k kind, window int, senders []int) (*load, error) {
	l := &load{
		player: p, node: node, kind: k, window: min(window, len(senders)),
		verifier: keyvault.NewVerifier(keyvault.VerifierConfig{}), patience: defaultPatience, again: defaultAgain,
		progress: func(int) {},
		senders:  senders, position: make(map[int]int32, len(senders)),
		requests: make([][]byte, len(senders)), waiting: make([]bool, len(senders)), answered: make([]bool, len(senders)),
	}
	for at, i := range senders {
		l.position[i] = int32(at)
	}
	return l, l.build()
}

func (l *load) build() error {
	workers := runtime.GOMAXPROCS(0)
	errs := make(chan error, workers)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for at := w; at < len(l.senders); at += workers {
				packet, err := request(l.kind, l.senders[at], l.player.port(), l.node)
				if err != nil {
					errs <- err
					return
				}
				l.requests[at] = packet
			}
		})
	}
	wg.Wait()
	close(errs)
	return <-errs // nil if there is none
}

// run asks with the requests that next chooses, until there are none and all are
// answered, or until done, which is asked after every read.
func (l *load) run(ctx context.Context, next func() (at int, ok bool), done func() bool) error {
	l.heard = time.Now()
	for {
		if err := l.ask(next); err != nil {
			return err
		}
		if l.outstanding == 0 || done() {
			return nil
		}
		if err := l.receive(ctx); err != nil {
			return err
		}
	}
}

// drain waits for what is outstanding, at most for a time, and returns how many
// requests were never answered. They are not waited for any more.
func (l *load) drain(ctx context.Context, most time.Duration) (lost int, err error) {
	for end := time.Now().Add(most); l.outstanding > 0 && time.Now().Before(end); {
		if err := l.receive(ctx); err != nil {
			return 0, err
		}
	}
	lost = l.outstanding
	l.outstanding = 0
	clear(l.waiting)
	return lost, nil
}

// ask fills the window.
func (l *load) ask(next func() (int, bool)) error {
	l.out = l.out[:0]
	for l.outstanding < l.window {
		at, ok := next()
		if !ok {
			break
		}
		l.waiting[at] = true
		l.outstanding++
		l.out = append(l.out, udp.Datagram{Data: l.requests[at], Addr: l.node, Local: senderAddr(l.senders[at])})
	}
	if len(l.out) == 0 {
		return nil
	}
	return l.player.write(l.out)
}

// receive takes what one read brings.
func (l *load) receive(ctx context.Context) error {
	ds, err := l.player.read()
	if err != nil {
		return err
	}
	before := l.answers
	for i := range ds {
		if ds[i].Addr == l.node {
			if err := l.take(&ds[i]); err != nil {
				return err
			}
		}
	}
	now := time.Now()
	switch {
	case l.answers > before:
		l.heard = now
	case now.Sub(l.heard) > l.patience:
		return fmt.Errorf("%v: %w", l.kind, errSilent)
	}
	return ctx.Err()
}

// take notes an answer.
func (l *load) take(d *udp.Datagram) error {
	got, err := answered(l.kind, d.Data)
	if err == errOther {
		return nil
	}
	if err != nil {
		return fmt.Errorf("answer to %v request: %w", l.kind, err)
	}
	i, ok := senderIndex(d.Local)
	at, known := l.position[i]
	if !ok || !known || !l.waiting[at] || got != identifier(i) {
		return nil // to a request of before
	}
	if l.verified < verifiedAnswers {
		if err := verifyAnswer(l.verifier, l.kind, d.Data); err != nil {
			return err
		}
		l.verified++
	}
	l.waiting[at], l.answered[at] = false, true
	l.outstanding--
	l.answers++
	return nil
}

// inTurn is a next for run that goes round the senders, leaving out those whose
// request is under way.
func (l *load) inTurn() func() (int, bool) {
	turn := 0
	return func() (int, bool) {
		for range l.requests {
			at := turn
			turn = (turn + 1) % len(l.requests)
			if !l.waiting[at] {
				return at, true
			}
		}
		return 0, false
	}
}

// once is a next for run that gives every sender one turn that was not answered yet.
func (l *load) once() func() (int, bool) {
	turn := 0
	return func() (int, bool) {
		for turn < len(l.requests) && l.answered[turn] {
			turn++
		}
		turn++
		return turn - 1, turn <= len(l.requests)
	}
}

// askTries is how often askAll asks those that were not answered.
const askTries = 10

// askAll has every sender ask until it is answered once.
func (l *load) askAll(ctx context.Context) error {
	for range askTries {
		stuck := func() bool {
			l.progress(l.answers)
			return time.Since(l.heard) > l.again
		}
		if err := l.run(ctx, l.once(), stuck); err != nil {
			return err
		}
		if _, err := l.drain(ctx, 0); err != nil {
			return err
		}
		if l.answers >= len(l.requests) {
			return nil
		}
	}
	return fmt.Errorf("%d of %d %v requests were not answered", len(l.requests)-l.answers, len(l.requests), l.kind)
}
