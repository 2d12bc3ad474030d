package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"peerscope/engine/event"
)

// patience is how long a test waits for what has to come: only a hang takes it.
const patience = time.Minute

// writes hands each Write on, as a copy.
type writes chan string

func (w writes) Write(b []byte) (int, error) {
	w <- string(b)
	return len(b), nil
}

// A service is a command that runs until it is stopped.
type service struct {
	t      *testing.T
	cancel context.CancelFunc
	stdout writes
	logs   writes
	code   chan int
}

// start runs a command with JSON logs; stdout and stderr are read by the test.
func (s *sandbox) start(args ...string) *service {
	return s.startTo(nil, args...)
}

// startTo is start with another standard output.
func (s *sandbox) startTo(stdout io.Writer, args ...string) *service {
	s.t.Helper()
	v := &service{t: s.t, stdout: make(writes, 10_000), logs: make(writes, 10_000), code: make(chan int, 1)}
	if stdout == nil {
		stdout = v.stdout
	}
	a := newApp(strings.NewReader(""), stdout, v.logs)
	a.environ = []string{"HOME=" + s.home}
	if s.change != nil {
		s.change(a)
	}
	ctx, cancel := context.WithCancel(s.t.Context())
	v.cancel = cancel
	s.t.Cleanup(cancel)
	go func() { v.code <- a.run(ctx, args) }()
	return v
}

// logged is the next line of the log, by field.
func (v *service) logged() map[string]any {
	v.t.Helper()
	select {
	case line := <-v.logs:
		var fields map[string]any
		if err := json.Unmarshal([]byte(line), &fields); err != nil {
			v.t.Fatalf("log line %q: %v", line, err)
		}
		return fields
	case <-time.After(patience):
		v.t.Fatal("nothing is logged")
	}
	return nil
}

// waitFor reads log lines until one has the message, and returns its fields.
func (v *service) waitFor(message string) map[string]any {
	v.t.Helper()
	for {
		if fields := v.logged(); fields["msg"] == message {
			return fields
		}
	}
}

// wantLog wants the message of the very next line, and returns its fields.
func (v *service) wantLog(message string) map[string]any {
	v.t.Helper()
	fields := v.logged()
	if fields["msg"] != message {
		v.t.Fatalf("logged %v, want %q", fields, message)
	}
	return fields
}

// next is the next Write on standard output.
func (v *service) next() string {
	v.t.Helper()
	select {
	case text := <-v.stdout:
		return text
	case <-time.After(patience):
		v.t.Fatal("nothing on stdout")
	}
	return ""
}

// stop interrupts the service and wants its exit code.
func (v *service) stop(want int) {
	v.t.Helper()
	v.cancel()
	v.ended(want)
}

// ended waits for the end.
func (v *service) ended(want int) {
	v.t.Helper()
	select {
	case got := <-v.code:
		if got != want {
			v.t.Errorf("exit code: got %d, want %d", got, want)
		}
	case <-time.After(patience):
		v.t.Fatal("does not end")
	}
}

// A fakeObserver is an observer whose events the test makes.
type fakeObserver struct {
	events *event.Log
	err    error // of Run
}

func newFake(s *sandbox) *fakeObserver {
	o := &fakeObserver{events: event.NewLog(time.Now(), 8)}
	s.change = func(a *app) {
		a.observe = func(observerConfig) (observer, error) { return o, nil }
	}
	return o
}

func (o *fakeObserver) Run(ctx context.Context) error {
	if o.err == nil {
		<-ctx.Done()
	}
	o.happen("stopped") // as the engine reports the peers it leaves
	return o.err
}

func (o *fakeObserver) Events() *event.Log { return o.events }

func (o *fakeObserver) Addresses() []netip.AddrPort {
	return []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:4242"), netip.MustParseAddrPort("[::1]:4243")}
}

func (o *fakeObserver) happen(reason string) {
	o.events.Append(time.Unix(1, 0), event.PacketRejected{Address: netip.MustParseAddrPort("127.0.0.1:1"), Reason: reason})
}

func eventLine(seq, reason string) string {
	return `{"seq":` + seq + `,"time":"1970-01-01T00:00:01.000000Z","type":"PacketRejected","address":"127.0.0.1:1","reason":"` + reason + `"}` + "\n"
}

