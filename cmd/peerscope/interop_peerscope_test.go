package main_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// binary builds peerscope once; with the race detector if the tests have it. It stays in .cache, for the next run.
var binary = sync.OnceValues(func() (string, error) {
	exe, err := filepath.Abs(filepath.Join("..", "..", ".cache", "interop", "peerscope"))
	if err != nil {
		return "", err
	}
	args := []string{"build", "-tags", "sqlite_omit_load_extension", "-o", exe}
	if raceEnabled {
		exe += "-race"
		args = []string{"build", "-race", "-tags", "sqlite_omit_load_extension", "-o", exe}
	}
	if out, err := exec.Command("go", append(args, ".")...).CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return exe, nil
})

// event is a line of `peerscope watch`; each type uses some of the fields.
type event struct {
	Seq         uint64    `json:"seq"`
	Time        time.Time `json:"time"`
	Type        string    `json:"type"`
	Mid         string    `json:"mid"`
	KeyType     string    `json:"key_type"`
	Address     string    `json:"address"`
	Communities []string  `json:"communities"`
	Reason      string    `json:"reason"`
	RTT         *float64  `json:"rtt_ms"`
}

// seen is what the events so far say about one peer.
type seen struct {
	verified    bool
	keyType     string
	address     string
	communities []string
	rtts        []float64 // milliseconds
	lastPong    time.Time
	lost        int // since the last pong
	removed     *event
}

// observer is a running `peerscope watch`.
type observer struct {
	*process
	mid         string
	communities []string

	mu       sync.Mutex
	lastSeq  uint64
	peers    map[string]seen
	rejected map[string]int // by reason
}

// watch starts an observer with a key of py-ipv8's making and waits for nothing.
func (s *stage) watch(py python, communities []string, args ...string) *observer {
	s.t.Helper()
	dir := s.t.TempDir()
	o := &observer{
		mid:         newKeyFile(s.t, py, filepath.Join(dir, "identity.key")),
		communities: append([]string{discoveryCommunity}, communities...),
		peers:       map[string]seen{}, rejected: map[string]int{},
	}
	args = append([]string{"watch", "--data-dir", dir}, args...)
	for _, id := range communities {
		args = append(args, "--community", id)
	}
	o.process = &process{name: "peerscope watch", cmd: peerscope(s.t, args...), ask: interrupt}
	s.start(o.process, o.line)
	return o
}

// tracker starts `peerscope tracker` on loopback and returns its address.
func (s *stage) tracker() string {
	s.t.Helper()
	address := freeAddress(s.t, "udp4", "127.0.0.1:0")
	cmd := peerscope(s.t, "tracker", "--udp", address)
	s.start(&process{name: "peerscope tracker", cmd: cmd, ask: interrupt}, func([]byte) error { return nil })
	return address
}

func peerscope(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	exe, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, args...)
	cmd.Env = append(foreignEnv(), "HOME="+t.TempDir())
	return cmd
}

// foreignEnv is our environment without the variables that peerscope would read.
func foreignEnv() []string {
	return slices.DeleteFunc(os.Environ(), func(variable string) bool {
		for _, prefix := range []string{"PEERSCOPE_", "STATE_DIRECTORY=", "XDG_STATE_HOME=", "HOME="} {
			if strings.HasPrefix(variable, prefix) {
				return true
			}
		}
		return false
	})
}

// newKeyFile has py-ipv8 make a key and write it as its own nodes do; returns the mid.
func newKeyFile(t *testing.T, py python, file string) string {
	t.Helper()
	out, err := py.command("keys.py", file).Output()
	if err != nil {
		t.Fatalf("keys.py: %v", err)
	}
	var key struct {
		Mid string `json:"mid"`
	}
	if err := json.Unmarshal(out, &key); err != nil {
		t.Fatalf("keys.py: %v", err)
	}
	return key.Mid
}

// freeAddress returns the address with a port that was free a moment ago.
func freeAddress(t *testing.T, network, address string) string {
	t.Helper()
	conn, err := net.ListenPacket(network, address)
	if err != nil {
		notRun(t, fmt.Sprintf("no %s socket on %s: %v", network, address, err))
	}
	defer conn.Close()
	return conn.LocalAddr().String()
}

func (o *observer) line(data []byte) error {
	var e event
	if err := json.Unmarshal(data, &e); err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.lastSeq != 0 && e.Seq != o.lastSeq+1 {
		return fmt.Errorf("seq %d after %d", e.Seq, o.lastSeq)
	}
	o.lastSeq = e.Seq
	if e.Time.IsZero() {
		return fmt.Errorf("no time")
	}
	if e.Type == "PacketRejected" {
		o.rejected[e.Reason]++
		return nil
	}
	peer := o.peers[e.Mid]
	if err := peer.apply(e); err != nil {
		return err
	}
	o.peers[e.Mid] = peer
	return nil
}

// apply adds what one event says.
func (p *seen) apply(e event) error {
	switch e.Type {
	case "PeerVerified":
		*p = seen{verified: true, keyType: e.KeyType, address: e.Address, communities: p.communities}
	case "PeerRemoved":
		p.verified, p.removed = false, &e
	case "AddressChanged":
		p.address = e.Address
	case "CommunitiesLearned":
		p.communities = e.Communities
	case "PongReceived":
		if e.RTT == nil || *e.RTT < 0 || *e.RTT > 5000 {
			return fmt.Errorf("rtt_ms out of range")
		}
		p.rtts, p.lastPong, p.lost = append(p.rtts, *e.RTT), e.Time, 0
	case "PingLost":
		p.lost++
	}
	return nil
}

func (o *observer) view() map[string]seen {
	o.mu.Lock()
	defer o.mu.Unlock()
	return maps.Clone(o.peers)
}
