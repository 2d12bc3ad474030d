package main_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"testing"
	"time"
)

// stopTime is how long a child has to end by itself after it was asked to.
const stopTime = 15 * time.Second

// pulse wakes everyone who waits for news; one for all processes of a test.
type pulse struct {
	mu   sync.Mutex
	next chan struct{}
}

func newPulse() *pulse { return &pulse{next: make(chan struct{})} }

func (p *pulse) beat() {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.next)
	p.next = make(chan struct{})
}

// wait returns a channel that the next beat closes.
func (p *pulse) wait() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.next
}

// tail keeps the last part of what a child wrote to stderr.
type tail struct {
	mu   sync.Mutex
	data []byte
}

func (b *tail) Write(data []byte) (int, error) {
	const limit = 64 << 10
	b.mu.Lock()
	defer b.mu.Unlock()
	b.data = append(b.data, data...)
	if len(b.data) > limit {
		b.data = bytes.Clone(b.data[len(b.data)-limit:])
	}
	return len(data), nil
}

func (b *tail) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return string(b.data)
}

// stage is the network of one test: its child processes, and the way to wait for what they say.
type stage struct {
	t         *testing.T
	pulse     *pulse
	processes []*process
}

func newStage(t *testing.T) *stage {
	t.Helper()
	return &stage{t: t, pulse: newPulse()}
}

// process is a child that writes a JSON object per line to stdout.
type process struct {
	name   string
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stderr tail
	ask    func(*process) error // asks it to end
	quiet  bool                 // whether stderr has to stay empty

	mu      sync.Mutex
	failure error         // what is wrong with its output
	ended   chan struct{} // closed after its end
	exit    error         // how it ended; read after ended
	killed  bool          // whether the test killed it, so that any exit will do
}

// start runs a child and hands each line of its stdout to line, from one goroutine, until the child ends. The test's
// cleanup ends the child and fails the test if that, or anything before, went wrong.
func (s *stage) start(p *process, line func([]byte) error) *process {
	s.t.Helper()
	p.ended = make(chan struct{})
	p.cmd.Stderr = &p.stderr
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		s.t.Fatalf("%s: %v", p.name, err)
	}
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		s.t.Fatalf("%s: %v", p.name, err)
	}
	if err := p.cmd.Start(); err != nil {
		s.t.Fatalf("%s: %v", p.name, err)
	}
	s.processes = append(s.processes, p)
	go p.follow(stdout, s.pulse, line)
	s.t.Cleanup(func() { p.end(s.t) })
	return p
}

func (p *process) follow(stdout io.Reader, news *pulse, line func([]byte) error) {
	reader := bufio.NewReaderSize(stdout, 64<<10)
	for {
		data, err := reader.ReadBytes('\n')
		if err != nil {
			break
		}
		if err := line(data); err != nil {
			p.mu.Lock()
			p.failure = errors.Join(p.failure, fmt.Errorf("line %.300q: %w", data, err))
			p.mu.Unlock()
		}
		news.beat()
	}
	p.exit = p.cmd.Wait()
	close(p.ended)
	news.beat()
}

// broken tells why there is nothing more to wait for from this child, nil while there is.
func (p *process) broken() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.failure != nil {
		return fmt.Errorf("%s: %w", p.name, p.failure)
	}
	select {
	case <-p.ended:
		if !p.killed {
			return fmt.Errorf("%s ended: %v\n%s", p.name, p.exit, &p.stderr)
		}
	default:
	}
	return nil
}

// kill ends the child as a crash would, and waits for that.
func (p *process) kill(t *testing.T) {
	t.Helper()
	p.mu.Lock()
	p.killed = true
	p.mu.Unlock()
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatalf("kill %s: %v", p.name, err)
	}
	<-p.ended
}

// end asks the child to end, waits, and reports all that was wrong with it.
func (p *process) end(t *testing.T) {
	select {
	case <-p.ended:
	default:
		if err := p.ask(p); err != nil && !errors.Is(err, os.ErrProcessDone) {
			t.Errorf("ask %s to end: %v", p.name, err)
		}
	}
	select {
	case <-p.ended:
	case <-time.After(stopTime):
		t.Errorf("%s did not end within %v", p.name, stopTime)
		p.kill(t)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.failure != nil {
		t.Errorf("%s: %v", p.name, p.failure)
	}
	if p.exit != nil && !p.killed {
		t.Errorf("%s: %v", p.name, p.exit)
	}
	if noise := p.stderr.String(); noise != "" && (p.quiet || t.Failed()) {
		report := t.Logf
		if p.quiet {
			report = t.Errorf
		}
		report("%s wrote to stderr:\n%s", p.name, noise)
	}
}

// send writes one command to the child.
func (p *process) send(t *testing.T, command any) {
	t.Helper()
	line, err := json.Marshal(command)
	if err != nil {
		t.Fatalf("command to %s: %v", p.name, err)
	}
	if _, err := p.stdin.Write(append(line, '\n')); err != nil {
		t.Fatalf("command to %s: %v", p.name, err)
	}
}

func closeStdin(p *process) error { return p.stdin.Close() }

func interrupt(p *process) error { return p.cmd.Process.Signal(syscall.SIGINT) }

// waitFor looks at the condition after each piece of news until it holds, and fails the test when that takes longer than
// limit or when a child is gone. A condition returns what it still misses.
func (s *stage) waitFor(limit time.Duration, what string, missing func() error) {
	s.t.Helper()
	start := time.Now()
	deadline := time.NewTimer(limit)
	defer deadline.Stop()
	for {
		news := s.pulse.wait()
		err := missing()
		if err == nil {
			s.t.Logf("%s: after %v", what, time.Since(start).Round(100*time.Millisecond))
			return
		}
		for _, p := range s.processes {
			if gone := p.broken(); gone != nil {
				s.t.Fatalf("%s: %v\nstill missing: %v", what, gone, err)
			}
		}
		select {
		case <-news:
		case <-deadline.C:
			s.t.Fatalf("%s: not within %v, still missing: %v", what, limit, err)
		}
	}
}
