package wire

import (
	"bytes"
	"errors"
	"log/slog"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"peerscope/engine/internal/vectors"
)

// checkDescription checks what holds for every datagram: the fields cover it
// without a gap, are few and short, and the error is the parser's.
func checkDescription(t *testing.T, data []byte, err error) {
	t.Helper()
	d := Describe(data, signatureLen)
	offset, shown := 0, 0
	for _, f := range d.Fields {
		if f.Offset != offset || f.Size <= 0 || f.Name == "" || len(f.Value) > 4096 {
			t.Errorf("field %+v: want it at %d, neither empty nor longer than 4096", f, offset)
		}
		offset += f.Size
		shown += len(f.Value)
	}
	if offset != len(data) || d.Size != len(data) {
		t.Errorf("got fields up to %d and size %d, want %d", offset, d.Size, len(data))
	}
	if len(d.Fields) > 16 || shown > 16<<10 || len(d.Key) > maxKeyShown {
		t.Errorf("got %d fields, %d bytes and a key of %d, want fewer", len(d.Fields), shown, len(d.Key))
	}
	if _, ok := IsBeacon(data); ok || d.ID <= PongID && d.Community != DiscoveryCommunityID {
		return // not what parsePacket takes it for
	}
	if (d.Err == nil) != (err == nil) {
		t.Errorf("got error %v, want %v", d.Err, err)
	}
}

func TestDescribeVectors(t *testing.T) {
	for _, v := range vectors.Load(t) {
		if v.Packet == nil {
			continue
		}
		_, err := parsePacket(v.Packet)
		checkDescription(t, v.Packet, err)
		d := Describe(v.Packet, signatureLen)
		if v.Outcome == "valid" && d.Err == nil && v.Message != "" && d.Name != v.Message {
			t.Errorf("%s: got name %q, want %q", v.Name, d.Name, v.Message)
		}
		if v.Kind == "beacon" {
			checkFlag(t, v.Name, d.Name, "beacon")
			checkFlag(t, v.Name, d.Community, [20]byte(v.CommunityID))
		}
	}
}

// find returns the vector of that name.
func find(t testing.TB, name string) vectors.Vector {
	t.Helper()
	for _, v := range vectors.Load(t) {
		if v.Name == name {
			return v
		}
	}
	t.Fatalf("no vector %s", name)
	return vectors.Vector{}
}

