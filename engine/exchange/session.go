package exchange

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"sync"
	"time"

	"peerscope/engine/keyvault"
	"peerscope/engine/udp"
	"peerscope/engine/wire"
)

// DefaultTimeout is how long an answer may take: as long as a ping is waited for
// by a node (IPv8 reference 9).
const DefaultTimeout = 5 * time.Second

// The bounds of a session.
const (
	maxIgnored = 20 // reported; more are counted
	maxEarlier = 64 // identifiers of earlier questions that are remembered
	readers    = 8  // datagrams read at a time
	maxPacket  = 1 << 16
)

// ErrTimeout is the error of a question that nobody answered.
var ErrTimeout = errors.New("no answer")

// Config is how a session works. Its zero value does.
type Config struct {
	// Timeout is how long an answer may take; 0 means DefaultTimeout.
	Timeout time.Duration
	// Report is told every step; nil for nobody.
	Report func(Step)
	// Lookup resolves a name; nil for the system's resolver.
	Lookup func(ctx context.Context, host string) ([]netip.Addr, error)
	// Listen opens the socket from which to is asked; nil for a udp.Conn on a free port.
	Listen func(to netip.AddrPort) (Socket, error)
}

// A Session asks one address questions, one at a time. Close it.
type Session struct {
	cfg      Config
	start    time.Time
	to       netip.AddrPort
	socket   Socket
	verifier *keyvault.Verifier

	arrivals chan udp.Datagram
	closing  chan struct{}
	reader   sync.WaitGroup
	readErr  error // set before arrivals is closed

	earlier []uint16
	ignored int
}

// Open resolves the target and opens a socket.
func Open(ctx context.Context, cfg Config, target Target) (*Session, error) {
	s := &Session{
		cfg: cfg.withDefaults(), start: time.Now(), verifier: keyvault.NewVerifier(keyvault.VerifierConfig{}),
		arrivals: make(chan udp.Datagram), closing: make(chan struct{}),
	}
	resolving, cancel := context.WithTimeout(ctx, s.cfg.Timeout)
	defer cancel()
	var err error
	if s.to, err = target.resolve(resolving, s.cfg.Lookup); err != nil {
		return nil, err
	}
	s.report(Step{Kind: Resolved, Address: s.to}, time.Now())
	if s.socket, err = s.cfg.Listen(s.to); err != nil {
		return nil, err
	}
	s.report(Step{Kind: Opened, Address: s.socket.LocalAddr()}, time.Now())
	s.reader.Go(s.read)
	return s, nil
}

func (c Config) withDefaults() Config {
	if c.Timeout <= 0 {
		c.Timeout = DefaultTimeout
	}
	if c.Report == nil {
		c.Report = func(Step) {}
	}
	if c.Lookup == nil {
		c.Lookup = lookup
	}
	if c.Listen == nil {
		c.Listen = listen
	}
	return c
}

// Target is the address that is asked.
func (s *Session) Target() netip.AddrPort { return s.to }

// Local is the address of our socket.
func (s *Session) Local() netip.AddrPort { return s.socket.LocalAddr() }

// Elapsed is the time since the session began.
func (s *Session) Elapsed() time.Duration { return time.Since(s.start) }

// Ignored is how many datagrams were no answers.
func (s *Session) Ignored() int { return s.ignored }

// Identifier returns a random one that no question of this session had lately.
// 0 and 65535 do not occur: kotlin-ipv8 brings 65535 back as 0 (IPv8 reference Q29).
func (s *Session) Identifier() uint16 {
	for {
		id := uint16(1 + rand.UintN(65534))
		if !slices.Contains(s.earlier, id) {
			return id
		}
	}
}

// Close closes the socket and waits for its reader.
func (s *Session) Close() error {
	close(s.closing)
	err := s.socket.Close()
	s.reader.Wait()
	return err
}

