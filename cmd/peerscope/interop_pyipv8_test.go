package main_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// discoveryCommunity is the id under which py-ipv8 nodes exchange similarity and pings (IPv8 reference, section 15).
const discoveryCommunity = "7e313685c1912a141279f8248fc8db5899c5df5a"

// startTime is how long Python may take to import py-ipv8 and open its sockets.
const startTime = 30 * time.Second

// python is the interpreter of an environment with one version of py-ipv8.
type python struct {
	version string
	exe     string
}

// pyIPv8 finds the environment that scripts/pyipv8-venv.sh makes. Without it the test cannot run: it fails where CI is
// set, and is skipped elsewhere.
func pyIPv8(t *testing.T, version string) python {
	t.Helper()
	venv, err := filepath.Abs(filepath.Join("..", "..", ".cache", "pyipv8-"+version))
	if err != nil {
		t.Fatal(err)
	}
	scripts(t)
	requirements, err := os.ReadFile(pyFile("requirements-" + version + ".txt"))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(requirements)
	stamp, err := os.ReadFile(filepath.Join(venv, "requirements.sha256"))
	if err == nil && strings.TrimSpace(string(stamp)) == hex.EncodeToString(sum[:]) {
		return python{version: version, exe: filepath.Join(venv, "bin", "python")}
	}
	notRun(t, "no py-ipv8 "+version+" here (or an old one); run scripts/pyipv8-venv.sh "+version)
	return python{}
}

// scripts opens the Python files, so that a result in go test's cache is not used again after a change of theirs.
func scripts(t *testing.T) {
	t.Helper()
	files, err := filepath.Glob(pyFile("*.py"))
	if err != nil || len(files) == 0 {
		t.Fatalf("Python files: %d, %v", len(files), err)
	}
	for _, file := range files {
		if _, err := os.ReadFile(file); err != nil {
			t.Fatal(err)
		}
	}
}

// notRun ends a test that cannot run here: a failure under CI, so that no green run hides it.
func notRun(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatalf("NOT RUN: %s", why)
	}
	t.Skipf("NOT RUN: %s", why)
}

// long tells whether all scenarios are to run with all versions (make test-long).
func long() bool { return os.Getenv("PEERSCOPE_LONG") == "1" }

// withEach runs a scenario with py-ipv8 3.0, and in long runs with 3.2.1 beside it.
func withEach(t *testing.T, scenario func(t *testing.T, py python)) {
	t.Helper()
	versions := []string{"3.0"}
	if long() {
		versions = append(versions, "3.2.1")
	}
	for _, version := range versions {
		t.Run("pyipv8-"+version, func(t *testing.T) {
			scenario(t, pyIPv8(t, version))
		})
	}
}

// withEachLong is withEach for scenarios that short runs leave out.
func withEachLong(t *testing.T, scenario func(t *testing.T, py python)) {
	t.Helper()
	if !long() {
		t.Skip("NOT RUN: only in long runs (make test-long, or PEERSCOPE_LONG=1)")
	}
	withEach(t, scenario)
}

func pyFile(name string) string { return filepath.Join("testdata", "pyipv8", name) }

func (py python) command(script string, args ...string) *exec.Cmd {
	cmd := exec.Command(py.exe, append([]string{"-B", pyFile(script)}, args...)...)
	cmd.Env = append(os.Environ(), "PYTHONUNBUFFERED=1")
	return cmd
}

// pyHello is the first line of every Python script.
type pyHello struct {
	PyIPv8  string   `json:"pyipv8"`
	Mid     string   `json:"mid"`
	Address string   `json:"address"`
	Pool    []string `json:"pool"` // ids of the random communities
	Nodes   []pyNode `json:"nodes"`
}

// pyNode is a py-ipv8 node as it sees itself.
type pyNode struct {
	Number      int      `json:"node"`
	Mid         string   `json:"mid"`
	KeyType     string   `json:"key_type"`
	Address     string   `json:"address"`
	Communities []string `json:"communities"`
}

// pyReport is what the nodes of a process, or a tracker, know at one moment.
type pyReport struct {
	Nodes   []pyNodeReport `json:"nodes"`
	Members []pyMember     `json:"members"`
}

type pyNodeReport struct {
	Number     int      `json:"node"`
	Running    bool     `json:"running"`
	GlobalTime uint64   `json:"global_time"`
	Peers      []pyPeer `json:"peers"`
}

// pyPeer is a verified peer in a node's network.
type pyPeer struct {
	Mid      string    `json:"mid"`
	KeyType  string    `json:"key_type"`
	Address  string    `json:"address"`
	Services []string  `json:"services"`
	Pings    []float64 `json:"pings_ms"`
}

// pyMember is a peer of the Python tracker.
type pyMember struct {
	Mid      string   `json:"mid"`
	Services []string `json:"services"`
	Answers  int      `json:"answers"` // questions of the tracker that it answered
}

// pyProcess is a running Python script: nodes or a tracker.
type pyProcess struct {
	*process
	hello pyHello

	mu      sync.Mutex
	greeted bool
	report  pyReport
	stats   json.RawMessage
}

// python starts one of the scripts and waits for its hello.
func (s *stage) python(py python, script string, args ...string) *pyProcess {
	s.t.Helper()
	p := &pyProcess{process: &process{
		name: script + " with py-ipv8 " + py.version, cmd: py.command(script, args...), ask: closeStdin, quiet: true,
	}}
	s.start(p.process, p.line)
	s.waitFor(startTime, p.name+" starts", func() error {
		p.mu.Lock()
		defer p.mu.Unlock()
		if !p.greeted {
			return fmt.Errorf("its first line")
		}
		return nil
	})
	if !strings.HasPrefix(p.hello.PyIPv8, py.version) {
		s.t.Fatalf("%s: got py-ipv8 %s, want %s", p.name, p.hello.PyIPv8, py.version)
	}
	return p
}

func (p *pyProcess) line(data []byte) error {
	var kind struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(data, &kind); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch kind.Type {
	case "hello":
		p.greeted = true
		return json.Unmarshal(data, &p.hello)
	case "report":
		p.report = pyReport{}
		return json.Unmarshal(data, &p.report)
	case "stats":
		p.stats = data
		return nil
	case "done":
		return nil
	}
	return fmt.Errorf("unknown type %q", kind.Type)
}

func (p *pyProcess) last() pyReport {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.report
}

// walk has a node send an introduction request to an address.
func (p *pyProcess) walk(t *testing.T, node int, address string) {
	t.Helper()
	p.send(t, map[string]any{"cmd": "walk", "node": node, "address": address})
}
