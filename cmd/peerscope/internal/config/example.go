package config

import (
	"bytes"
	"cmp"
	"fmt"
	"strings"
)

// Example is a settings file in which every setting is explained and set, as a
// comment, to its default or to an example.
func Example() []byte {
	var b bytes.Buffer
	b.WriteString("# Settings of peerscope. Each can also be given as a flag or in the environment;\n" +
		"# a flag goes before the environment, and that before this file.\n" +
		"# Check with `peerscope config check`, see what holds with `peerscope config print`.\n")
	for _, s := range table {
		if !s.NotInFile {
			s.writeExample(&b)
		}
	}
	return b.Bytes()
}

func (s Setting) writeExample(b *bytes.Buffer) {
	fmt.Fprintf(b, "\n# %s.\n", sentence(s.Usage))
	if s.Help != "" {
		fmt.Fprintf(b, "# %s\n", s.Help)
	}
	fmt.Fprintf(b, "# --%s, %s.", s.Name, s.Variable())
	if s.Reload {
		b.WriteString(" Read again on SIGHUP.")
	}
	if text := s.Default + s.DefaultText; text != "" {
		fmt.Fprintf(b, " Default: %s.\n", text)
	} else {
		b.WriteString(" Default: none.\n")
	}
	value := " " + cmp.Or(s.Default, s.Example)
	if s.List {
		value = "\n#  -" + value
	}
	fmt.Fprintf(b, "#%s:%s\n", s.Name, value)
}

// sentence begins text with a capital letter.
func sentence(text string) string { return strings.ToUpper(text[:1]) + text[1:] }
