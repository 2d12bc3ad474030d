package main

import (
	"bufio"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
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
	dir     string
	known   int
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
	dir, err := os.MkdirTemp("", "peerscope-bench-")
	if err != nil {
		return nil, err
	}
	t := &theirs{dir: dir, says: make(chan report, 1)}
	if t.player, err = newPlayer(); err != nil {
		return nil, err
	}
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

// Stop ends the node and removes its files.
func (t *theirs) Stop() {
	t.stop()
	t.player.close()
	os.RemoveAll(t.dir)
}

// loadTime is how long the node may take to load its peers.
const loadTime = 5 * time.Minute

// Know puts further senders into the node's Network from a file. Introducing
// them one by one would take minutes: each introduction request makes the node
// look at all the peers that it has. A few requests afterwards fill its caches,
// as they are in a node that met its peers.
func (t *theirs) Know(ctx context.Context, n int, _ func(int)) error {
	if n <= t.known {
		return nil
	}
	file := filepath.Join(t.dir, "peers")
	if err := writePeers(file, t.known, n, t.player.port()); err != nil {
		return err
	}
	command, err := json.Marshal(map[string]string{"cmd": "load", "file": file})
	if err != nil {
		return err
	}
	if _, err := t.stdin.Write(append(command, '\n')); err != nil {
		return fmt.Errorf("py-ipv8: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, loadTime)
	defer cancel()
	r, err := await(ctx, t.child, t.says)
	if err != nil {
		return fmt.Errorf("py-ipv8 loads %d peers: %w", n, err)
	}
	if r.Type != "loaded" || r.Verified != n || r.Services != 2*n {
		return fmt.Errorf("py-ipv8 knows %d peers with %d services, want %d with %d (%s)", r.Verified, r.Services, n, 2*n, r.Type)
	}
	t.known = n
	return introduce(ctx, t, spreadSenders(n, min(n, 8)))
}

// writePeers writes a line for each sender from the first to before the last:
// key, address and communities.
func writePeers(file string, from, to int, port uint16) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriter(f)
	for i := from; i < to; i++ {
		var ids []string
		for _, id := range communitiesOf(i) {
			ids = append(ids, hex.EncodeToString(id[:]))
		}
		fmt.Fprintf(w, "%x %v %s\n", newIdentity(i).blob, netip.AddrPortFrom(senderAddr(i), port), strings.Join(ids, ","))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return f.Close()
}
