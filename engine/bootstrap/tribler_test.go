package bootstrap

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

func TestTriblerNetwork(t *testing.T) {
	list := TriblerNetwork()
	if len(list) != 20 {
		t.Fatalf("%d servers, want the 13 addresses and 7 names of py-ipv8's default configuration", len(list))
	}
	seen := map[Endpoint]bool{}
	for _, e := range list {
		if again, err := ParseEndpoint(e.String()); err != nil || again != e {
			t.Errorf("%v is read as %v, %v", e, again, err)
		}
		if seen[e] {
			t.Errorf("%v is listed twice", e)
		}
		seen[e] = true
	}
	list[0].Host = "127.0.0.1"
	if TriblerNetwork()[0].Host == "127.0.0.1" {
		t.Error("a caller can change the list")
	}
}

// TestOnlyTriblerNetworkIsPublic: the list is reached through TriblerNetwork alone, which nothing in the engine calls, and
// no other source file of the program knows its servers. So joining the public network takes --network tribler.
func TestOnlyTriblerNetworkIsPublic(t *testing.T) {
	root := filepath.Join("..", "..")
	files := 0
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		files++
		checkSource(t, root, path)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 10 {
		t.Fatalf("read %d source files, want the whole program", files)
	}
}

func checkSource(t *testing.T, root, path string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	name, _ := filepath.Rel(root, path)
	name = filepath.ToSlash(name)
	if name == "engine/bootstrap/tribler.go" {
		return
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			outside := n.Name == "TriblerNetwork" && !strings.HasPrefix(name, "cmd/peerscope/")
			if n.Name == "triblerServers" || outside {
				t.Errorf("%s uses %s", name, n.Name)
			}
		case *ast.BasicLit:
			for _, e := range triblerServers {
				if strings.Contains(n.Value, e.Host) {
					t.Errorf("%s names the public server %s", name, n.Value)
				}
			}
		}
		return true
	})
}
