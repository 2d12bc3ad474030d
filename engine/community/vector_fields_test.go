package community

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode"

	"peerscope/engine/internal/vectors"
	"peerscope/engine/wire"
)

// fields are the decoded fields of a message by the reference's names: strings
// for addresses and bytes, float64 for numbers, []any for lists, as in JSON.
type fields map[string]any

// fieldsOf takes a payload apart by the names of its Go fields.
func fieldsOf(p wire.Payload) fields {
	f := fields{}
	f.addStruct(reflect.ValueOf(p))
	return f
}

func (f fields) addStruct(v reflect.Value) {
	for i := range v.NumField() {
		name := v.Type().Field(i).Name
		switch value := v.Field(i).Interface().(type) {
		case netip.AddrPort:
			f[snake(name)] = value.String()
		case []byte:
			f[snake(name)] = hex.EncodeToString(value)
		case [][20]byte:
			list := []any{}
			for _, id := range value {
				list = append(list, hex.EncodeToString(id[:]))
			}
			f[snake(name)] = list
		case []wire.Overlap:
			list := []any{}
			for _, o := range value {
				list = append(list, []any{hex.EncodeToString(o.MID[:]), float64(o.Count)})
			}
			f["tb_overlap"] = list
		default:
			f[snake(name)] = float64(v.Field(i).Uint())
		}
	}
}

// snake turns SourceLANAddress into source_lan_address.
func snake(name string) string {
	var b strings.Builder
	for i, c := range name {
		next := rune('A')
		if i+1 < len(name) {
			next = rune(name[i+1])
		}
		if i > 0 && unicode.IsUpper(c) && (unicode.IsLower(rune(name[i-1])) || unicode.IsLower(next)) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(c))
	}
	return b.String()
}

func TestSnake(t *testing.T) {
	for name, want := range map[string]string{
		"Identifier": "identifier", "SourceLANAddress": "source_lan_address",
		"WANWalkerAddress": "wan_walker_address", "ExtraBytes": "extra_bytes",
	} {
		if got := snake(name); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}

// readFields reads the fields of a vector.
func readFields(t testing.TB, raw json.RawMessage) fields {
	t.Helper()
	var f fields
	if err := json.Unmarshal(raw, &f); err != nil {
		t.Fatalf("fields: %v in %.200s", err, raw)
	}
	return f
}

// diff compares every field of got with the one of that name in want, which has
// more: each flag by its name. loose fields are left out, and values that are
// "random" or "any".
func (f fields) diff(want fields, loose ...string) (differences []string) {
	for name, got := range f {
		w, ok := want[name]
		switch {
		case !ok:
			differences = append(differences, fmt.Sprintf("%s: got %v, which the vector has not", name, got))
		case w == "random" || w == "any" || contains(loose, name):
		case !reflect.DeepEqual(canonical(got), canonical(w)):
			differences = append(differences, fmt.Sprintf("%s: got %v, want %v", name, got, w))
		}
	}
	return differences
}

func contains(list []string, s string) bool {
	return slices.Contains(list, s)
}

// canonical spells addresses one way, and leaves ids that are not whole out of
// lists: py-ipv8 keeps them and we do not (Q13).
func canonical(v any) any {
	switch v := v.(type) {
	case string:
		if a, err := netip.ParseAddrPort(v); err == nil {
			return a.String()
		}
	case []any:
		list := []any{}
		for _, item := range v {
			if id, ok := item.(string); !ok || len(id) == 40 {
				list = append(list, item)
			}
		}
		return list
	}
	return v
}

// address is the address of a vector.
func address(t testing.TB, s string) netip.AddrPort {
	t.Helper()
	return vectors.AddrPort(t, s)
}

// vectorNamed is the vector of a name.
func vectorNamed(t testing.TB, name string) vectors.Vector {
	t.Helper()
	for _, v := range vectors.Load(t) {
		if v.Name == name {
			return v
		}
	}
	t.Fatalf("no vector is named %s", name)
	return vectors.Vector{}
}
