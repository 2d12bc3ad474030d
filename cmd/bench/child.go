package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// stopTime is how long a node has to end by itself after it was asked to.
const stopTime = 15 * time.Second

// A child is a node's process. Both of its outputs are read to the end, whoever
// wants to know what they say: a full pipe would stop the node.
type child struct {
	name  string
	cmd   *exec.Cmd
	stdin io.WriteCloser
	ended chan struct{} // closed when the process is gone

	mu   sync.Mutex
	last []string // lines of stderr
}

// startChild starts a process and hands each line of its outputs to a function.
func startChild(name string, cmd *exec.Cmd, stdout, stderr func(line []byte)) (*child, error) {
	c := &child{name: name, cmd: cmd, ended: make(chan struct{})}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	errOut, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if c.stdin, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	var readers sync.WaitGroup
	readers.Go(func() { lines(out, stdout) })
	readers.Go(func() { lines(errOut, func(line []byte) { c.keep(line); stderr(line) }) })
	go func() {
		readers.Wait()
		c.cmd.Wait() // the state is kept
		close(c.ended)
	}()
	return c, nil
}

func lines(r io.Reader, f func([]byte)) {
	b := bufio.NewReaderSize(r, 1<<20)
	for {
		line, err := b.ReadSlice('\n')
		if len(line) > 0 {
			f(line)
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return
		}
	}
}

// keep remembers the last few lines of stderr, for when the process ends early.
func (c *child) keep(line []byte) {
	const kept = 20
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = append(c.last, strings.TrimRight(string(line), "\n"))
	c.last = c.last[max(0, len(c.last)-kept):]
}

// gone is the error of a process that ended although nobody asked it to.
func (c *child) gone() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return fmt.Errorf("%s ended: %v\n%s", c.name, c.cmd.ProcessState, strings.Join(c.last, "\n"))
}

// await waits for a value, or for the process's end.
func await[T any](ctx context.Context, c *child, values <-chan T) (value T, err error) {
	select {
	case value = <-values:
		return value, nil
	case <-c.ended:
		return value, c.gone()
	case <-ctx.Done():
		return value, ctx.Err()
	}
}

// stop asks the process to end, and kills it if it does not.
func (c *child) stop() {
	c.stdin.Close()
	c.cmd.Process.Signal(syscall.SIGINT) // fails only when it is gone already
	select {
	case <-c.ended:
	case <-time.After(stopTime):
		c.cmd.Process.Kill()
		<-c.ended
	}
}
