package main

import (
	"bytes"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"peerscope/engine/keyvault"
)

// A result is what one run of the program left behind.
type result struct {
	code           int
	stdout, stderr string
}

// A sandbox is where a test runs the program: with an empty home directory and no
// other environment.
type sandbox struct {
	t      *testing.T
	home   string
	change func(*app) // before each run; nil for nothing
}

func newSandbox(t *testing.T) *sandbox {
	t.Helper()
	return &sandbox{t: t, home: t.TempDir()}
}

// app is the program on the sandbox's outside world.
func (s *sandbox) app(stdout, stderr *bytes.Buffer, environ ...string) *app {
	a := newApp(strings.NewReader(""), stdout, stderr)
	a.environ = append([]string{"HOME=" + s.home}, environ...)
	if s.change != nil {
		s.change(a)
	}
	return a
}

// run runs the program with extra environment variables.
func (s *sandbox) run(environ []string, args ...string) result {
	s.t.Helper()
	var stdout, stderr bytes.Buffer
	code := s.app(&stdout, &stderr, environ...).run(s.t.Context(), args)
	return result{code, stdout.String(), stderr.String()}
}

// file writes a file into the home directory and returns its path.
func (s *sandbox) file(name, text string, mode os.FileMode) string {
	s.t.Helper()
	path := filepath.Join(s.home, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		s.t.Fatal(err)
	}
	return path
}

// busyPort is a UDP address that is in use during the test.
func busyPort(t *testing.T) string {
	t.Helper()
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn.LocalAddr().String()
}

