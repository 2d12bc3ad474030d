package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// ours is a running `peerscope watch`. It sends next to nothing by itself.
type ours struct {
	*child
	player  *player
	address netip.AddrPort
	events  eventCount
	dir     string
}

// buildPeerscope compiles the program into dir.
func buildPeerscope(ctx context.Context, root, dir string) (string, error) {
	exe := filepath.Join(dir, "peerscope")
	cmd := exec.CommandContext(ctx, "go", "build", "-tags", "sqlite_omit_load_extension", "-o", exe, "./cmd/peerscope")
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return exe, nil
}

// startOurs starts the program with a new identity and no other peers.
func startOurs(ctx context.Context, exe string) (*ours, error) {
	dir, err := os.MkdirTemp("", "peerscope-bench-")
	if err != nil {
		return nil, err
	}
	o := &ours{dir: dir}
	if o.player, err = newPlayer(); err != nil {
		return nil, err
	}
	cmd := exec.Command(exe, "watch", "--udp", "127.0.0.1:0", "--data-dir", dir, "--source-rate", "off",
		"--ping-interval", "1h", "--max-packets", "1/s", "--new-flows", "1/min", "--log-format", "json")
	cmd.Env = foreignEnv(dir)
	listening := make(chan netip.AddrPort, 1)
	o.child, err = startChild("peerscope", cmd, o.events.line, func(line []byte) { listeningLine(line, listening) })
	if err != nil {
		return nil, err
	}
	if o.address, err = await(ctx, o.child, listening); err != nil {
		o.Stop()
		return nil, err
	}
	return o, nil
}

// foreignEnv is our environment without what peerscope would read from it.
func foreignEnv(home string) []string {
	env := slices.DeleteFunc(os.Environ(), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return strings.HasPrefix(name, "PEERSCOPE_") || strings.HasPrefix(name, "XDG_") || strings.HasSuffix(name, "_DIRECTORY")
	})
	return append(env, "HOME="+home)
}

// listeningLine finds the address in the log line that tells it.
func listeningLine(line []byte, found chan<- netip.AddrPort) {
	var l struct {
		Message string         `json:"msg"`
		UDP     netip.AddrPort `json:"udp"`
	}
	if json.Unmarshal(line, &l) == nil && l.Message == "listening" {
		select {
		case found <- l.UDP:
		default:
		}
	}
}

// eventCount counts the events that tell what the node knows.
type eventCount struct {
	verified, learned, gaps atomic.Int64
	seq                     int64
}

var (
	verifiedEvent = []byte(`"type":"PeerVerified"`)
	learnedEvent  = []byte(`"type":"CommunitiesLearned"`)
)

// line takes one event as `peerscope watch` prints it: {"seq":7,...
func (e *eventCount) line(line []byte) {
	switch {
	case bytes.Contains(line, verifiedEvent):
		e.verified.Add(1)
	case bytes.Contains(line, learnedEvent):
		e.learned.Add(1)
	}
	var seq int64
	digits, _ := bytes.CutPrefix(line, []byte(`{"seq":`))
	for _, c := range digits {
		if c < '0' || c > '9' {
			break
		}
		seq = 10*seq + int64(c-'0')
	}
	if seq != e.seq+1 {
		e.gaps.Add(1)
	}
	e.seq = seq
}

// Name is the program's.
func (o *ours) Name() string { return "Peerscope" }

// Address is the socket's.
func (o *ours) Address() netip.AddrPort { return o.address }

// PID is the process.
func (o *ours) PID() int { return o.cmd.Process.Pid }

// Player is the socket that the node knows the senders by.
func (o *ours) Player() *player { return o.player }

// Stop ends the program and removes its files.
func (o *ours) Stop() {
	o.stop()
	o.player.close()
	os.RemoveAll(o.dir)
}

// eventTime is how long the events of new peers may take to be printed.
const eventTime = 30 * time.Second

// Met waits until the events tell of n peers that they are verified, and of each
// of their two communities.
func (o *ours) Met(ctx context.Context, n int) error {
	for end := time.Now().Add(eventTime); time.Now().Before(end); {
		if o.events.verified.Load() >= int64(n) && o.events.learned.Load() >= int64(2*n) {
			return nil
		}
		select {
		case <-o.ended:
			return o.gone()
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Millisecond):
		}
	}
	return fmt.Errorf("%d senders were introduced, but the events tell of %d verified peers and %d lists of communities (%d gaps)",
		n, o.events.verified.Load(), o.events.learned.Load(), o.events.gaps.Load())
}
