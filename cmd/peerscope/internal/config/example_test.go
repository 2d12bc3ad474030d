package config

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The commented file changes nothing as it is; with its comments taken off, it
// sets every setting to a good value, and those that have a default to that.
func TestExampleFile(t *testing.T) {
	text := Example()
	if n, err := CheckFile(write(t, string(text))); n != 0 || err != nil {
		t.Errorf("as written: got %d settings, %v; want none", n, err)
	}
	live := regexp.MustCompile(`(?m)^#([a-z]|  - )`).ReplaceAll(text, []byte("$1"))
	path := write(t, string(live))
	c := mustLoad(t, Sources{Flags: flags(t, "--config", path)})
	for i, s := range Settings() {
		v := c.Values()[i]
		if s.NotInFile {
			continue
		}
		if v.Origin.Source != FromFile {
			t.Errorf("%s is not in the file", s.Name)
		}
		if s.Default != "" && !slices.Equal(v.Texts(), []string{s.Default}) {
			t.Errorf("%s: got %q, want its default %q", s.Name, v.Texts(), s.Default)
		}
	}
	for line := range bytes.Lines(text) {
		if len(line) > 140 {
			t.Errorf("line of %d bytes: %s", len(line), line)
		}
	}
}

// What the table says of a setting is there and fits where it is shown.
func TestTable(t *testing.T) {
	for _, s := range Settings() {
		if s.Usage == "" || s.Kind == "" || s.set == nil {
			t.Errorf("%s: usage, kind and set are needed", s.Name)
		}
		if strings.HasSuffix(s.Usage, ".") || len(s.Usage) > 80 {
			t.Errorf("%s: usage is not one short line without a full stop: %q", s.Name, s.Usage)
		}
		if s.Default == "" && s.Example == "" && !s.NotInFile {
			t.Errorf("%s: the commented file needs a default or an example", s.Name)
		}
	}
}