// Every way in which a command line, the settings or the machine stop a command
// before it begins: the exit code and the whole message.
func TestMistakes(t *testing.T) {
	s := newSandbox(t)
	busy := busyPort(t)
	legacy := s.file("legacy.key", string(sect163k1Key(t)), 0o600)
	settings := s.file("bad.yaml", "udp: 127.0.0.1:0\nping-intervall: 20s\n", 0o600)
	open := s.file("open/identity.key", "x", 0o644)
	broken := s.file("broken/identity.key", "LibNaCLSK:short", 0o600)
	s.file("good/identity.key", string(unhex(t, exampleKey)), 0o600)
	s.file("plain", "a file where a directory should be", 0o600)
	if err := os.MkdirAll(filepath.Join(s.home, "dir", "identity.key"), 0o700); err != nil {
		t.Fatal(err)
	}
	in := func(name string) string { return filepath.Join(s.home, name) }
	cases := []struct {
		name    string
		environ []string
		args    []string
		code    int
		want    []string // the lines on stderr
	}{
		{"unknown command", nil, []string{"wach"}, exitUsage,
			[]string{`unknown command "wach"; the nearest known one is "watch"`, "See 'peerscope --help'."}},
		{"unknown subcommand", nil, []string{"config", "chek"}, exitUsage,
			[]string{`unknown command "chek"; the nearest known one is "check"`, "See 'peerscope config --help'."}},
		{"unknown shell", nil, []string{"completion", "bsh"}, exitUsage,
			[]string{`unknown command "bsh"; the nearest known one is "bash"`, "See 'peerscope completion --help'."}},
		{"unknown help topic", nil, []string{"help", "config", "chek"}, exitUsage,
			[]string{`unknown command "chek"; the nearest known one is "check"`, "See 'peerscope config --help'."}},
		{"no such subcommand's help", nil, []string{"help", "ping", "x"}, exitUsage,
			[]string{`unknown command "x" for "peerscope ping"`, "See 'peerscope ping --help'."}},
		{"unknown flag", nil, []string{"watch", "--upd", "127.0.0.1:0"}, exitUsage,
			[]string{"unknown flag: --upd; the nearest known one is --udp", "See 'peerscope watch --help'."}},
		{"flag of another command", nil, []string{"tracker", "--max-peers", "1"}, exitUsage,
			[]string{"unknown flag: --max-peers; the nearest known one is --log-level", "See 'peerscope tracker --help'."}},
		{"unknown shorthand", nil, []string{"watch", "-u"}, exitUsage,
			[]string{"unknown shorthand flag: 'u' in -u", "See 'peerscope watch --help'."}},
		{"no value", nil, []string{"watch", "--udp"}, exitUsage,
			[]string{"flag needs an argument: --udp", "See 'peerscope watch --help'."}},
		{"argument too many", nil, []string{"version", "x"}, exitUsage,
			[]string{`unknown command "x" for "peerscope version"`, "See 'peerscope version --help'."}},
		{"no address", nil, []string{"ping"}, exitUsage,
			[]string{"accepts 1 arg(s), received 0", "See 'peerscope ping --help'."}},
		{"bad address", nil, []string{"ping", "127.0.0.1"}, exitUsage,
			[]string{`"127.0.0.1" is no address of a peer: want ADDRESS:PORT such as 127.0.0.1:8470`, "See 'peerscope ping --help'."}},
		{"no pings", nil, []string{"ping", "--count", "0", "127.0.0.1:1"}, exitUsage,
			[]string{"--count: want 1 to 100000, not 0", "See 'peerscope ping --help'."}},
		{"negative interval", nil, []string{"ping", "--interval", "-1s", "127.0.0.1:1"}, exitUsage,
			[]string{"--interval: want no negative time, not -1s", "See 'peerscope ping --help'."}},
		{"no time", nil, []string{"similarity", "--timeout", "0s", "--fresh-key", "127.0.0.1:1"}, exitUsage,
			[]string{"--timeout: want a time above 0, not 0s", "See 'peerscope similarity --help'."}},
		{"unknown style", nil, []string{"walk", "--style", "newer", "127.0.0.1:1"}, exitUsage,
			[]string{`--style: want old or new, not "newer"`, "See 'peerscope walk --help'."}},
		{"bad community", nil, []string{"walk", "--community", "abc", "127.0.0.1:1"}, exitUsage,
			[]string{`--community: want an id of 40 hex digits, not "abc"`, "See 'peerscope walk --help'."}},
		{"bad values of flags", nil, []string{"watch", "--network", "triblre", "--community", "abc", "--bootstrap", "127.0.0.1"}, exitUsage,
			[]string{
				`--bootstrap: "127.0.0.1" is not a bootstrap server (want HOST:PORT): the port is missing`,
				`--network: unknown network "triblre"; known: tribler`,
				`--community: want a community id of 40 hex digits, not the 3 of "abc"`,
			}},

		{"unknown key in the file", nil, []string{"watch", "--config", settings}, exitConfig,
			[]string{settings + `:2: unknown key "ping-intervall"; the nearest known one is "ping-interval"`}},
		{"no file", nil, []string{"watch", "--config", in("none.yaml")}, exitConfig,
			[]string{in("none.yaml") + ": no such file or directory"}},
		{"unknown variable", []string{"PEERSCOPE_BOOTSRAP=127.0.0.1:1"}, []string{"config", "check"}, exitConfig,
			[]string{"PEERSCOPE_BOOTSRAP: unknown environment variable; the nearest known one is PEERSCOPE_BOOTSTRAP"}},
		{"bad value of a variable", []string{"PEERSCOPE_SOURCE_RATE=50"}, []string{"tracker"}, exitConfig,
			[]string{`PEERSCOPE_SOURCE_RATE: want a rate such as 500/s, 600/min or "50/s, burst 200", not "50"; or off`}},
		{"a flag and the environment", []string{"PEERSCOPE_UDP=x"}, []string{"watch", "--udp6", "y"}, exitConfig,
			[]string{
				`PEERSCOPE_UDP: want an IPv4 address and a port such as 127.0.0.1:8470, not "x"`,
				`--udp6: want an IPv6 address and a port such as [::1]:8470, or nothing, not "y"`,
			}},

		{"key that others can read", nil, []string{"watch", "--data-dir", in("open")}, exitConfig,
			[]string{"read key file " + open + ": key file is accessible to others (mode 0644): run chmod 600 " + open}},
		{"malformed key", nil, []string{"watch", "--data-dir", in("broken")}, exitConfig,
			[]string{"read key file " + broken + ": malformed key: private key of 15 bytes, want 74"}},
		{"malformed key to sign with", nil, []string{"walk", "--data-dir", in("broken"), "127.0.0.1:1"}, exitConfig,
			[]string{"read key file " + broken + ": malformed key: private key of 15 bytes, want 74"}},
		{"malformed key to show", nil, []string{"key", "show", broken}, exitConfig,
			[]string{"read key file " + broken + ": malformed key: private key of 15 bytes, want 74"}},
		{"unreadable key", nil, []string{"watch", "--data-dir", in("dir")}, exitConfig,
			[]string{"read key file " + in("dir/identity.key") + ": not a regular file"}},
		{"key that cannot sign", nil, []string{"watch", "--data-dir", legacyDir(t, legacy)}, exitConfig, nil},
		{"no data directory", nil, []string{"watch", "--data-dir", in("plain/x")}, exitConfig,
			[]string{"data directory: mkdir " + in("plain") + ": not a directory"}},
		{"no home", []string{"HOME="}, []string{"watch"}, exitConfig,
			[]string{"there is no home directory for the data: give --data-dir"}},

		{"no key to show", nil, []string{"key", "show"}, exitFailure,
			[]string{"no key in " + in(".local/state/peerscope/identity.key") + "; make one with 'peerscope key new'"}},
		{"key that exists", nil, []string{"key", "new", legacy}, exitFailure,
			[]string{legacy + " exists and is not overwritten"}},
		{"settings that exist", nil, []string{"config", "init", settings}, exitFailure,
			[]string{settings + " exists and is not overwritten"}},

		{"busy port", nil, []string{"watch", "--udp", busy, "--data-dir", in("good")}, exitInUse,
			[]string{"listen on " + busy + ": address already in use; stop the program that has it, or choose another with --udp (port 0 takes a free one)"}},
		{"busy port of the tracker", nil, []string{"tracker", "--udp", busy}, exitInUse,
			[]string{"listen on " + busy + ": address already in use; stop the program that has it, or choose another with --udp (port 0 takes a free one)"}},
		{"not our address", nil, []string{"tracker", "--udp", "192.0.2.1:1"}, exitFailure,
			[]string{"--udp: listen on 192.0.2.1:1: listen udp4 192.0.2.1:1: bind: cannot assign requested address"}},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			got := s.run(tc.environ, tc.args...)
			if got.code != tc.code {
				t.Errorf("exit code: got %d, want %d", got.code, tc.code)
			}
			if got.stdout != "" {
				t.Errorf("stdout: got %q, want nothing", got.stdout)
			}
			if tc.want != nil && got.stderr != message(tc.want) {
				t.Errorf("got\n%s\nwant\n%s", got.stderr, message(tc.want))
			}
		})
	}
}

