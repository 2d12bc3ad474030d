package config

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/knadh/koanf/v2"
)

// A layer is the values that one source sets, and the mistakes in it that are
// not about a value. It is a koanf provider.
type layer struct {
	name     string // the file, empty for other sources
	missing  bool   // the file does not exist
	values   map[string]Value
	problems []Problem
}

var _ koanf.Provider = (*layer)(nil)

// Read hands koanf the values by setting name.
func (l *layer) Read() (map[string]any, error) {
	values := make(map[string]any, len(l.values))
	for name, v := range l.values {
		values[name] = v
	}
	return values, nil
}

// ReadBytes is not used.
func (l *layer) ReadBytes() ([]byte, error) { return nil, errReadBytes }

// put adds a value.
func (l *layer) put(name string, origin Origin, items ...Item) {
	if l.values == nil {
		l.values = make(map[string]Value)
	}
	l.values[name] = Value{Name: name, Items: items, Origin: origin}
}

// defaults is the lowest layer. Two defaults follow the environment, as systemd
// and the XDG base directory specification lay it out.
func defaults(env variables) *layer {
	l := &layer{}
	origin := Origin{Source: FromDefault}
	for _, s := range table {
		text := s.Default
		switch s.Name {
		case "config":
			text = env.defaultFile()
		case "data-dir":
			text = env.path("STATE_DIRECTORY", "XDG_STATE_HOME", ".local/state", "")
		}
		if text == "" {
			l.put(s.Name, origin)
			continue
		}
		l.put(s.Name, origin, Item{Text: text})
	}
	return l
}

// DefaultFile is the settings file that is read when no other is named, empty when
// the environment has no home directory.
func DefaultFile(environ []string) string {
	return environment(environ).defaultFile()
}

func (env variables) defaultFile() string {
	return env.path("CONFIGURATION_DIRECTORY", "XDG_CONFIG_HOME", ".config", "peerscope.yaml")
}

// variables is the environment by name.
type variables map[string]string

func environment(environ []string) variables {
	env := make(variables, len(environ))
	for _, pair := range environ {
		if name, value, ok := strings.Cut(pair, "="); ok {
			env[name] = value
		}
	}
	return env
}

// path is name in the directory that systemd made for the service, else in the
// peerscope directory under the XDG one, else under the home directory. It is
// empty when the environment has none of them.
func (env variables) path(systemd, xdg, underHome, name string) string {
	// systemd separates several directories with colons; ours is the first.
	if dir, _, _ := strings.Cut(env[systemd], ":"); dir != "" {
		return filepath.Join(dir, name)
	}
	// The specification wants relative paths ignored.
	if dir := env[xdg]; filepath.IsAbs(dir) {
		return filepath.Join(dir, "peerscope", name)
	}
	if home := env["HOME"]; home != "" {
		return filepath.Join(home, underHome, "peerscope", name)
	}
	return ""
}

// layer takes the variables with our prefix. Lists are separated by commas.
func (env variables) layer() *layer {
	l := &layer{}
	names := make(map[string]Setting, len(table))
	known := make([]string, 0, len(table))
	for _, s := range table {
		names[s.Variable()] = s
		known = append(known, s.Variable())
	}
	for _, name := range env.ours() {
		origin := Origin{Source: FromEnvironment, Name: name}
		s, ok := names[name]
		if !ok {
			l.problems = append(l.problems, Problem{Origin: origin,
				Err: fmt.Errorf("unknown environment variable; the nearest known one is %s", Nearest(name, known))})
			continue
		}
		l.put(s.Name, origin, s.split(env[name])...)
	}
	return l
}

// ours lists the variables that can only be meant for us, sorted.
func (env variables) ours() []string {
	var names []string
	for name := range env {
		if strings.HasPrefix(name, variablePrefix) && !notSettings[name] {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// split cuts the text of a list at its commas; other texts are one item.
func (s Setting) split(text string) []Item {
	if !s.List {
		return []Item{{Text: text}}
	}
	var items []Item
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			items = append(items, Item{Text: part})
		}
	}
	return items
}
