package bootstrap

import (
	"bytes"
	"encoding/hex"
	"errors"
	"go/parser"
	"go/token"
	"path/filepath"
	"testing"

	"peerscope/engine/internal/vectors"
)

func TestBroadcastIsOff(t *testing.T) {
	if b, err := NewBroadcastBootstrapper(BroadcastConfig{}, [20]byte{}); b != nil || !errors.Is(err, ErrBroadcastDisabled) {
		t.Errorf("got %v, %v; want %v", b, err, ErrBroadcastDisabled)
	}
}

func TestBeaconVectors(t *testing.T) {
	for _, v := range vectors.ByKind(t, "beacon") {
		t.Run(v.Name, func(t *testing.T) {
			beacon := []byte(v.Packet)
			if len(beacon) != BeaconLen {
				t.Fatalf("the vector has %d bytes, want %d", len(beacon), BeaconLen)
			}
			b, err := NewBroadcastBootstrapper(BroadcastConfig{Enabled: true}, [20]byte(v.CommunityID))
			if err != nil {
				t.Fatal(err)
			}
			if got := b.AppendBeacon([]byte("x")); !bytes.Equal(got[1:], beacon) || !b.IsBeacon(got[1:]) || got[0] != 'x' {
				t.Errorf("beacon %x, want %x", got[1:], beacon)
			}
			if b.IsBeacon(beacon[:BeaconLen-1]) || b.IsBeacon(append(beacon[:BeaconLen:BeaconLen], 0)) {
				t.Error("a beacon that is cut or too long is taken")
			}
			other, err := NewBroadcastBootstrapper(BroadcastConfig{Enabled: true}, [20]byte{1})
			if err != nil || other.IsBeacon(beacon) {
				t.Errorf("another community's beacon %s is taken, or %v", hex.EncodeToString(beacon), err)
			}
		})
	}
}

// TestNothingHereCanSend: the package has no way to reach a socket, so no beacon can leave it.
func TestNothingHereCanSend(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) < 5 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, name := range files {
		if matched, _ := filepath.Match("*_test.go", name); matched {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range file.Imports {
			switch spec.Path.Value {
			case `"bytes"`, `"errors"`, `"fmt"`, `"net/netip"`, `"slices"`, `"strconv"`, `"strings"`, `"time"`:
			default:
				t.Errorf("%s imports %s, which bootstrap does without", name, spec.Path.Value)
			}
		}
	}
}
