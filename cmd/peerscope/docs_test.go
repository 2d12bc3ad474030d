package main

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

var (
	namedTest = regexp.MustCompile("`(Test[A-Za-z0-9]+)`")
	testFunc  = regexp.MustCompile(`(?m)^func (Test[A-Za-z0-9]+)\(`)
)

// The tests that docs/protocol.md names as proof have to exist.
func TestProtocolTableNamesTests(t *testing.T) {
	page, err := os.ReadFile("../../docs/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	named := namedTest.FindAllStringSubmatch(string(page), -1)
	if len(named) < 20 {
		t.Fatalf("the page names %d tests, want the whole table", len(named))
	}
	exist := testNames(t)
	for _, name := range named {
		if !exist[name[1]] {
			t.Errorf("docs/protocol.md names %s, which does not exist", name[1])
		}
	}
}

// testNames are the test functions of all packages under engine.
func testNames(t *testing.T) map[string]bool {
	t.Helper()
	list := exec.Command("go", "list", "-f", "{{range .TestGoFiles}}{{$.Dir}}/{{.}}\n{{end}}", "./engine/...")
	list.Dir = "../.."
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	names := make(map[string]bool)
	for file := range strings.FieldsSeq(string(out)) {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range testFunc.FindAllStringSubmatch(string(source), -1) {
			names[f[1]] = true
		}
	}
	return names
}