// One write a line, at once, and the events of the end as well.
func TestWatchPrintsEvents(t *testing.T) {
	s := newSandbox(t)
	o := newFake(s)
	v := s.start("watch")
	o.happen("one")
	o.happen("two")
	for _, want := range []string{eventLine("1", "one"), eventLine("2", "two")} {
		if got := v.next(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	v.stop(exitDone)
	if got, want := v.next(), eventLine("3", "stopped"); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// What tests and operators read in the log before anything else.
func TestWatchLogsStart(t *testing.T) {
	s := newSandbox(t)
	newFake(s)
	v := s.start("watch")
	made := v.waitFor("identity made")
	listening := v.waitFor("listening")
	if listening["udp"] != "127.0.0.1:4242" || listening["udp6"] != "[::1]:4243" || listening["mid"] != made["mid"] || len(made["mid"].(string)) != 40 {
		t.Errorf("got %v and %v", made, listening)
	}
	v.waitFor("no bootstrap server is set; waiting for peers to come")
	v.stop(exitDone)

	v = s.start("watch", "--bootstrap", "127.0.0.1:1")
	if again := v.waitFor("listening"); again["mid"] != made["mid"] {
		t.Errorf("the second start: got mid %v, want %v", again["mid"], made["mid"])
	}
	v.stop(exitDone)
	for len(v.logs) > 0 {
		if line := <-v.logs; strings.Contains(line, "no bootstrap server") {
			t.Errorf("got %s", line)
		}
	}
}

// brokenPipe takes one line.
type brokenPipe struct{ lines int }

func (p *brokenPipe) Write(b []byte) (int, error) {
	if p.lines++; p.lines > 1 {
		return 0, &os.PathError{Op: "write", Path: "/dev/stdout", Err: syscall.EPIPE}
	}
	return len(b), nil
}

// `watch | head -1` ends, without a word and without failure.
func TestWatchBrokenPipe(t *testing.T) {
	s := newSandbox(t)
	o := newFake(s)
	v := s.startTo(&brokenPipe{}, "watch")
	v.waitFor("listening")
	o.happen("one")
	o.happen("two")
	v.ended(exitDone)
	for len(v.logs) > 0 {
		if line := <-v.logs; strings.HasPrefix(line, "peerscope:") {
			t.Errorf("got %q", line)
		}
	}
}

func TestWatchEngineFails(t *testing.T) {
	s := newSandbox(t)
	o := newFake(s)
	o.err = errors.New("the socket is gone")
	v := s.start("watch")
	v.ended(exitFailure)
	for {
		if line := <-v.logs; line == "peerscope: the socket is gone\n" {
			return
		} else if len(v.logs) == 0 {
			t.Fatalf("last line on stderr: %q", line)
		}
	}
}

// stalled blocks until released, like a pipe that nobody reads.
type stalled struct{ released chan struct{} }

func (s stalled) Write(b []byte) (int, error) {
	<-s.released
	return len(b), nil
}

// A reader that stopped reading does not keep the program from ending.
func TestWatchStalledOutput(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSandbox(t)
		o := newFake(s)
		out := stalled{make(chan struct{})}
		v := s.startTo(out, "watch")
		o.happen("one")
		synctest.Wait()
		began := time.Now()
		v.stop(exitDone)
		if got := time.Since(began); got != drainTime {
			t.Errorf("ended after %v, want %v", got, drainTime)
		}
		v.waitFor("standard output is not read; the last events are lost")
		close(out.released)
	})
}

// A slow reader loses the oldest events, and the log says how many.
func TestWatchSlowOutput(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSandbox(t)
		o := newFake(s)
		out := stalled{make(chan struct{})}
		v := s.startTo(out, "watch")
		o.happen("one")
		synctest.Wait() // the first event is being written
		for range 11 {
			o.happen("more") // the log holds 8
		}
		close(out.released)
		if got := v.waitFor("standard output is read too slowly; events are lost")["events"]; got != 3. {
			t.Errorf("lost: got %v, want 3", got)
		}
		v.stop(exitDone)
	})
}

// A reloading is a service whose settings file the test rewrites.
type reloading struct {
	*service
	path    string
	hangups chan os.Signal
}

