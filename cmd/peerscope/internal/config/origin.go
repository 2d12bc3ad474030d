package config

import "fmt"

// A Source is a layer of settings. A later one wins.
type Source string

// The layers.
const (
	FromDefault     Source = "default"
	FromFile        Source = "file"
	FromEnvironment Source = "environment"
	FromFlag        Source = "flag"
)

// An Origin is where a value, or a mistake, is.
type Origin struct {
	Source Source
	// Name is the file, the variable or the flag; empty for a default.
	Name string
	// Line is the line in the file, counted from 1; 0 elsewhere.
	Line int
}

// String reads as a place: `file /etc/peerscope.yaml:3`, `environment PEERSCOPE_UDP`.
func (o Origin) String() string {
	switch {
	case o.Line > 0:
		return fmt.Sprintf("%s %s:%d", o.Source, o.Name, o.Line)
	case o.Name != "":
		return fmt.Sprintf("%s %s", o.Source, o.Name)
	}
	return string(o.Source)
}

// place is how an error message begins.
func (o Origin) place() string {
	switch {
	case o.Line > 0:
		return fmt.Sprintf("%s:%d", o.Name, o.Line)
	case o.Name != "":
		return o.Name
	}
	return string(o.Source)
}

// A Problem is one mistake in the settings.
type Problem struct {
	Origin Origin
	// Name is the setting; empty when the mistake is not in a setting's value.
	Name string
	Err  error
}

// Error names the place, the setting and what is wrong.
func (p Problem) Error() string {
	if p.Name == "" || p.Origin.Source != FromFile {
		return fmt.Sprintf("%s: %v", p.Origin.place(), p.Err)
	}
	return fmt.Sprintf("%s: %s: %v", p.Origin.place(), p.Name, p.Err)
}

// Unwrap gives what is wrong without its place.
func (p Problem) Unwrap() error { return p.Err }
