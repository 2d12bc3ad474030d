package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "peerscope/"

// imports is which of our packages each of our packages may import. A new edge
// here is a change of the design; "engine/..." is everything below engine, "all"
// everything. Files of tests may import what they need.
var imports = map[string]string{
	"engine/wire":         "",
	"engine/keyvault":     "",
	"engine/peer":         "engine/keyvault",
	"engine/event":        "engine/peer",
	"engine/network":      "engine/peer",
	"engine/requestcache": "engine/peer",
	"engine/community":    "engine/wire engine/keyvault engine/peer engine/event engine/network engine/requestcache",
	"engine/strategy":     "engine/peer engine/network",
	"engine/bootstrap":    "",
	"engine/tracker":      "engine/wire engine/keyvault engine/peer engine/event engine/network engine/requestcache engine/community engine/strategy",
	"engine/udp":          "",
	"engine/simnet":       "engine/udp", // for its Datagram
	"engine/exchange":     "engine/wire engine/keyvault engine/peer engine/udp",
	"engine":              "engine/...",

	"engine/internal/vectors": "", // for tests

	"migrations":    "",
	"store":         "engine/peer engine/event migrations",
	"static":        "",
	"web":           "static",
	"handlers/live": "",
	"handlers/auth": "",
	"handlers":      "web static handlers/live handlers/auth engine/peer engine/event store",

	"cmd/peerscope":                 "all",
	"cmd/peerscope/internal/config": "all",
	"cmd/peerscope/internal/demo":   "all",
	"cmd/bench":                     "engine/wire engine/keyvault engine/udp",
}

func TestImports(t *testing.T) {
	for _, p := range packages(t) {
		path := strings.TrimPrefix(p.ImportPath, module)
		allowed, ok := imports[path]
		if !ok {
			t.Errorf("package %s has no row in the table of imports", path)
			continue
		}
		for _, imported := range p.Imports {
			imported, ours := strings.CutPrefix(imported, module)
			if ours && !permits(allowed, imported) {
				t.Errorf("package %s must not import %s", path, imported)
			}
		}
	}
}

// A package as `go list` describes it; Imports leaves the test files out.
type goPackage struct {
	ImportPath string
	Imports    []string
}

// packages lists all packages of the module.
func packages(t *testing.T) []goPackage {
	t.Helper()
	cmd := exec.Command("go", "list", "-e", "-json=ImportPath,Imports", "./...")
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var list []goPackage
	decoder := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p goPackage
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
	// Without this, a listing of the wrong directory would pass.
	if !slices.ContainsFunc(list, func(p goPackage) bool { return p.ImportPath == module+"engine/wire" }) {
		t.Fatalf("go list found %d packages, but not engine/wire", len(list))
	}
	return list
}

// permits reports whether a row of the table allows an import.
func permits(row, imported string) bool {
	for allowed := range strings.FieldsSeq(row) {
		parent, below := strings.CutSuffix(allowed, "...")
		if allowed == "all" || allowed == imported || below && strings.HasPrefix(imported, parent) {
			return true
		}
	}
	return false
}

func TestPermits(t *testing.T) {
	cases := []struct {
		row, imported string
		want          bool
	}{
		{"", "engine/peer", false},
		{"engine/peer store", "engine/peer", true},
		{"engine/peer store", "store", true},
		{"engine/peer", "engine/peers", false},
		{"engine/peer", "engine", false},
		{"engine/...", "engine/wire", true},
		{"engine/...", "engine", false},
		{"engine/...", "store", false},
		{"all", "store", true},
	}
	for _, tc := range cases {
		if got := permits(tc.row, tc.imported); got != tc.want {
			t.Errorf("%q permits %s: got %v, want %v", tc.row, tc.imported, got, tc.want)
		}
	}
}
