package vectors

import (
	"encoding/json"
	"os"
	"testing"
)

// The file counts its own vectors, so a decoding slip that loses some shows.
func TestLoadMatchesCounts(t *testing.T) {
	name, err := fileName()
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var head struct {
		Counts struct {
			Vectors   int            `json:"vectors"`
			ByKind    map[string]int `json:"by_kind"`
			ByOutcome map[string]int `json:"by_outcome"`
		} `json:"counts"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		t.Fatal(err)
	}
	all := Load(t)
	if got, want := len(all), head.Counts.Vectors; got != want {
		t.Errorf("got %d vectors, want %d", got, want)
	}
	outcomes := map[string]int{}
	for _, v := range all {
		outcomes[v.Outcome]++
	}
	for outcome, want := range head.Counts.ByOutcome {
		if got := outcomes[outcome]; got != want {
			t.Errorf("outcome %s: got %d vectors, want %d", outcome, got, want)
		}
	}
	for kind, want := range head.Counts.ByKind {
		if got := len(ByKind(t, kind)); got != want {
			t.Errorf("kind %s: got %d vectors, want %d", kind, got, want)
		}
	}
}

func TestNamesAreUnique(t *testing.T) {
	seen := map[string]bool{}
	for _, v := range Load(t) {
		if seen[v.Name] {
			t.Errorf("%s occurs twice", v.Name)
		}
		seen[v.Name] = true
	}
}

func TestHex(t *testing.T) {
	for _, bad := range []string{`"0"`, `"zz"`, `5`} {
		if err := json.Unmarshal([]byte(bad), new(Hex)); err == nil {
			t.Errorf("%s: got no error, want one", bad)
		}
	}
	var h Hex
	if err := json.Unmarshal([]byte(`"00ff"`), &h); err != nil || h.String() != "00ff" {
		t.Errorf("got %v and %v, want 00ff", h, err)
	}
	if err := json.Unmarshal([]byte(`""`), &h); err != nil || h == nil || len(h) != 0 {
		t.Errorf("got %v and %v, want an empty value that is not nil", h, err)
	}
}
