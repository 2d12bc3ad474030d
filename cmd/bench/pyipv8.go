package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
)

// pyipv8Version is what the targets are relative to.
const pyipv8Version = "3.0"

// theirs is a running py-ipv8 node, testdata/pyipv8/bench_node.py.
type theirs struct {
	*child
	player  *player
	says    chan report
	address netip.AddrPort
	version string
	python  string
}

// A report is a line of bench_node.py; each type uses some of the fields.
type report struct {
	Type     string         `json:"type"`
	PyIPv8   string         `json:"pyipv8"`
	Python   string         `json:"python"`
	Address  netip.AddrPort `json:"address"`
	Verified int            `json:"verified"`
	Services int            `json:"services"`
}

// installPyIPv8 makes the Python environment, which takes a minute the first time.
func installPyIPv8(ctx context.Context, root string) error {
	cmd := exec.CommandContext(ctx, filepath.Join(root, "scripts", "pyipv8-venv.sh"), pyipv8Version)
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("scripts/pyipv8-venv.sh: %w", err)
	}
	return nil
}

// startTheirs starts a py-ipv8 node that knows nobody.
func startTheirs(ctx context.Context, root string) (*theirs, error) {
	p, err := newPlayer()
	if err != nil {
		return nil, err
	}
	t := &theirs{player: p, says: make(chan report, 1)}
	python := filepath.Join(root, ".cache", "pyipv8-"+pyipv8Version, "bin", "python")
	script := filepath.Join(root, "cmd", "peerscope", "testdata", "pyipv8", "bench_node.py")
	cmd := exec.Command(python, script, "--listen", "127.0.0.1:0")
	t.child, err = startChild("py-ipv8", cmd, t.line, func([]byte) {})
	if err != nil {
		return nil, err
	}
	hello, err := await(ctx, t.child, t.says)
	if err != nil {
		t.Stop()
		return nil, err
	}
	t.address, t.version, t.python = hello.Address, hello.PyIPv8, hello.Python
	return t, nil
}

// line hands on what the node says; it speaks when spoken to.
func (t *theirs) line(line []byte) {
	var r report
	if err := json.Unmarshal(line, &r); err != nil {
		r.Type = "unreadable: " + string(line)
	}
	t.says <- r
}

// Name is the program's.
func (t *theirs) Name() string { return "py-ipv8" }

// Address is the socket's.
func (t *theirs) Address() netip.AddrPort { return t.address }

// PID is the process.
func (t *theirs) PID() int { return t.cmd.Process.Pid }

// Player is the socket that the node knows the senders by.
func (t *theirs) Player() *player { return t.player }

// Stop ends the node.
func (t *theirs) Stop() {
	t.stop()
	t.player.close()
}

// Met asks the node how many peers it has verified, in how many communities.
func (t *theirs) Met(ctx context.Context, n int) error {
	if _, err := io.WriteString(t.stdin, `{"cmd":"stats"}`+"\n"); err != nil {
		return fmt.Errorf("py-ipv8: %w", err)
	}
	r, err := await(ctx, t.child, t.says)
	if err != nil {
		return err
	}
	if r.Type != "stats" || r.Verified != n || r.Services != 2*n {
		return fmt.Errorf("py-ipv8 knows %d peers in %d communities, want %d in %d (%s)", r.Verified, r.Services, n, 2*n, r.Type)
	}
	return nil
}
