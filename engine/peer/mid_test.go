package peer

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
)

const midText = "4b94f0c3a1b2c3d4e5f60718293a4b5c6d7e8f90"

func TestMidAndCommunityIDText(t *testing.T) {
	mid, err := ParseMid(strings.ToUpper(midText))
	if err != nil {
		t.Fatal(err)
	}
	id, err := ParseCommunityID(midText)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ what, got, want string }{
		{"mid", mid.String(), midText},
		{"short mid", mid.Short(), midText[:8]},
		{"id", id.String(), midText},
		{"short id", id.Short(), midText[:8]},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %q, want %q", c.what, c.got, c.want)
		}
	}
	if mid.IsZero() || id.IsZero() || !(Mid{}).IsZero() || !(CommunityID{}).IsZero() {
		t.Error("IsZero is wrong")
	}
}

func TestIDsAsJSON(t *testing.T) {
	type both struct {
		Mid Mid
		ID  CommunityID
	}
	in := both{Mid{1, 2}, CommunityID{3, 4}}
	text, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	var out both
	if err := json.Unmarshal(text, &out); err != nil || out != in {
		t.Errorf("%s: got %v, %v, want %v", text, out, err, in)
	}
}

func TestMalformedIDs(t *testing.T) {
	for _, text := range []string{"", "4b", midText + "00", midText[:38] + "zz", midText[:39], " " + midText} {
		if _, err := ParseMid(text); !errors.Is(err, ErrID) {
			t.Errorf("ParseMid(%q): got %v, want %v", text, err, ErrID)
		}
		if _, err := ParseCommunityID(text); !errors.Is(err, ErrID) {
			t.Errorf("ParseCommunityID(%q): got %v, want %v", text, err, ErrID)
		}
		mid, id := Mid{9}, CommunityID{9}
		if mid.UnmarshalText([]byte(text)) == nil || id.UnmarshalText([]byte(text)) == nil {
			t.Errorf("UnmarshalText(%q) took it", text)
		}
		if mid != (Mid{9}) || id != (CommunityID{9}) {
			t.Errorf("UnmarshalText(%q) left %v and %v", text, mid, id)
		}
	}
}

func TestLogsAreShort(t *testing.T) {
	var out bytes.Buffer
	mid, _ := ParseMid(midText)
	p := &Peer{Mid: mid}
	p.AddAddress(addr("1.2.3.4:5"))
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "m", mid, "c", CommunityID(mid), "p", p)
	const want = "m=4b94f0c3 c=4b94f0c3 p.mid=4b94f0c3 p.address=1.2.3.4:5"
	if got := out.String(); !strings.Contains(got, want) {
		t.Errorf("got %q, want it to contain %q", got, want)
	}
}
