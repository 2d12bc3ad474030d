package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/knadh/koanf/v2"
)

// Sources are where settings come from. The zero value gives the defaults.
type Sources struct {
	// Flags are those of the command line; nil for none.
	Flags *Flags
	// Environ is the environment as os.Environ has it.
	Environ []string
}

// Invalid is every mistake that was found in the settings, in the order in which
// somebody would mend them: flags, environment, file from top to bottom.
type Invalid struct{ Problems []Problem }

// Error has one line for each problem.
func (e *Invalid) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// Usage reports whether all of it was typed on the command line.
func (e *Invalid) Usage() bool {
	return !slices.ContainsFunc(e.Problems, func(p Problem) bool { return p.Origin.Source != FromFlag })
}

// Load reads and checks all settings. The error is an *[Invalid].
func Load(s Sources) (Config, error) {
	env := environment(s.Environ)
	base, variables, flags := defaults(env), env.layer(), s.Flags.layer()
	file := configFile(base, variables, flags)
	layers := []*layer{base, file, variables, flags}
	merged := koanf.New(".")
	var problems []Problem
	for _, l := range slices.Backward(layers) {
		problems = append(problems, l.problems...)
	}
	for _, l := range layers {
		if err := merged.Load(l, nil); err != nil {
			return Config{}, fmt.Errorf("merge settings: %w", err)
		}
	}
	return check(merged, file.name, problems)
}

// CheckFile checks the file at path alone, over the defaults, and counts the
// settings in it. The error is an *[Invalid].
func CheckFile(path string) (settings int, err error) {
	file := readFile(path)
	merged := koanf.New(".")
	for _, l := range []*layer{defaults(variables{}), file} {
		if err := merged.Load(l, nil); err != nil {
			return 0, fmt.Errorf("merge settings: %w", err)
		}
	}
	_, err = check(merged, path, file.problems)
	return len(file.values), err
}

// check turns the merged texts into a Config.
func check(merged *koanf.Koanf, file string, problems []Problem) (Config, error) {
	c := Config{values: make([]Value, len(table))}
	for i, s := range table {
		v, _ := merged.Get(s.Name).(Value)
		c.values[i] = v
		problems = append(problems, apply(s, v, &c)...)
	}
	c.File = file
	if len(problems) > 0 {
		slices.SortStableFunc(problems, func(a, b Problem) int { return a.Origin.Line - b.Origin.Line })
		return Config{}, &Invalid{Problems: problems}
	}
	return c, nil
}

// apply checks one value and puts it into c.
func apply(s Setting, v Value, c *Config) []Problem {
	var problems []Problem
	for _, item := range v.Items {
		if err := s.accept(c, item.Text); err != nil {
			origin := v.Origin
			if item.Line > 0 {
				origin.Line = item.Line
			}
			problems = append(problems, Problem{Origin: origin, Name: s.Name, Err: err})
		}
	}
	return problems
}

// configFile reads the file that the highest layer names. One that was asked for
// must be there; the default one need not.
func configFile(layers ...*layer) *layer {
	var v Value
	for _, l := range layers {
		if given, ok := l.values["config"]; ok {
			v = given
		}
	}
	if len(v.Items) == 0 || v.Items[0].Text == "" {
		return &layer{}
	}
	file := readFile(v.Items[0].Text)
	if file.missing && v.Origin.Source == FromDefault {
		return &layer{}
	}
	return file
}

// errReadBytes: koanf asks our layers for values, never for bytes.
var errReadBytes = errors.New("config: a layer has no bytes")
