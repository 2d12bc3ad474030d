package config

import (
	"errors"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"
)

// write makes a settings file and returns its path.
func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "peerscope.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// flags parses a command line that has all settings as flags.
func flags(t *testing.T, args ...string) *Flags {
	t.Helper()
	set := pflag.NewFlagSet("test", pflag.ContinueOnError)
	f := AddFlags(set)
	if err := set.Parse(args); err != nil {
		t.Fatal(err)
	}
	return f
}

func mustLoad(t *testing.T, s Sources) Config {
	t.Helper()
	c, err := Load(s)
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	return c
}

// value returns the value of one setting.
func value(t *testing.T, c Config, name string) Value {
	t.Helper()
	for _, v := range c.Values() {
		if v.Name == name {
			return v
		}
	}
	t.Fatalf("no setting %s", name)
	return Value{}
}

func TestDefaults(t *testing.T) {
	got := mustLoad(t, Sources{Environ: []string{"HOME=/home/ada"}})
	got.values = nil
	want := Config{
		DataDir:      "/home/ada/.local/state/peerscope",
		UDP:          netip.MustParseAddrPort("0.0.0.0:8470"),
		MaxPeers:     -1,
		PingInterval: 20 * time.Second,
		MaxPackets:   Rate{Count: 500, Per: time.Second, Burst: 500},
		NewFlows:     Rate{Count: 600, Per: time.Minute, Burst: 600},
		SourceRate:   Rate{Count: 50, Per: time.Second, Burst: 200},
		LogLevel:     slog.LevelInfo,
		LogFormat:    "auto",
	}
	if !equal(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func equal(a, b Config) bool {
	return a.File == b.File && a.DataDir == b.DataDir && a.UDP == b.UDP && a.UDP6 == b.UDP6 &&
		slices.Equal(a.Bootstrap, b.Bootstrap) && a.Network == b.Network &&
		slices.Equal(a.Communities, b.Communities) && a.MaxPeers == b.MaxPeers &&
		a.PingInterval == b.PingInterval && a.MaxPackets == b.MaxPackets && a.NewFlows == b.NewFlows &&
		a.SourceRate == b.SourceRate && a.LogLevel == b.LogLevel && a.LogFormat == b.LogFormat
}

// Each layer is cut off in turn; the next one below shows.
func TestPrecedence(t *testing.T) {
	path := write(t, "udp: 127.0.0.1:3\nbootstrap: [127.0.0.1:33]\n")
	args := []string{"--config", path, "--udp", "127.0.0.1:1", "--udp", "127.0.0.1:2"}
	environ := []string{"PEERSCOPE_UDP=127.0.0.1:4"}
	cases := []struct {
		name    string
		args    []string
		environ []string
		udp     string
		origin  string
	}{
		{"the last of two flags", args, environ, "127.0.0.1:2", "flag --udp"},
		{"environment", args[:2], environ, "127.0.0.1:4", "environment PEERSCOPE_UDP"},
		{"file", args[:2], nil, "127.0.0.1:3", "file " + path + ":1"},
		{"file named in the environment", nil, []string{"PEERSCOPE_CONFIG=" + path}, "127.0.0.1:3", "file " + path + ":1"},
		{"default", nil, nil, "0.0.0.0:8470", "default"},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			c := mustLoad(t, Sources{Flags: flags(t, tc.args...), Environ: tc.environ})
			if got := c.UDP.String(); got != tc.udp {
				t.Errorf("udp: got %s, want %s", got, tc.udp)
			}
			v := value(t, c, "udp")
			if got := v.Origin.String(); got != tc.origin {
				t.Errorf("origin: got %s, want %s", got, tc.origin)
			}
			if got := v.Texts(); !slices.Equal(got, []string{tc.udp}) {
				t.Errorf("texts: got %q, want %q", got, tc.udp)
			}
		})
	}
}