func startReloading(t *testing.T, s *sandbox, settings string, args ...string) *reloading {
	t.Helper()
	r := &reloading{hangups: make(chan os.Signal)}
	r.path = s.file("p.yaml", settings, 0o600)
	change := s.change
	s.change = func(a *app) {
		change(a)
		a.hangups = func() (<-chan os.Signal, func()) { return r.hangups, func() {} }
	}
	r.service = s.start(append(args, "--config", r.path)...)
	if args[0] == "watch" {
		r.waitFor("no bootstrap server is set; waiting for peers to come") // the last line of the start
	} else {
		r.waitFor("listening")
	}
	return r
}

// hangup rewrites the settings and sends SIGHUP.
func (r *reloading) hangup(settings string) {
	r.t.Helper()
	if err := os.WriteFile(r.path, []byte(settings), 0o600); err != nil {
		r.t.Fatal(err)
	}
	r.hangups <- syscall.SIGHUP
}

func TestWatchReload(t *testing.T) {
	s := newSandbox(t)
	newFake(s)
	r := startReloading(t, s, "log-level: debug\n", "watch")

	r.hangup("log-level: warn\nmax-peers: 9\n")
	if got := r.wantLog("this setting changes at the next start")["setting"]; got != "max-peers" {
		t.Errorf("got %v, want max-peers", got)
	}

	// With any mistake nothing changes, and each is named.
	r.hangup("log-level: info\nbootstrp: []\nmax-peers: many\n")
	for _, want := range []string{
		r.path + `:2: unknown key "bootstrp"; the nearest known one is "bootstrap"`,
		r.path + `:3: max-peers: want a number of peers from 1, or -1 for all, not "many"`,
	} {
		if got := r.wantLog("settings refused; the old ones stay")["error"]; got != want {
			t.Errorf("got %v, want %s", got, want)
		}
	}

	// The level is still warn, so that only now this is heard, and only once.
	r.hangup("log-level: info\n")
	if got := r.wantLog("settings read again")["changed"]; !slices.Equal(got.([]any), []any{"log-level"}) {
		t.Errorf("changed: got %v", got)
	}
	r.stop(exitDone)
	if len(r.logs) > 0 {
		t.Errorf("got one more line: %s", <-r.logs)
	}
}

// A flag goes before the file at a reload as well, and what a command has no flag
// for does not concern it.
func TestReloadOfOtherSettings(t *testing.T) {
	s := newSandbox(t)
	s.change = func(*app) {}
	r := startReloading(t, s, "", "tracker", "--udp", "127.0.0.1:0")
	r.hangup("udp: 127.0.0.1:1\nmax-peers: 9\n")
	if got := r.wantLog("settings read again")["changed"]; len(got.([]any)) != 0 {
		t.Errorf("changed: got %v", got)
	}
	r.stop(exitDone)
	if len(r.logs) > 0 {
		t.Errorf("got one more line: %s", <-r.logs)
	}
}

// SIGHUP itself, to this process.
func TestHangupSignal(t *testing.T) {
	s := newSandbox(t)
	newFake(s)
	v := s.start("watch", "--config", s.file("p.yaml", "", 0o600))
	v.waitFor("listening")
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	v.waitFor("settings read again")
	v.stop(exitDone)
}

// The engine itself, on loopback: what was logged is where it listens, on both
// families, and a tracker beside it.
func TestWatchAndTrackerListen(t *testing.T) {
	s := newSandbox(t)
	tracker := s.start("tracker", "--udp", "127.0.0.1:0")
	server := tracker.waitFor("listening")["udp"].(string)
	watch := s.start("watch", "--udp", "127.0.0.1:0", "--udp6", "[::1]:0", "--bootstrap", server, "--source-rate", "off",
		"--community", "7e313685c1912a141279f8248fc8db5899c5df5a=Discovery", "--community", "0100000000000000000000000000000000000000",
		"--data-dir", filepath.Join(s.home, "d"))
	fields := watch.waitFor("listening")
	for _, name := range []string{"udp", "udp6"} {
		addr, err := netip.ParseAddrPort(fields[name].(string))
		if err != nil || addr.Port() == 0 {
			t.Errorf("%s: got %v", name, fields[name])
		}
	}
	// The tracker answers us, and the answer is an event.
	for answered := false; !answered; {
		answered = strings.Contains(watch.next(), `"type":"BootstrapAnswered","address":"`+server+`"`)
	}
	watch.stop(exitDone)
	if got := s.run(nil, "walk", server, "--timeout", "1m"); got.code != exitDone {
		t.Errorf("walk to the tracker: got %+v", got)
	}
	tracker.stop(exitDone)
}
