// Package vectors reads the test vectors that were produced by running
// py-ipv8, for the tests of every package that has to match them.
//
// The vectors are read once per test binary and shared: a test must not write
// into the slices of a [Vector]. What every kind has in common is decoded
// here; the parts whose shape depends on the kind stay raw JSON, so that each
// package decodes its own and no package depends on another's fields. The
// meaning of each field is in the IPv8 reference, "Reading vectors.json".
//
// Only tests may import this package.
package vectors

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"testing"
)

// Hex is binary data written as lower-case hex in the file. Nil means that the
// vector does not have the field; an empty field is empty and not nil.
type Hex []byte

// UnmarshalJSON reads a JSON string of hex digits; null leaves h nil.
func (h *Hex) UnmarshalJSON(data []byte) error {
	var s *string
	if err := json.Unmarshal(data, &s); err != nil || s == nil {
		return err
	}
	b, err := hex.DecodeString(*s)
	if err != nil {
		return fmt.Errorf("hex field %q: %w", *s, err)
	}
	*h = b
	return nil
}

// String returns the hex digits as the file spells them.
func (h Hex) String() string { return hex.EncodeToString(h) }

// Vector is one test vector. A field that the vector does not have is zero.
type Vector struct {
	Name          string `json:"name"`
	Kind          string `json:"kind"`
	Outcome       string `json:"outcome"` // "valid", "bad-signature", "malformed" or "ignored", by py-ipv8 3.0
	Policy        string `json:"policy"`  // "accept", "reject" or "either"; "" where only Outcome counts
	Note          string `json:"note"`
	Deterministic bool   `json:"deterministic"` // encoding Fields with PrivateKey gives exactly Packet

	// Packets. Message is the layout that the packet was read as, or, in a
	// "signature" vector, the signed bytes in hex.
	MessageID  *int   `json:"message_id"`
	Packet     Hex    `json:"packet"`
	Source     string `json:"source"`
	Message    string `json:"message"`
	EncodedBy  string `json:"encoded_by"`
	KeyType    string `json:"key_type"`
	PublicKey  Hex    `json:"public_key"`
	PrivateKey Hex    `json:"private_key"`
	Mid        Hex    `json:"mid"`

	// The tracker's and created packets: what led to them.
	Request       Hex    `json:"request"`
	RequestSource string `json:"request_source"`
	SentTo        string `json:"sent_to"`

	// Keys, signatures, snapshots, primitives, beacons.
	Data        Hex    `json:"data"`
	Signature   Hex    `json:"signature"`
	Nonce       *int   `json:"nonce"`
	Format      string `json:"format"`
	CommunityID Hex    `json:"community_id"`

	// Behaviour.
	EffectPolicy string `json:"effect_policy"`
	EffectNote   string `json:"effect_note"`

	// Strategy steps; ages are in seconds and nil means never.
	LastResponseAge *float64 `json:"last_response_age"`
	PingSamples     int      `json:"ping_samples"`
	LastPingAge     *float64 `json:"last_ping_age"`
	Address         string   `json:"address"`
	RandomByte      int      `json:"random_byte"`
	SinceLastStep   *float64 `json:"since_last_step"`

	// Parts whose shape depends on the kind; see [Vector.Decode].
	Fields   json.RawMessage `json:"fields"`
	Input    json.RawMessage `json:"input"`
	Value    json.RawMessage `json:"value"`
	State    json.RawMessage `json:"state"`
	Observer json.RawMessage `json:"observer"`
	Peers    json.RawMessage `json:"peers"`
	Steps    json.RawMessage `json:"steps"`
	Expect   json.RawMessage `json:"expect"`
	Walkable json.RawMessage `json:"walkable"`
	Waiting  json.RawMessage `json:"waiting"`
	Verified json.RawMessage `json:"verified"`
	Init     json.RawMessage `json:"init"`
	PyIPv830 json.RawMessage `json:"pyipv8_3_0"`

	// PyIPv8321 is the string "same" or an object with what 3.2.1 did instead.
	PyIPv8321 json.RawMessage `json:"pyipv8_3_2_1"`

	// Raw is the whole vector as it stands in the file.
	Raw json.RawMessage `json:"-"`
}

// HasFields reports whether the vector has decoded fields; the fields of a
// rejected packet are null.
func (v *Vector) HasFields() bool { return Present(v.Fields) }

// Present reports whether a raw part is in the vector and is not null.
func Present(raw json.RawMessage) bool { return len(raw) > 0 && string(raw) != "null" }

// Decode decodes one raw part of v into dst and fails the test if its shape is
// another. It does nothing for a part that is missing or null.
func (v *Vector) Decode(t testing.TB, raw json.RawMessage, dst any) {
	t.Helper()
	if !Present(raw) {
		return
	}
	if err := json.Unmarshal(raw, dst); err != nil {
		t.Fatalf("%s: %v in %.200s", v.Name, err, raw)
	}
}

// Bytes returns the bytes of a hex string and fails the test if it is none.
func Bytes(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatalf("hex %q: %v", s, err)
	}
	return b
}

// ID20 returns the 20 bytes of a mid or community id written in hex.
func ID20(t testing.TB, s string) (id [20]byte) {
	t.Helper()
	b := Bytes(t, s)
	if len(b) != len(id) {
		t.Fatalf("id %q has %d bytes, want 20", s, len(b))
	}
	copy(id[:], b)
	return id
}

// AddrPort returns the address of "1.2.3.4:5" or "[v6]:5".
func AddrPort(t testing.TB, s string) netip.AddrPort {
	t.Helper()
	a, err := netip.ParseAddrPort(s)
	if err != nil {
		t.Fatalf("address %q: %v", s, err)
	}
	return a
}

// ByKind returns the vectors of the given kinds, in file order. It fails the
// test when our own file has none, so that a kind can not be lost unnoticed;
// another file may be about some kinds only.
func ByKind(t testing.TB, kinds ...string) []Vector {
	t.Helper()
	var found []Vector
	for _, v := range Load(t) {
		if slices.Contains(kinds, v.Kind) {
			found = append(found, v)
		}
	}
	if len(found) == 0 && !External() {
		t.Fatalf("no vectors of kind %v", kinds)
	}
	return found
}
