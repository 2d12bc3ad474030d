package main

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func unhex(t *testing.T, digits string) []byte {
	t.Helper()
	b, err := hex.DecodeString(digits)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// want compares a run that has to succeed without a word on stderr.
func (r result) want(t *testing.T, stdout string) {
	t.Helper()
	if r.code != exitDone || r.stderr != "" {
		t.Errorf("got exit code %d, %q on stderr", r.code, r.stderr)
	}
	if r.stdout != stdout {
		t.Errorf("got\n%s\nwant\n%s", r.stdout, stdout)
	}
}

// The file that init writes is the one that check and every command find.
func TestConfigInitCheck(t *testing.T) {
	s := newSandbox(t)
	path := filepath.Join(s.home, ".config/peerscope/peerscope.yaml")
	s.run(nil, "config", "check").want(t, "no settings file: good, 0 set in the file, 0 in the environment\n")
	s.run(nil, "config", "init").want(t, path+"\n")
	s.run(nil, "config", "check").want(t, path+": good, 0 set in the file, 0 in the environment\n")
	written, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s.run(nil, "config", "init", "-").want(t, string(written))
	if err := os.WriteFile(path, []byte("udp: 127.0.0.1:1\nmax-peers: 3\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.run([]string{"PEERSCOPE_UDP=127.0.0.1:2"}, "config", "check").want(t, path+": good, 1 set in the file, 1 in the environment\n")
	s.run(nil, "config", "check", path).want(t, path+": good, 2 set\n")
}

// Without a home directory there is nowhere to write the file to.
func TestConfigInitHomeless(t *testing.T) {
	got := newSandbox(t).run([]string{"HOME="}, "config", "init")
	if want := message([]string{"there is no home directory for the settings file: name a file"}); got.code != exitConfig || got.stderr != want {
		t.Errorf("got %d %q, want %d %q", got.code, got.stderr, exitConfig, want)
	}
}

// Every value with its origin, one of each.
func TestConfigPrint(t *testing.T) {
	s := newSandbox(t)
	path := s.file("p.yaml", "\nbootstrap:\n  - 127.0.0.1:1\n  - 127.0.0.1:2\n", 0o600)
	args := []string{"config", "print", "--config", path, "--udp", "127.0.0.1:0"}
	environ := []string{"PEERSCOPE_MAX_PACKETS=9/s"}
	got := s.run(environ, args...)
	for _, want := range []string{
		"bootstrap      127.0.0.1:1 127.0.0.1:2",
		"file " + path + ":2\n",
		"udp            127.0.0.1:0",
		"flag --udp\n",
		"environment PEERSCOPE_MAX_PACKETS\n",
		"source-rate    50/s, burst 200",
	} {
		if got.code != exitDone || !strings.Contains(got.stdout, want) {
			t.Errorf("exit code %d, no %q in\n%s", got.code, want, got.stdout)
		}
	}
	lines := s.run(environ, append(args, "--json")...)
	for _, want := range []string{
		`{"name":"udp","value":"127.0.0.1:0","origin":"flag --udp"}`,
		`{"name":"bootstrap","value":["127.0.0.1:1","127.0.0.1:2"],"origin":"file ` + path + `:2"}`,
		`{"name":"community","value":[],"origin":"default"}`,
		`{"name":"max-packets","value":"9/s","origin":"environment PEERSCOPE_MAX_PACKETS"}`,
	} {
		if lines.code != exitDone || !strings.Contains(lines.stdout, want+"\n") {
			t.Errorf("exit code %d, no %s in\n%s", lines.code, want, lines.stdout)
		}
	}
}

const (
	// The key of the IPv8 reference's example, 5.1.
	exampleKey = "4c69624e61434c534b3a765cf84c2eece58cedc4a78c724a6e35eb1fddad9ecc45659e95d4847b5850380f02" +
		"4f66e6f828eaa778a5107288b656b4fcabf2edf1c96351f69f2c3f52c08e"
	examplePublic = "4c69624e61434c504b3aa54facf457b89bb34cde69dcae585cef944b877c31decd9a5439926b1998544b2f3e" +
		"6ba77cba7ec15efe5a18539f9d822018680778a854de9e5422e253683b0d"
	exampleMid = "9d8a081adb6152abe99f029e9b99dd036d18457d"
)

// A key file of py-ipv8's shows as what it is, in both forms.
func TestKeyShow(t *testing.T) {
	s := newSandbox(t)
	path := s.file(".local/state/peerscope/identity.key", string(unhex(t, exampleKey)), 0o600)
	s.run(nil, "key", "show").want(t, "mid         "+exampleMid+"\npublic key  "+examplePublic+"\nkey type    curve25519\nfile        "+path+"\n")
	want := `{"mid":"` + exampleMid + `","public_key":"` + examplePublic + `","key_type":"curve25519","file":"` + path + `"}` + "\n"
	s.run(nil, "key", "show", "--json").want(t, want)
	s.run(nil, "key", "show", "--json", "--data-dir", filepath.Dir(path)).want(t, want)
	s.run(nil, "key", "show", "--json", path).want(t, want)
}

// Old keys show too, though we cannot sign with them.
func TestKeyShowLegacy(t *testing.T) {
	s := newSandbox(t)
	path := s.file("old.key", string(sect163k1Key(t)), 0o600)
	got := s.run(nil, "key", "show", "--json", path)
	var key shownKey
	if err := json.Unmarshal([]byte(got.stdout), &key); err != nil {
		t.Fatalf("%v in %q (%s)", err, got.stdout, got.stderr)
	}
	if key.KeyType != "sect163k1" || key.Mid.String() != "15fc833e4918573e24011da5325816e76e36fb7a" {
		t.Errorf("got %+v", key)
	}
}

// new makes the file that show reads, for its owner alone, and never another.
func TestKeyNew(t *testing.T) {
	s := newSandbox(t)
	dir := filepath.Join(s.home, "a/b")
	made := s.run(nil, "key", "new", "--json", "--data-dir", dir)
	s.run(nil, "key", "show", "--json", "--data-dir", dir).want(t, made.stdout)
	for path, want := range map[string]os.FileMode{dir: 0o700, filepath.Join(dir, identityFile): 0o600} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s: got mode %o, want %o", path, got, want)
		}
	}
	if again := s.run(nil, "key", "new", "--data-dir", dir); again.code != exitFailure {
		t.Errorf("a second time: got exit code %d, want %d", again.code, exitFailure)
	}
	s.run(nil, "key", "show", "--json", "--data-dir", dir).want(t, made.stdout)
}

func TestVersion(t *testing.T) {
	s := newSandbox(t)
	if got := s.run(nil, "version"); got.code != exitDone || !strings.HasPrefix(got.stdout, "peerscope ") || strings.Count(got.stdout, "\n") != 1 {
		t.Errorf("got %+v", got)
	}
	var b build
	got := s.run(nil, "version", "--json")
	if err := json.Unmarshal([]byte(got.stdout), &b); err != nil || b != thisBuild() || b.Version == "" {
		t.Errorf("got %q, %v", got.stdout, err)
	}
	full := build{Version: "1.2.3", Revision: "0123456789abcdef", Time: "2026-11-22T15:02:11Z", Modified: true, Go: "go1.26", OS: "linux", Arch: "amd64"}
	if got, want := full.String(), "peerscope 1.2.3 go1.26 linux/amd64 revision 0123456789ab of 2026-11-22T15:02:11Z (modified)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestMan(t *testing.T) {
	s := newSandbox(t)
	dir := filepath.Join(s.home, "man1")
	s.run(nil, "man", dir).want(t, "")
	for name, want := range map[string]string{
		"peerscope.1":             "Exit codes: 0 done",
		"peerscope-watch.1":       "ping-interval",
		"peerscope-config-init.1": "peerscope config init",
	} {
		page, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Error(err)
			continue
		}
		if text := strings.ReplaceAll(string(page), `\-`, "-"); !strings.Contains(text, want) {
			t.Errorf("%s: no %q in\n%s", name, want, text)
		}
	}
}

func TestCompletion(t *testing.T) {
	s := newSandbox(t)
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if got := s.run(nil, "completion", shell); got.code != exitDone || len(got.stdout) < 1000 {
			t.Errorf("%s: got %d, %d bytes, %q", shell, got.code, len(got.stdout), got.stderr)
		}
	}
	got := s.run(nil, "__complete", "watch", "--log-level", "")
	if !strings.HasPrefix(got.stdout, "debug\ninfo\nwarn\nerror\n") {
		t.Errorf("--log-level completes to\n%s", got.stdout)
	}
}
