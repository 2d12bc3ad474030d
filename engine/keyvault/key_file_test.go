package keyvault

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// writeFile writes a file with exactly the given mode and returns its path.
func writeFile(t *testing.T, content []byte, mode fs.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ec_multichain.pem")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestKeyFileRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	key := testKey(t, 1)
	if err := WriteKeyFile(path, key); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode(); got != 0o600 {
		t.Errorf("mode = %v, want 0600", got)
	}
	content, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(content, key.Bytes()) {
		t.Errorf("content = %x, %v, want %x", content, err, key.Bytes())
	}
	read, err := ReadKeyFile(path)
	if err != nil || read.Public() != key.Public() || !bytes.Equal(read.Bytes(), key.Bytes()) {
		t.Errorf("ReadKeyFile = %v, %v, want %v", read, err, key)
	}
	wantFiles(t, filepath.Dir(path), "key")
}

// wantFiles checks that a directory holds the given files and no leftovers.
func wantFiles(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("directory holds %q, want %q", got, want)
	}
}

func TestWriteKeyFileNeverOverwrites(t *testing.T) {
	path := writeFile(t, []byte("precious"), 0o600)
	if err := WriteKeyFile(path, testKey(t, 1)); !errors.Is(err, fs.ErrExist) {
		t.Errorf("WriteKeyFile over a file = %v, want ErrExist", err)
	}
	if got, _ := os.ReadFile(path); string(got) != "precious" {
		t.Errorf("content = %q, want it untouched", got)
	}
	wantFiles(t, filepath.Dir(path), filepath.Base(path))
	if err := WriteKeyFile(filepath.Join(t.TempDir(), "missing", "key"), testKey(t, 1)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("WriteKeyFile into no directory = %v, want ErrNotExist", err)
	}
	if err := WriteKeyFile(filepath.Join(t.TempDir(), "key"), PrivateKey{}); !errors.Is(err, ErrMalformed) {
		t.Errorf("WriteKeyFile of no key = %v, want ErrMalformed", err)
	}
}

func TestReadKeyFileErrors(t *testing.T) {
	good := testKey(t, 1).Bytes()
	tests := []struct {
		name string
		path string
		want error
	}{
		{"missing", filepath.Join(t.TempDir(), "key"), fs.ErrNotExist},
		{"group can read", writeFile(t, good, 0o640), ErrPermissions},
		{"others can read", writeFile(t, good, 0o604), ErrPermissions},
		{"others can write", writeFile(t, good, 0o602), ErrPermissions},
		{"empty", writeFile(t, nil, 0o600), ErrMalformed},
		{"prefix only", writeFile(t, good[:10], 0o600), ErrMalformed},
		{"42 bytes", writeFile(t, good[:42], 0o600), ErrMalformed},
		{"PEM", writeFile(t, []byte("-----BEGIN PRIVATE KEY-----\n"), 0o600), ErrMalformed},
		{"a public key", writeFile(t, testKey(t, 1).Public().Bytes(), 0o600), ErrMalformed},
		{"huge", writeFile(t, append(bytes.Clone(good), make([]byte, maxKeyFile)...), 0o600), ErrMalformed},
	}
	for _, tt := range tests {
		key, err := ReadKeyFile(tt.path)
		if !errors.Is(err, tt.want) || !key.IsZero() {
			t.Errorf("%s: ReadKeyFile = %v, %v, want %v", tt.name, key, err, tt.want)
		}
		if err != nil && !strings.Contains(err.Error(), tt.path) {
			t.Errorf("%s: error %q does not name the file", tt.name, err)
		}
	}
	if _, err := ReadKeyFile(t.TempDir()); err == nil {
		t.Error("ReadKeyFile of a directory = nil")
	}
}

func TestPermissionsErrorSaysWhatToDo(t *testing.T) {
	path := writeFile(t, testKey(t, 1).Bytes(), 0o644)
	_, err := ReadKeyFile(path)
	if err == nil || !strings.Contains(err.Error(), "chmod 600 "+path) || !strings.Contains(err.Error(), "0644") {
		t.Errorf("ReadKeyFile = %v, want the mode and the command that mends it", err)
	}
}

// TestReadKeyFileNewline: py-ipv8 ignores what follows the key, and editors add a newline.
func TestReadKeyFileNewline(t *testing.T) {
	key := testKey(t, 1)
	read, err := ReadKeyFile(writeFile(t, append(key.Bytes(), '\n'), 0o400))
	if err != nil || read.Public() != key.Public() || len(read.Bytes()) != curve25519KeyLen {
		t.Errorf("ReadKeyFile = %v, %v, want %v", read, err, key)
	}
}

func TestLoadOrCreate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	first, created, err := LoadOrCreate(path, nil)
	if err != nil || !created {
		t.Fatalf("LoadOrCreate = created %v, %v, want true, nil", created, err)
	}
	again, created, err := LoadOrCreate(path, nil)
	if err != nil || created || again.Public() != first.Public() {
		t.Errorf("LoadOrCreate again = %v, created %v, %v, want %v, false", again, created, err, first)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if key, created, err := LoadOrCreate(path, nil); !errors.Is(err, ErrPermissions) || created || !key.IsZero() {
		t.Errorf("LoadOrCreate of an open file = %v, created %v, %v, want ErrPermissions", key, created, err)
	}
	if key, _, err := LoadOrCreate(filepath.Join(path, "below"), nil); err == nil || !key.IsZero() {
		t.Errorf("LoadOrCreate below a file = %v, %v, want an error", key, err)
	}
}

// TestLoadOrCreateAtOnce: of many starts at once exactly one creates the key and all use it.
func TestLoadOrCreateAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	var (
		group sync.WaitGroup
		mu    sync.Mutex
		made  int
		seen  = make(map[PublicKey]bool)
	)
	for range 8 {
		group.Go(func() {
			key, created, err := LoadOrCreate(path, nil)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			seen[key.Public()] = true
			if created {
				made++
			}
		})
	}
	group.Wait()
	if made != 1 || len(seen) != 1 {
		t.Errorf("%d keys made and %d seen, want 1 and 1", made, len(seen))
	}
	wantFiles(t, filepath.Dir(path), "key")
}
