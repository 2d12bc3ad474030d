package config

import (
	"strings"

	"github.com/spf13/pflag"
)

// Flags are the settings that a command line has as flags.
type Flags struct{ given map[string]*flagValue }

// AddFlags adds a flag for each named setting to set; without names for all of them.
func AddFlags(set *pflag.FlagSet, names ...string) *Flags {
	f := &Flags{given: make(map[string]*flagValue)}
	if len(names) == 0 {
		for _, s := range table {
			names = append(names, s.Name)
		}
	}
	for _, name := range names {
		s, ok := find(name)
		if !ok {
			panic("config: no setting is called " + name)
		}
		v := &flagValue{setting: s}
		f.given[name] = v
		set.Var(v, name, s.Usage)
	}
	return f
}

// Has reports whether the command line has a flag for the setting.
func (f *Flags) Has(name string) bool { return f.given[name] != nil }

// layer takes the flags that were given.
func (f *Flags) layer() *layer {
	l := &layer{}
	if f == nil {
		return l
	}
	for name, v := range f.given {
		if len(v.items) > 0 {
			l.put(name, Origin{Source: FromFlag, Name: "--" + name}, v.items...)
		}
	}
	return l
}

// flagValue keeps the texts of one flag; they are checked with all others in [Load].
type flagValue struct {
	setting Setting
	items   []Item
}

// Set takes one occurrence: a list grows, of any other the last one counts.
func (v *flagValue) Set(text string) error {
	if !v.setting.List {
		v.items = nil
	}
	v.items = append(v.items, Item{Text: text})
	return nil
}

// String is the default before Set, which the help shows.
func (v *flagValue) String() string {
	if len(v.items) == 0 {
		return v.setting.Default + v.setting.DefaultText
	}
	texts := make([]string, len(v.items))
	for i, item := range v.items {
		texts[i] = item.Text
	}
	return strings.Join(texts, ",")
}

// Type is the placeholder in the help.
func (v *flagValue) Type() string { return v.setting.Kind }
