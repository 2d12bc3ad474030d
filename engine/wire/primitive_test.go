package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"peerscope/engine/internal/vectors"
)

// readPrimitive reads one value of the format and returns it in the vectors'
// spelling, with the offset of its end.
func readPrimitive(t *testing.T, format string, data []byte) (value any, end int, err error) {
	t.Helper()
	c := cursor{rest: data}
	switch format {
	case "H":
		value = strconv.FormatUint(uint64(c.uint16(format)), 10)
	case "I":
		value = strconv.FormatUint(uint64(c.uint32(format)), 10)
	case "Q":
		value = strconv.FormatUint(c.uint64(format), 10)
	case "bits":
		value = bitList(c.uint8(format))
	case "ipv4":
		value = c.ipv4(format).String()
	case "ip_address":
		value = c.ipAddress(format).String()
	case "address":
		value = c.snapshotAddress().String()
	case "varlenH":
		value = vectors.Hex(c.varlenH(format)).String()
	case "varlenHx20":
		value = vectors.Hex(slices.Concat(idSlices(c.ids(format, int(c.uint16(format))))...)).String()
	case "raw":
		value = vectors.Hex(c.raw()).String()
	default:
		t.Fatalf("unknown format %q", format)
	}
	return value, len(data) - len(c.rest), c.err
}

// writePrimitive encodes a value in the vectors' spelling.
func writePrimitive(t *testing.T, format, value string) []byte {
	t.Helper()
	var e encoder
	switch format {
	case "H", "I", "Q":
		n, err := strconv.ParseUint(value, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		writeUint(&e, format, n)
	case "bits":
		n, err := strconv.ParseUint(strings.NewReplacer("[", "", "]", "", ",", "", " ", "").Replace(value), 2, 8)
		if err != nil {
			t.Fatal(err)
		}
		e.uint8(byte(n))
	case "ipv4":
		e.ipv4(format, vectors.AddrPort(t, value))
	case "ip_address":
		e.ipAddress(format, vectors.AddrPort(t, value))
	case "address":
		return writeAddress(t, value)
	case "varlenH": // only keys are written in this format
		b := AppendSignedHeader(nil, [20]byte{}, 0, vectors.Bytes(t, value), 0)
		return b[HeaderLen : len(b)-8]
	case "varlenHx20":
		ids := slices.Collect(slices.Chunk(vectors.Bytes(t, value), 20))
		e.count(format, len(ids))
		for _, id := range ids {
			e.ids([][20]byte{[20]byte(id)})
		}
	case "raw":
		e.raw(vectors.Bytes(t, value))
	default:
		t.Fatalf("unknown format %q", format)
	}
	if e.err != nil {
		t.Fatal(e.err)
	}
	return e.b
}

func writeUint(e *encoder, format string, n uint64) {
	switch format {
	case "H":
		e.uint16(uint16(n))
	case "I":
		e.uint32(uint32(n))
	case "Q": // written by the headers only
		b := AppendUnsignedHeader(nil, [20]byte{}, 0, n)
		e.raw(b[HeaderLen:])
	}
}

// writeAddress encodes "1.2.3.4:5", "[v6]:5" or "host:5" as a snapshot entry.
func writeAddress(t *testing.T, value string) []byte {
	t.Helper()
	b, err := parseSnapshotString(t, value).AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func parseSnapshotString(t *testing.T, value string) SnapshotAddress {
	t.Helper()
	host, port, _ := strings.Cut(value, ":")
	if strings.HasSuffix(host, ".org") {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil {
			t.Fatal(err)
		}
		return SnapshotAddress{Host: host, Port: uint16(n)}
	}
	return SnapshotAddress{AddrPort: vectors.AddrPort(t, value)}
}

func idSlices(ids [][20]byte) (s [][]byte) {
	for i := range ids {
		s = append(s, ids[i][:])
	}
	return s
}

// bitList spells flags as the vectors do: [1, 0, ...], the highest bit first.
func bitList(b byte) string {
	bits := strings.Split(strconv.FormatUint(uint64(b)+256, 2), "")[1:]
	return "[" + strings.Join(bits, ", ") + "]"
}

// spelling returns a JSON value as readPrimitive spells it.
func spelling(t *testing.T, raw json.RawMessage) string {
	t.Helper()
	if s, err := strconv.Unquote(string(raw)); err == nil {
		return s
	}
	return strings.ReplaceAll(strings.ReplaceAll(string(raw), ",", ", "), ",  ", ", ")
}

func TestPrimitiveVectors(t *testing.T) {
	for _, v := range vectors.ByKind(t, "primitive") {
		t.Run(v.Name, func(t *testing.T) {
			got, end, err := readPrimitive(t, v.Format, v.Data)
			if vectors.Present(v.Value) {
				if b := writePrimitive(t, v.Format, spelling(t, v.Value)); !bytes.Equal(b, v.Data) {
					t.Errorf("got %x, want %s", b, v.Data)
				}
			}
			var want struct {
				Value json.RawMessage `json:"value"`
				End   int             `json:"end"`
			}
			v.Decode(t, v.Fields, &want)
			switch {
			case v.Policy == "either" && v.Format == "varlenH":
				if !errors.Is(err, ErrTruncated) {
					t.Errorf("got %v, want %v", err, ErrTruncated)
				}
			case v.Policy == "either" && v.Format == "varlenHx20": // a partial last item is dropped
				whole := spelling(t, want.Value)
				if whole = whole[:len(whole)/40*40]; err != nil || got != whole {
					t.Errorf("got %v and %v, want %s", got, err, whole)
				}
			case !v.HasFields():
				if err == nil {
					t.Errorf("got %v, want an error", got)
				}
			case err != nil:
				t.Error(err)
			case got != spelling(t, want.Value):
				t.Errorf("got %v, want %s", got, want.Value)
			case end != want.End:
				t.Errorf("got end %d, want %d", end, want.End)
			}
		})
	}
}

// TestCursorStops: nothing is read once a field has failed, and the first
// failure is the one that is reported.
func TestCursorStops(t *testing.T) {
	c := cursor{rest: []byte{1, 2, 3}}
	c.uint32("first")
	if got := c.uint8("second"); got != 0 {
		t.Errorf("got %d after an error, want 0", got)
	}
	if got := c.ids("third", math.MaxInt); got != nil {
		t.Errorf("got %v after an error, want none", got)
	}
	_, err := finish(&c, "message", Ping{5})
	want := &FieldError{"message", "first", ErrTruncated}
	if !reflect.DeepEqual(err, want) {
		t.Errorf("got %v, want %v", err, want)
	}
	if got, want := err.Error(), "message: first: truncated"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