// message is how lines appear on stderr: each with the program's name, but for
// the hint at the help.
func message(lines []string) string {
	var b strings.Builder
	for _, line := range lines {
		if !strings.HasPrefix(line, "See '") {
			b.WriteString("peerscope: ")
		}
		b.WriteString(line + "\n")
	}
	return b.String()
}

// sect163k1Key is a private key of an old curve (IPv8 reference 5.2).
func sect163k1Key(t *testing.T) []byte {
	t.Helper()
	const digits = "3053020101041501462a83832c2d20c282dc952d252a631f3b75ec38a00706052b81040001a12e032c0004" +
		"00e460976f618d90240a049ffad70cc5ef62120ea606b9af979c2ac8c9a1cc400c0b3552f7af367bf73b"
	return unhex(t, digits)
}

// legacyDir is a data directory whose identity is the key in file.
func legacyDir(t *testing.T, file string) string {
	t.Helper()
	blob, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, identityFile), blob, 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// A key that only others can use is refused with what to do about it.
func TestLegacyIdentity(t *testing.T) {
	s := newSandbox(t)
	dir := legacyDir(t, s.file("legacy.key", string(sect163k1Key(t)), 0o600))
	got := s.run(nil, "watch", "--data-dir", dir)
	want := message([]string{filepath.Join(dir, identityFile) + " holds a sect163k1 key, which cannot sign here; " +
		"use another --data-dir, or move the file away and run 'peerscope key new'"})
	if got.code != exitConfig || got.stderr != want {
		t.Errorf("got %d %q, want %d %q", got.code, got.stderr, exitConfig, want)
	}
}