// A list of a higher layer replaces the one below; they are not added up.
func TestLists(t *testing.T) {
	path := write(t, "bootstrap:\n  - 127.0.0.1:1\n  - 127.0.0.1:2\n")
	cases := []struct {
		name    string
		args    []string
		environ []string
		want    []string
	}{
		{"file", []string{"--config", path}, nil, []string{"127.0.0.1:1", "127.0.0.1:2"}},
		{"environment", []string{"--config", path}, []string{"PEERSCOPE_BOOTSTRAP=127.0.0.1:3, 127.0.0.1:4"}, []string{"127.0.0.1:3", "127.0.0.1:4"}},
		{"empty environment", []string{"--config", path}, []string{"PEERSCOPE_BOOTSTRAP="}, nil},
		{"flags", []string{"--config", path, "--bootstrap", "127.0.0.1:5", "--bootstrap", "127.0.0.1:6"}, nil, []string{"127.0.0.1:5", "127.0.0.1:6"}},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			c := mustLoad(t, Sources{Flags: flags(t, tc.args...), Environ: tc.environ})
			var got []string
			for _, server := range c.Bootstrap {
				got = append(got, server.String())
			}
			if !slices.Equal(got, tc.want) {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestDirectories(t *testing.T) {
	cases := []struct {
		name    string
		environ []string
		want    string
	}{
		{"systemd", []string{"STATE_DIRECTORY=/var/lib/a:/var/lib/b", "XDG_STATE_HOME=/x", "HOME=/h"}, "/var/lib/a"},
		{"XDG", []string{"XDG_STATE_HOME=/x", "HOME=/h"}, "/x/peerscope"},
		{"relative XDG", []string{"XDG_STATE_HOME=x", "HOME=/h"}, "/h/.local/state/peerscope"},
		{"none", nil, ""},
		{"given", []string{"PEERSCOPE_DATA_DIR=d", "STATE_DIRECTORY=/s"}, "d"},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			if got := mustLoad(t, Sources{Environ: tc.environ}).DataDir; got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

// The default file is read where there is one; one that was asked for must exist.
func TestWhichFile(t *testing.T) {
	home := t.TempDir()
	environ := []string{"XDG_CONFIG_HOME=" + home}
	if got := mustLoad(t, Sources{Environ: environ}).File; got != "" {
		t.Errorf("no file there: read %q", got)
	}
	path := filepath.Join(home, "peerscope", "peerscope.yaml")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("max-peers: 7\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := mustLoad(t, Sources{Environ: environ})
	if c.File != path || c.MaxPeers != 7 {
		t.Errorf("got file %q, max-peers %d; want %q, 7", c.File, c.MaxPeers, path)
	}
	_, err := Load(Sources{Flags: flags(t, "--config", path+".old"), Environ: environ})
	wantProblems(t, err, path+".old: no such file or directory")
}

// wantProblems compares an error with its lines.
func wantProblems(t *testing.T, err error, want ...string) {
	t.Helper()
	invalid, ok := errors.AsType[*Invalid](err)
	if !ok {
		t.Fatalf("got error %v, want an *Invalid", err)
	}
	if got := strings.Split(invalid.Error(), "\n"); !slices.Equal(got, want) {
		t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// All mistakes are reported at once, each with its place.
func TestProblems(t *testing.T) {
	path := write(t, `
udp: 127.0.0.1
pign-interval: 20s
max-peers: many
bootstrap:
  - 127.0.0.1:1
  - {host: x}
new-flows: [1/s]
udp: 127.0.0.1:1
config: other.yaml
`)
	_, err := Load(Sources{
		Flags:   flags(t, "--config", path, "--log-level", "loud", "--udp6", "127.0.0.1:1"),
		Environ: []string{"PEERSCOPE_UPD=127.0.0.1:1", "PEERSCOPE_PING_INTERVAL=20", "PEERSCOPE_VECTORS=x", "PEERS=1"},
	})
	wantProblems(t, err,
		`PEERSCOPE_UPD: unknown environment variable; the nearest known one is PEERSCOPE_UDP`,
		`--udp6: want an IPv6 address and a port such as [::1]:8470, or nothing, not "127.0.0.1:1"`,
		`PEERSCOPE_PING_INTERVAL: want a duration such as 20s or 1m30s, not "20"`,
		`--log-level: unknown log level "loud"; known: debug, info, warn, error`,
		path+`:2: udp: want an IPv4 address and a port such as 127.0.0.1:8470, not "127.0.0.1"`,
		path+`:3: unknown key "pign-interval"; the nearest known one is "ping-interval"`,
		path+`:4: max-peers: want a number of peers from 1, or -1 for all, not "many"`,
		path+`:7: bootstrap: want a list of HOST:PORT, not a mapping`,
		path+`:8: new-flows: want one RATE, not a list`,
		path+`:9: "udp" is set a second time; the first is in line 2`,
		path+`:10: unknown key "config"; the nearest known one is "udp"`,
	)
	if invalid, _ := errors.AsType[*Invalid](err); invalid.Usage() {
		t.Error("mistakes in a file count as usage")
	}
	_, err = Load(Sources{Flags: flags(t, "--log-level", "loud")})
	if invalid, _ := errors.AsType[*Invalid](err); !invalid.Usage() {
		t.Error("a mistake in a flag does not count as usage")
	}
}

func TestFileForms(t *testing.T) {
	cases := []struct {
		name, text string
		want       string // the problem after the path, or empty
	}{
		{"empty", "", ""},
		{"comments", "# nothing\n", ""},
		{"null", "~\n", ""},
		{"list commented out", "bootstrap:\n#  - 127.0.0.1:1\n", ""},
		{"one value for a list", "bootstrap: 127.0.0.1:1\n", ""},
		{"alias", "max-packets: &r 10/s\nnew-flows: *r\n", ""},
		{"words that YAML knows", "source-rate: off\ncommunity: [1234567890123456789012345678901234567890]\n", ""},
		{"no value", "max-peers:\n", `:1: max-peers: want a number of peers from 1, or -1 for all, not ""`},
		{"list", "- udp\n", `:1: want lines such as "udp: 0.0.0.0:8470", not a list`},
		{"word", "udp\n", `:1: want lines such as "udp: 0.0.0.0:8470", not "udp"`},
		{"nested", "\nengine:\n  udp: 1\n", `:2: unknown key "engine"; the nearest known one is "udp"`},
		{"mapping for a value", "udp:\n  port: 1\n", `:2: udp: want one ADDR:PORT, not a mapping`},
		{"empty item", "bootstrap:\n  -\n", `:2: bootstrap: want a list of HOST:PORT, not nothing`},
		{"two documents", "udp: 127.0.0.1:1\n---\nudp6: \"\"\n", `:2: a second YAML document; want one`},
		{"not YAML", "udp: 127.0.0.1:1\nnetwork: [\n", `:2: not YAML: did not find expected node content`},
		{"tab", "udp: 127.0.0.1:1\n\tnetwork: x\n", `:2: not YAML: found a tab character that violates indentation`},
		{"anchor inside itself", "bootstrap: &b [*b]\n", `:1: bootstrap: want a list of HOST:PORT, not a list`},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			path := write(t, tc.text)
			_, err := Load(Sources{Flags: flags(t, "--config", path)})
			if tc.want != "" {
				wantProblems(t, err, path+tc.want)
			} else if err != nil {
				t.Errorf("got %v, want no error", err)
			}
		})
	}
}

func TestFileTooLong(t *testing.T) {
	path := write(t, strings.Repeat("# long\n", maxFile/7+1))
	_, err := Load(Sources{Flags: flags(t, "--config", path)})
	wantProblems(t, err, path+": longer than 1048576 bytes")
}

func TestCheckFile(t *testing.T) {
	n, err := CheckFile(write(t, "udp: 127.0.0.1:1\nmax-peers: 3\n"))
	if n != 2 || err != nil {
		t.Errorf("got %d, %v; want 2 settings", n, err)
	}
	path := write(t, "max-peers: x\n")
	_, err = CheckFile(path)
	wantProblems(t, err, path+`:1: max-peers: want a number of peers from 1, or -1 for all, not "x"`)
}

func TestReloaded(t *testing.T) {
	before := mustLoad(t, Sources{Environ: []string{"PEERSCOPE_UDP=127.0.0.1:1", "PEERSCOPE_MAX_PACKETS=1/s"}})
	after := mustLoad(t, Sources{Environ: []string{"PEERSCOPE_UDP=127.0.0.1:2", "PEERSCOPE_MAX_PACKETS=2/s", "PEERSCOPE_LOG_LEVEL=debug"}})
	var names []string
	for _, s := range Changed(before, after) {
		names = append(names, s.Name)
	}
	if want := []string{"udp", "max-packets", "log-level"}; !slices.Equal(names, want) {
		t.Errorf("changed: got %q, want %q", names, want)
	}
	got := before.Reloaded(after)
	if got.UDP != before.UDP || got.LogLevel != slog.LevelDebug {
		t.Errorf("got %+v", got)
	}
	// What could not change is still a change at the next reload.
	names = nil
	for _, s := range Changed(got, after) {
		names = append(names, s.Name)
	}
	if want := []string{"udp", "max-packets"}; !slices.Equal(names, want) {
		t.Errorf("still to change: got %q, want %q", names, want)
	}
}