// Ask sends the question and waits for its answer. The error is [ErrTimeout] if
// there is none in time, ctx's cause if that ends, or that of the socket.
func (s *Session) Ask(ctx context.Context, q Question) (Answer, error) {
	sent, err := send(s.socket, q.To, q.Packet)
	if err != nil {
		return Answer{}, err
	}
	s.report(Step{Kind: Sent, Address: q.To, Packet: wire.Describe(q.Packet, signatureLen)}, sent.At)
	defer s.remember(q.Identifier)
	answer, err := s.wait(ctx, s.cfg.Timeout, func(d udp.Datagram) (Answer, error) {
		a, err := q.Judge(d.At, s.verifier, d.Addr, d.Data)
		a.RTT = d.At.Sub(sent.At)
		return a, err
	})
	if errors.Is(err, ErrTimeout) {
		s.report(Step{Kind: TimedOut, Address: q.To, Reason: err}, time.Now())
	}
	return answer, err
}

// errPaused is why a datagram that arrives between two questions is no answer.
var errPaused = errors.New("nothing was asked")

// Pause waits, and reports what arrives meanwhile as ignored. It returns early
// with ctx's cause or the socket's error.
func (s *Session) Pause(ctx context.Context, d time.Duration) error {
	_, err := s.wait(ctx, d, func(udp.Datagram) (Answer, error) { return Answer{}, errPaused })
	if errors.Is(err, ErrTimeout) {
		return nil
	}
	return err
}

// wait takes datagrams until judge finds the answer, or for limit.
func (s *Session) wait(ctx context.Context, limit time.Duration, judge func(udp.Datagram) (Answer, error)) (Answer, error) {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for {
		select {
		case d, ok := <-s.arrivals:
			if !ok {
				return Answer{}, fmt.Errorf("read: %w", s.readErr)
			}
			answer, err := judge(d)
			if err == nil {
				s.report(Step{Kind: Received, Address: d.Addr, Answer: answer, Packet: wire.Describe(d.Data, signatureLen)}, d.At)
				return answer, nil
			}
			s.ignore(d, err)
		case <-timer.C:
			return Answer{}, fmt.Errorf("%w within %v", ErrTimeout, limit)
		case <-ctx.Done():
			return Answer{}, context.Cause(ctx)
		}
	}
}

// ignore reports a datagram that is no answer.
func (s *Session) ignore(d udp.Datagram, reason error) {
	s.ignored++
	if s.ignored > maxIgnored {
		return
	}
	packet := wire.Describe(d.Data, signatureLen)
	if s.late(d, reason) {
		reason = ErrLate
	}
	s.report(Step{Kind: Ignored, Address: d.Addr, Packet: packet, Reason: reason}, d.At)
}

// late reports whether the datagram looks like an answer to an earlier question:
// one that timed out, or that was answered before. It is only a better reason.
func (s *Session) late(d udp.Datagram, reason error) bool {
	if d.Addr != s.to || !errors.Is(reason, ErrIdentifier) && !errors.Is(reason, errPaused) {
		return false
	}
	_, id, err := wire.ParseHeader(d.Data)
	if err != nil || id != wire.PongID {
		return false
	}
	p, err := parse(id, d.Data[wire.HeaderLen:])
	return err == nil && slices.Contains(s.earlier, identifier(p))
}

// remember keeps the identifier of a question that is over.
func (s *Session) remember(identifier uint16) {
	if len(s.earlier) == maxEarlier {
		s.earlier = slices.Delete(s.earlier, 0, 1)
	}
	s.earlier = append(s.earlier, identifier)
}

// report gives the step its time.
func (s *Session) report(step Step, at time.Time) {
	step.Elapsed = at.Sub(s.start)
	s.cfg.Report(step)
}

// read hands datagrams over until the socket is closed. While nobody takes them,
// the kernel's queue is the bound.
func (s *Session) read() {
	defer close(s.arrivals)
	batch := make([]udp.Datagram, readers)
	for i := range batch {
		batch[i].Data = make([]byte, maxPacket)
	}
	for {
		n, err := s.socket.ReadBatch(batch)
		if err != nil {
			s.readErr = err
			return
		}
		for _, d := range batch[:n] {
			d.Data = bytes.Clone(d.Data)
			select {
			case s.arrivals <- d:
			case <-s.closing:
				return
			}
		}
	}
}