// The port that is busy stays free of us, and the identity is not lost either.
func TestBusyPortKeepsIdentity(t *testing.T) {
	s := newSandbox(t)
	s.run(nil, "watch", "--udp", busyPort(t))
	if _, err := keyvault.ReadKeyFile(filepath.Join(s.home, ".local/state/peerscope", identityFile)); err != nil {
		t.Errorf("identity: %v", err)
	}
}

// Alone, the program and each group of commands print their help.
func TestHelpAlone(t *testing.T) {
	s := newSandbox(t)
	for _, args := range [][]string{nil, {"config"}, {"key"}, {"completion"}, {"help"}} {
		got := s.run(nil, args...)
		if got.code != exitDone || got.stderr != "" || !strings.Contains(got.stdout, "Available Commands:") {
			t.Errorf("%q: got %d, %q on stderr and\n%s", args, got.code, got.stderr, got.stdout)
		}
	}
}

// Every command has a help with an example.
func TestEveryHelp(t *testing.T) {
	s := newSandbox(t)
	var visit func(cmd *cobra.Command)
	visit = func(cmd *cobra.Command) {
		args := append(strings.Fields(cmd.CommandPath())[1:], "--help")
		got := s.run(nil, args...)
		if got.code != exitDone || got.stderr != "" {
			t.Errorf("%q: got %d, %q on stderr", args, got.code, got.stderr)
		}
		if !strings.Contains(got.stdout, "Examples:\n  ") || !strings.Contains(got.stdout, "peerscope "+strings.Join(args[:len(args)-1], " ")) {
			t.Errorf("%q: no example in\n%s", args, got.stdout)
		}
		for _, c := range cmd.Commands() {
			visit(c)
		}
	}
	var out bytes.Buffer
	visit(s.app(&out, &out).root())
}

// The examples in the help are command lines that parse.
func TestExamplesParse(t *testing.T) {
	s := newSandbox(t)
	var out bytes.Buffer
	var visit func(cmd *cobra.Command)
	visit = func(cmd *cobra.Command) {
		for line := range strings.SplitSeq(cmd.Example, "\n") {
			line, ours := strings.CutPrefix(strings.TrimSpace(line), "peerscope ")
			if !ours {
				continue
			}
			line, _, _ = strings.Cut(line, " |")
			line, _, _ = strings.Cut(line, " >")
			checkParses(t, s.app(&out, &out).root(), strings.Fields(line))
		}
		for _, c := range cmd.Commands() {
			visit(c)
		}
	}
	visit(s.app(&out, &out).root())
}

func checkParses(t *testing.T, root *cobra.Command, args []string) {
	t.Helper()
	cmd, rest, err := root.Find(args)
	if err == nil {
		err = cmd.ParseFlags(rest)
	}
	if err == nil {
		err = cmd.ValidateArgs(cmd.Flags().Args())
	}
	if err != nil {
		t.Errorf("example %q: %v", args, err)
	}
}

// run is what main calls: it works on the process's own environment.
func TestRun(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	t.Setenv("PEERSCOPE_MAX_PEERS", "12")
	for _, name := range []string{"XDG_CONFIG_HOME", "XDG_STATE_HOME", "CONFIGURATION_DIRECTORY", "STATE_DIRECTORY"} {
		t.Setenv(name, "")
	}
	var stdout, stderr bytes.Buffer
	code := run(t.Context(), []string{"config", "print"}, strings.NewReader(""), &stdout, &stderr)
	if code != exitDone || !strings.Contains(stdout.String(), "environment PEERSCOPE_MAX_PEERS") {
		t.Errorf("got %d and\n%s%s", code, &stdout, &stderr)
	}
}
