package vectors

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// EnvFile is the environment variable that names another file of vectors to
// read instead of engine/testdata/vectors.json. A relative name is relative to
// the directory of the tested package, as go test runs it.
const EnvFile = "PEERSCOPE_VECTORS"

// External tells whether [EnvFile] names a file to read instead of our own.
// Lists of vectors by name are about our own file; in another one a vector whose
// policy leaves the choice may go either way.
func External() bool { return os.Getenv(EnvFile) != "" }

// file is the part of the file that the tests use.
type file struct {
	Vectors         []json.RawMessage `json:"vectors"`
	DefaultObserver json.RawMessage   `json:"default_observer"`

	parsed []Vector
}

var load = sync.OnceValues(read)

// Load returns all vectors in file order, or fails the test. The slice is
// shared by the tests of the binary and must not be changed.
func Load(t testing.TB) []Vector {
	t.Helper()
	f, err := load()
	if err != nil {
		t.Fatal(err)
	}
	return f.parsed
}

// DefaultObserver returns the state of the observing node for "behaviour" and
// other vectors that do not bring their own.
func DefaultObserver(t testing.TB) json.RawMessage {
	t.Helper()
	f, err := load()
	if err != nil {
		t.Fatal(err)
	}
	return f.DefaultObserver
}

func read() (*file, error) {
	name, err := fileName()
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("vectors: %w", err)
	}
	f := new(file)
	if err := json.Unmarshal(data, f); err != nil {
		return nil, fmt.Errorf("vectors: %s: %w", name, err)
	}
	if len(f.Vectors) == 0 {
		return nil, fmt.Errorf("vectors: %s: no vectors", name)
	}
	f.parsed = make([]Vector, len(f.Vectors))
	for i, raw := range f.Vectors {
		if err := json.Unmarshal(raw, &f.parsed[i]); err != nil {
			return nil, fmt.Errorf("vectors: %s: vector %d: %w", name, i, err)
		}
		f.parsed[i].Raw = raw
	}
	return f, nil
}

// fileName looks for engine/testdata upwards from the working directory, which
// go test sets to the tested package's own.
func fileName() (string, error) {
	if name := os.Getenv(EnvFile); name != "" {
		return name, nil
	}
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("vectors: %w", err)
	}
	for {
		name := filepath.Join(dir, "engine", "testdata", "vectors.json")
		if _, err := os.Stat(name); err == nil {
			return name, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("vectors: no engine/testdata/vectors.json above the tested package")
		}
		dir = parent
	}
}
