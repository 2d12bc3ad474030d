package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// maxFile bounds the settings file, in bytes: no honest one comes near.
const maxFile = 1 << 20

// readFile reads the YAML file at path as a layer.
func readFile(path string) *layer {
	l := &layer{name: path}
	f, err := os.Open(path)
	if err != nil {
		l.missing = errors.Is(err, fs.ErrNotExist)
		// The path is in the origin already.
		l.problem(0, errors.Unwrap(err))
		return l
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	switch {
	case err != nil:
		l.problem(0, errors.Unwrap(err))
	case len(text) > maxFile:
		l.problem(0, fmt.Errorf("longer than %d bytes", maxFile))
	default:
		l.parse(text)
	}
	return l
}

// problem notes a mistake in the file; line 0 is the file as a whole.
func (l *layer) problem(line int, err error) {
	l.problems = append(l.problems, Problem{Origin: Origin{FromFile, l.name, line}, Err: err})
}

// yamlLine finds the line in an error of the YAML parser, which has it only as text.
var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

// parse reads the one mapping that a settings file is.
func (l *layer) parse(text []byte) {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var doc, more yaml.Node
	err := decoder.Decode(&doc)
	if err == io.EOF {
		return // nothing but comments
	}
	if err == nil {
		if err = decoder.Decode(&more); err == nil {
			l.problem(more.Line, errors.New("a second YAML document; want one"))
		} else if err == io.EOF {
			err = nil
		}
	}
	if err != nil {
		l.syntaxError(err)
		return
	}
	root := resolve(doc.Content[0])
	switch {
	case root.Kind == yaml.MappingNode:
		l.mapping(root)
	case root.Tag != "!!null":
		l.problem(root.Line, fmt.Errorf("want lines such as \"udp: 0.0.0.0:8470\", not %s", kindOf(root)))
	}
}

func (l *layer) syntaxError(err error) {
	m := yamlLine.FindStringSubmatch(err.Error())
	if m == nil {
		l.problem(0, err)
		return
	}
	line, _ := strconv.Atoi(m[1])
	l.problem(line, fmt.Errorf("not YAML: %s", m[2]))
}

// mapping reads the keys and their values.
func (l *layer) mapping(root *yaml.Node) {
	lines := make(map[string]int)
	for i := 0; i+1 < len(root.Content); i += 2 {
		key, node := root.Content[i], resolve(root.Content[i+1])
		if first := lines[key.Value]; first > 0 {
			l.problem(key.Line, fmt.Errorf("%q is set a second time; the first is in line %d", key.Value, first))
			continue
		}
		lines[key.Value] = key.Line
		s, ok := find(key.Value)
		if !ok || s.NotInFile || key.Kind != yaml.ScalarNode {
			l.problem(key.Line, unknownKey(key.Value))
			continue
		}
		items, bad := itemsOf(s, node)
		if bad != nil {
			l.problem(bad.Line, fmt.Errorf("%s: want %s, not %s", s.Name, wanted(s), kindOf(bad)))
			continue
		}
		l.put(s.Name, Origin{FromFile, l.name, key.Line}, items...)
	}
}

func unknownKey(key string) error {
	var known []string
	for _, s := range table {
		if !s.NotInFile {
			known = append(known, s.Name)
		}
	}
	return fmt.Errorf("unknown key %q; the nearest known one is %q", key, Nearest(key, known))
}

// itemsOf reads the value of a setting: a plain value, or a sequence of them for
// a list. Otherwise it returns the node that is neither.
func itemsOf(s Setting, node *yaml.Node) (items []Item, bad *yaml.Node) {
	switch {
	case s.List && node.Tag == "!!null":
		return nil, nil // "bootstrap:" with all its items commented out
	case node.Kind == yaml.ScalarNode:
		return []Item{scalar(node)}, nil
	case node.Kind != yaml.SequenceNode || !s.List:
		return nil, node
	}
	for _, child := range node.Content {
		if child = resolve(child); child.Kind != yaml.ScalarNode || child.Tag == "!!null" {
			return nil, child
		}
		items = append(items, scalar(child))
	}
	return items, nil
}

// scalar keeps the text as it was written: `off`, `0x10` and an id that is all
// digits are not for YAML to interpret.
func scalar(node *yaml.Node) Item {
	if node.Tag == "!!null" {
		return Item{Line: node.Line}
	}
	return Item{Text: node.Value, Line: node.Line}
}

func wanted(s Setting) string {
	if s.List {
		return "a list of " + s.Kind
	}
	return "one " + s.Kind
}

// kindOf names what a node is, for people.
func kindOf(node *yaml.Node) string {
	switch {
	case node.Kind == yaml.MappingNode:
		return "a mapping"
	case node.Kind == yaml.SequenceNode:
		return "a list"
	case node.Tag == "!!null":
		return "nothing"
	}
	return fmt.Sprintf("%q", node.Value)
}

// resolve follows an alias to its anchor.
func resolve(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode {
		return node.Alias
	}
	return node
}
