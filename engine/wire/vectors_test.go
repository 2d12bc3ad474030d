package wire

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"

	"peerscope/engine/internal/vectors"
)

// messageKinds are the kinds of vectors that are one packet each.
var messageKinds = []string{
	"introduction-request", "introduction-request-2014", "introduction-response",
	"puncture-request", "puncture",
	"new-introduction-request", "new-introduction-response",
	"new-puncture-request", "new-puncture",
	"similarity-request", "similarity-response",
	"ping", "pong", "behaviour",
}

// TestMessageVectors compares the layout of every message that py-ipv8 wrote
// or read. What depends on the key or the signature is the community's.
func TestMessageVectors(t *testing.T) {
	for _, kind := range messageKinds {
		t.Run(kind, func(t *testing.T) {
			for _, v := range vectors.ByKind(t, kind) {
				t.Run(v.Name, func(t *testing.T) { checkMessageVector(t, &v) })
			}
		})
	}
}

func checkMessageVector(t *testing.T, v *vectors.Vector) {
	p, err := parsePacket(v.Packet)
	switch {
	case errors.Is(err, errForeignKey):
		// Only vectors about keys may have keys of other forms.
		if !strings.Contains(v.Name, "/wrong-key/") && !strings.Contains(v.Name, "/truncated/") || v.Policy == "accept" {
			t.Errorf("got %v in a vector of policy %q", err, v.Policy)
		}
	case v.Outcome == "valid":
		checkValid(t, v, p, err, v.Message, v.Fields)
	case v.Outcome == "ignored":
		// Another community's packets are not delivered, but they are packets.
		checkValid(t, v, p, err, v.Kind, v.Input)
		if p.community == DiscoveryCommunityID {
			t.Error("got the discovery community's id, want another")
		}
	case v.Outcome == "bad-signature":
		// py-ipv8 parses before it verifies: the layout is right.
		if err != nil {
			t.Errorf("got %v, want a packet of the right layout", err)
		}
	case v.Outcome == "malformed" && strings.Contains(v.Name, "/wrong-key/off-curve"):
		if err != nil { // the key is at fault, which the key package finds out
			t.Errorf("got %v, want a packet of the right layout", err)
		}
	case err == nil:
		t.Errorf("got payload %+v, want an error", p.payload)
	default:
		checkLayoutError(t, err)
	}
}

// checkValid compares a packet with the fields that py-ipv8 read from it, and
// with the bytes that it makes of them.
func checkValid(t *testing.T, v *vectors.Vector, p packet, err error, message string, raw []byte) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	var want vectorFields
	v.Decode(t, raw, &want)
	if p.id != MessageID(*v.MessageID) {
		t.Errorf("got message id %d, want %d", p.id, *v.MessageID)
	}
	if p.globalTime != want.GlobalTime {
		t.Errorf("got global time %d, want %d", p.globalTime, want.GlobalTime)
	}
	if payload := want.payload(t, message); !reflect.DeepEqual(p.payload, payload) {
		t.Errorf("got payload %+v, want %+v", p.payload, payload)
	}
	if v.Outcome == "valid" {
		want.checkFlags(t, p.payload)
	}
	if v.PublicKey != nil && !bytes.Equal(p.key, v.PublicKey) {
		t.Errorf("got key %x, want %s", p.key, v.PublicKey)
	}
	// The signature comes from the packet, so this holds for ECDSA too.
	// Lists that py-ipv8 reads although they are damaged come out repaired.
	damaged := want.partialID() || v.Policy == "either" && !v.Deterministic
	if got := p.encode(t); !damaged && !bytes.Equal(got, v.Packet) {
		t.Errorf("got encoding %x, want %s", got, v.Packet)
	}
}

// checkLayoutError fails for an error that does not name a field and a reason
// of this package.
func checkLayoutError(t *testing.T, err error) {
	t.Helper()
	if field, ok := errors.AsType[*FieldError](err); !ok || field.Message == "" || field.Field == "" || field.Err == nil {
		t.Errorf("got error %#v, want a FieldError", err)
	}
}

// TestIgnoredVectors covers packets that reach no handler.
func TestIgnoredVectors(t *testing.T) {
	for _, v := range vectors.ByKind(t, "ignored") {
		t.Run(v.Name, func(t *testing.T) {
			community, id, err := ParseHeader(v.Packet)
			switch group, _, _ := strings.Cut(v.Name, "/"); {
			case group == "foreign-prefix" && strings.Contains(v.Name, "community-bit"):
				if err != nil || community == DiscoveryCommunityID {
					t.Errorf("got %v and community %x, want another community's packet", err, community)
				}
			case group == "foreign-prefix":
				if !errors.Is(err, ErrPrefix) {
					t.Errorf("got %v, want %v", err, ErrPrefix)
				}
			case err != nil || id != MessageID(*v.MessageID):
				t.Errorf("got id %d and %v, want %d", id, err, *v.MessageID)
			case id.Deprecated() != (group == "deprecated") || id.Known():
				t.Errorf("%v: got deprecated %t and known %t, want a %s id", id, id.Deprecated(), id.Known(), group)
			default:
				if _, err := Parse(id, v.Packet[HeaderLen:]); !errors.Is(err, ErrUnknown) {
					t.Errorf("got %v, want %v", err, ErrUnknown)
				}
			}
		})
	}
}

func TestShortPacketVectors(t *testing.T) {
	for _, v := range vectors.ByKind(t, "short-packet") {
		t.Run(v.Name, func(t *testing.T) {
			want := ErrShort
			if len(v.Packet) >= HeaderLen {
				want = ErrTruncated
			}
			if _, err := parsePacket(v.Packet); !errors.Is(err, want) {
				t.Errorf("got %v, want %v", err, want)
			}
		})
	}
}

func TestBeaconVectors(t *testing.T) {
	for _, v := range vectors.ByKind(t, "beacon") {
		t.Run(v.Name, func(t *testing.T) {
			id := [20]byte(v.CommunityID)
			if community, ok := IsBeacon(v.Packet); !ok || community != id {
				t.Errorf("got community %x and %t, want %x", community, ok, id)
			}
			if got := AppendBeacon(nil, id); !bytes.Equal(got, v.Packet) {
				t.Errorf("got %x, want %s", got, v.Packet)
			}
			if _, _, err := ParseHeader(v.Packet); !errors.Is(err, ErrPrefix) {
				t.Errorf("got %v, want %v: a beacon is not a packet", err, ErrPrefix)
			}
			for i := range v.Packet {
				if _, ok := IsBeacon(v.Packet[:i]); ok {
					t.Errorf("cut after %d bytes: got a beacon, want none", i)
				}
				// All but the community id is constant.
				changed := bytes.Clone(v.Packet)
				changed[i] ^= 1
				if _, ok := IsBeacon(changed); ok != (i >= BeaconLen-len(id)) {
					t.Errorf("byte %d changed: got a beacon %t, want %t", i, ok, !ok)
				}
			}
		})
	}
}