// The IPv8 reference takes this packet apart in section 4.
func TestDescribeWorkedExample(t *testing.T) {
	v := find(t, "new-introduction-response/one-ipv6")
	key := "4c69624e61434c504b3aaec7d6e554c48f4f82114e6864dc1a1b9faf33d630f2cd9c5afcee68bdea753d" +
		"357fa21083ce1fda541a5c6073b7f02afc7ebfba5e8ba3c6218c689773d59b75"
	signature := "d3d2fad85c0535189ad5682b1ce03235262195520bc70c1b0e8592b0a793546b" +
		"09cf9f758cd1b5cafb08bcb49153934716624d3216829522e91274168261dd01"
	want := Description{
		Size: 221, Name: "new-introduction-response", Community: DiscoveryCommunityID, ID: 233,
		Key: vectors.Bytes(t, key),
		Fields: []Field{
			{0, 2, "version", "0002"},
			{2, 20, "community_id", "7e313685c1912a141279f8248fc8db5899c5df5a"},
			{22, 1, "message_id", "233"},
			{23, 2, "key_length", "74"},
			{25, 74, "public_key", key},
			{99, 8, "global_time", "15978"},
			{107, 7, "destination_address", "185.195.95.25:57045"},
			{114, 7, "source_lan_address", "185.121.42.69:49608"},
			{121, 7, "source_wan_address", "62.176.183.174:50690"},
			{128, 7, "lan_introduction_address", "193.53.44.38:30978"},
			{135, 19, "wan_introduction_address", "[2001:db8:ff47:ce5c:dedd:79b0:837c:5a7]:11192"},
			{154, 2, "identifier", "38998"},
			{156, 1, "flags", "0x00"},
			{157, 64, "signature", signature},
		},
	}
	if got := Describe(v.Packet, signatureLen); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// TestDescribePartly: what can be read is shown, the rest is "undecoded".
func TestDescribePartly(t *testing.T) {
	signed := find(t, "introduction-request/basic/curve25519-a").Packet
	ping := find(t, "ping/basic/0").Packet
	foreign := bytes.Clone(ping)
	foreign[5] ^= 1
	odd := find(t, "similarity-request/odd-list/21").Packet
	for _, tt := range []struct {
		name         string
		packet       []byte
		signatureLen func([]byte) int
		message      string
		last         string // the last field
		size         int    // its size
		err          error
	}{
		{"no signature length", signed, nil, "introduction-request", "undecoded", 93, ErrKey},
		{"key not loaded", signed, func([]byte) int { return 0 }, "introduction-request", "undecoded", 93, ErrKey},
		{"longer signature", signed, func([]byte) int { return 94 }, "introduction-request", "undecoded", 93, ErrTruncated},
		{"no time", signed, func([]byte) int { return 86 }, "introduction-request", "undecoded", 93, ErrTruncated},
		{"no payload", signed, func([]byte) int { return 65 }, "introduction-request", "undecoded", 85, ErrTruncated},
		{"cut key", signed[:40], nil, "introduction-request", "undecoded", 17, ErrTruncated},
		{"trailing byte", append(bytes.Clone(ping), 7), nil, "ping", "undecoded", 3, ErrTrailing},
		{"another community's 3", foreign, nil, "message-3", "undecoded", 10, ErrUnknown},
		{"deprecated", append(bytes.Clone(ping[:22]), 253), nil, "missing-proof", "message_id", 1, ErrUnknown},
		{"not a packet", []byte("hello"), nil, "not IPv8", "undecoded", 5, ErrShort},
		{"another version", append([]byte{0, 3}, ping[2:]...), nil, "not IPv8", "undecoded", 33, ErrPrefix},
		{"partial id", odd, signatureLen, "similarity-request", "signature", 64, nil},
	} {
		d := Describe(tt.packet, tt.signatureLen)
		last := d.Fields[len(d.Fields)-1]
		if d.Name != tt.message || last.Name != tt.last || last.Size != tt.size || !errors.Is(d.Err, tt.err) {
			t.Errorf("%s: got %q, last %q of %d bytes, error %v; want %q, %q of %d, %v",
				tt.name, d.Name, last.Name, last.Size, d.Err, tt.message, tt.last, tt.size, tt.err)
		}
	}
	d := Describe(odd, signatureLen)
	if ignored := d.Fields[len(d.Fields)-2]; ignored.Name != "ignored" || ignored.Value != "fe" {
		t.Errorf("got %+v, want the partial id ignored", ignored)
	}
}

func TestDescribeIsBounded(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	big := make([][20]byte, 3000)
	for i := range big {
		big[i] = randomID(rng)
	}
	for _, p := range []Payload{
		SimilarityRequest{PreferenceList: big},
		SimilarityResponse{PreferenceList: big[:1500], Overlap: make([]Overlap, 1000)},
		IntroductionResponse{ExtraBytes: make([]byte, 60_000)},
	} {
		key := []byte(find(t, "puncture/basic/curve25519-a").PublicKey)
		b, err := p.AppendBinary(AppendSignedHeader(nil, DiscoveryCommunityID, p.ID(), key, 1<<63))
		if err != nil {
			t.Fatal(err)
		}
		b = append(b, make([]byte, 64)...)
		checkDescription(t, b, nil)
		if d := Describe(b, signatureLen); !strings.Contains(fieldValues(d), "…") {
			t.Errorf("%v: got all of %d bytes, want them cut", p.ID(), len(b))
		}
	}
	long := AppendSignedHeader(nil, DiscoveryCommunityID, PunctureID, make([]byte, 60_000), 1)
	checkDescription(t, long, ErrKey)
}

func fieldValues(d Description) (s string) {
	for _, f := range d.Fields {
		s += f.Value + "\n"
	}
	return s
}

// A description shares nothing with the packet's buffer, which is used again.
func TestDescribeCopies(t *testing.T) {
	v := find(t, "similarity-response/overlap/3")
	buffer := bytes.Clone(v.Packet)
	got := Describe(buffer, signatureLen)
	clear(buffer)
	if want := Describe(v.Packet, signatureLen); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v after the buffer was cleared, want %+v", got, want)
	}
}

func TestDescriptionLogValue(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, nil))
	log.Info("packet", "packet", Describe(find(t, "ping/basic/0").Packet, nil))
	for _, want := range []string{"packet.message=ping", "packet.size=33", "packet.identifier=24677"} {
		if got := out.String(); !strings.Contains(got, want) {
			t.Errorf("got %q, want %q in it", got, want)
		}
	}
}
