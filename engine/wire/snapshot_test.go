package wire

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"

	"peerscope/engine/internal/vectors"
)

// snapshotStrings returns the entries as sorted strings, each once: py-ipv8
// keeps them in a set.
func snapshotStrings(addrs []SnapshotAddress) []string {
	list := []string{}
	for _, a := range addrs {
		list = append(list, a.String())
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func TestSnapshotVectors(t *testing.T) {
	for _, v := range vectors.ByKind(t, "snapshot", "snapshot-load") {
		t.Run(v.Name, func(t *testing.T) {
			var want struct {
				Addresses []string `json:"addresses"`
			}
			v.Decode(t, v.Fields, &want)
			slices.Sort(want.Addresses)
			got := ParseSnapshot(v.Data)
			if list := snapshotStrings(got); !slices.Equal(list, want.Addresses) {
				t.Errorf("got %v, want %v", list, want.Addresses)
			}
			if v.Kind == "snapshot" {
				checkSnapshotEncoding(t, &v, got)
			}
		})
	}
}

// checkSnapshotEncoding encodes the peers' addresses, which the vector lists
// in another order than the data, and the parsed ones in their own.
func checkSnapshotEncoding(t *testing.T, v *vectors.Vector, parsed []SnapshotAddress) {
	t.Helper()
	var addrs []netip.AddrPort
	for _, a := range parsed {
		addrs = append(addrs, a.AddrPort)
	}
	if got := AppendSnapshot(nil, addrs); !bytes.Equal(got, v.Data) {
		t.Errorf("got %x, want %s", got, v.Data)
	}
	var peers []string
	v.Decode(t, v.Peers, &peers)
	addrs = addrs[:0]
	for _, s := range peers {
		addrs = append(addrs, vectors.AddrPort(t, s))
	}
	got := snapshotStrings(ParseSnapshot(AppendSnapshot(nil, addrs)))
	if want := snapshotStrings(parsed); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// A cut file gives the entries in front of the cut.
func TestSnapshotTruncated(t *testing.T) {
	entries := []SnapshotAddress{
		{AddrPort: netip.MustParseAddrPort("1.2.3.4:8090")},
		{Host: "example.org", Port: 80},
		{AddrPort: netip.MustParseAddrPort("[2001:db8::1]:5")},
		{AddrPort: netip.MustParseAddrPort("[::ffff:1.2.3.4]:5")},
	}
	var data []byte
	var ends []int
	for _, a := range entries {
		var err error
		if data, err = a.AppendBinary(data); err != nil {
			t.Fatal(err)
		}
		ends = append(ends, len(data))
	}
	for cut := range len(data) + 1 {
		whole := 0
		for whole < len(ends) && ends[whole] <= cut {
			whole++
		}
		got := ParseSnapshot(data[:cut])
		if want := entries[:whole]; len(got) != len(want) || whole > 0 && !reflect.DeepEqual(got, want) {
			t.Errorf("cut after %d bytes: got %v, want %v", cut, got, want)
		}
	}
}

func TestSnapshotAddressErrors(t *testing.T) {
	for _, tt := range []struct {
		name string
		host string
		want error
	}{
		{"not UTF-8", "\xff\xfe", ErrText},
		{"too long", strings.Repeat("a", 65536), ErrTooLong},
	} {
		got, err := SnapshotAddress{Host: tt.host}.AppendBinary([]byte("x"))
		if !errors.Is(err, tt.want) || string(got) != "x" {
			t.Errorf("%s: got %q and %v, want %q and %v", tt.name, got, err, "x", tt.want)
		}
	}
	if got := ParseSnapshot([]byte{addressHost, 0, 0, 0, 80}); got != nil {
		t.Errorf("a host name of no bytes: got %v, want none", got)
	}
}

func TestAppendSnapshotSkipsNone(t *testing.T) {
	got := AppendSnapshot([]byte("x"), []netip.AddrPort{{}, netip.MustParseAddrPort("0.0.0.0:0")})
	if string(got) != "x" {
		t.Errorf("got %q, want no entries", got)
	}
}

func FuzzParseSnapshot(f *testing.F) {
	for _, v := range vectors.ByKind(f, "snapshot", "snapshot-load") {
		f.Add([]byte(v.Data))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		addrs := ParseSnapshot(bytes.Clone(data))
		var b []byte
		for _, a := range addrs {
			var err error
			if b, err = a.AppendBinary(b); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.HasPrefix(data, b) {
			t.Errorf("got %x again from %x", b, data)
		}
	})
}

func BenchmarkParseSnapshot(b *testing.B) {
	b.ReportAllocs()
	rng := rand.New(rand.NewPCG(1, 2))
	data := AppendSnapshot(nil, randomAddresses(rng, 10_000))
	for b.Loop() {
		if n := len(ParseSnapshot(data)); n != 10_000 {
			b.Fatalf("got %d entries, want 10,000", n)
		}
	}
}

func randomAddresses(rng *rand.Rand, n int) []netip.AddrPort {
	addrs := make([]netip.AddrPort, n)
	for i := range addrs {
		addrs[i] = randomAddress(rng)
	}
	return addrs
}
