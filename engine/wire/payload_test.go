package wire

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"testing"

	"peerscope/engine/internal/vectors"
)

func randomIPv4(rng *rand.Rand) netip.AddrPort {
	ip := netip.AddrFrom4([4]byte(binary.BigEndian.AppendUint32(nil, rng.Uint32())))
	return netip.AddrPortFrom(ip, uint16(rng.Uint32()))
}

// randomAddress is IPv4, IPv6, or the IPv4-mapped IPv6 that must not be unmapped.
func randomAddress(rng *rand.Rand) netip.AddrPort {
	a := randomIPv4(rng)
	switch rng.IntN(3) {
	case 0:
		return a
	case 1:
		return netip.AddrPortFrom(netip.AddrFrom16(a.Addr().As16()), a.Port())
	}
	var ip [16]byte
	for i := range ip {
		ip[i] = byte(rng.Uint32())
	}
	return netip.AddrPortFrom(netip.AddrFrom16(ip), a.Port())
}

func randomBytes(rng *rand.Rand, most int) []byte {
	var b []byte
	for range rng.IntN(most + 1) {
		b = append(b, byte(rng.Uint32()))
	}
	return b
}

func randomIDs(rng *rand.Rand) [][20]byte {
	var ids [][20]byte
	for range rng.IntN(70) {
		ids = append(ids, randomID(rng))
	}
	return ids
}

func randomID(rng *rand.Rand) (id [20]byte) {
	for i := range id {
		id[i] = byte(rng.Uint32())
	}
	return id
}

// randomPayloads returns one payload of each layout.
func randomPayloads(rng *rand.Rand) []Payload {
	v4 := func() netip.AddrPort { return randomIPv4(rng) }
	either := func() netip.AddrPort { return randomAddress(rng) }
	id, flags := uint16(rng.Uint32()), byte(rng.Uint32())
	request := IntroductionRequest{v4(), v4(), v4(), IntroductionRequestFlags(flags), id, randomBytes(rng, 20)}
	var overlap []Overlap
	for range rng.IntN(5) {
		overlap = append(overlap, Overlap{randomID(rng), rng.Uint32()})
	}
	return []Payload{
		request,
		IntroductionRequest2014{flags, randomID(rng), request},
		IntroductionResponse{v4(), v4(), v4(), v4(), v4(), IntroductionResponseFlags(flags), id, randomBytes(rng, 40)},
		PunctureRequest{v4(), v4(), id},
		Puncture{v4(), v4(), id},
		NewIntroductionRequest{either(), either(), either(), id, IntroductionRequestFlags(flags), randomBytes(rng, 40)},
		NewIntroductionResponse{either(), either(), either(), either(), either(), id, NewIntroductionResponseFlags(flags), randomBytes(rng, 40)},
		NewPunctureRequest{either(), either(), id},
		NewPuncture{either(), either(), id},
		SimilarityRequest{id, v4(), v4(), SimilarityRequestFlags(flags), randomIDs(rng)},
		SimilarityResponse{id, randomIDs(rng), overlap},
		Ping{id},
		Pong{id},
	}
}

func TestPayloadRoundTrip(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		for _, want := range randomPayloads(rng) {
			b, err := want.AppendBinary(nil)
			if err != nil {
				t.Fatal(err)
			}
			got, err := parseDiscovery(want.ID(), b)
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Fatalf("got %+v and %v, want %+v", got, err, want)
			}
		}
	}
}

// TestPayloadTruncated cuts every valid vector's payload after every byte. A
// cut in front of the open end is an error; one inside it is a shorter
// payload, but for an overlap record, which must be whole.
func TestPayloadTruncated(t *testing.T) {
	for _, v := range vectors.ByKind(t, messageKinds...) {
		p, err := parsePacket(v.Packet)
		if err != nil || v.Policy != "accept" {
			continue
		}
		fixed := fixedLen(t, p.payload)
		for cut := range len(p.raw) {
			got, err := parseDiscovery(p.id, p.raw[:cut])
			switch refuse := cut < fixed || cutsOverlap(p, cut); {
			case refuse && !errors.Is(err, ErrTruncated):
				t.Errorf("%s: cut after %d bytes: got %+v and %v, want %v", v.Name, cut, got, err, ErrTruncated)
			case !refuse && err != nil:
				t.Errorf("%s: cut after %d bytes: got %v, want none", v.Name, cut, err)
			}
		}
	}
}

// cutsOverlap reports whether a similarity response that ends after cut bytes
// has a partial overlap record behind the ids that it counts.
func cutsOverlap(p packet, cut int) bool {
	if p.id != SimilarityResponseID || cut < 4 {
		return false
	}
	beyond := cut - (4 + 20*int(binary.BigEndian.Uint16(p.raw[2:])))
	return beyond > 0 && beyond%overlapLen != 0
}

// TestPacketTruncated cuts every valid vector's packet after every byte up to
// where the payload's fixed part and the signature could still be whole.
func TestPacketTruncated(t *testing.T) {
	for _, v := range vectors.ByKind(t, messageKinds...) {
		p, err := parsePacket(v.Packet)
		if err != nil || v.Policy != "accept" {
			continue
		}
		whole := len(v.Packet) - len(p.raw) + fixedLen(t, p.payload)
		for cut := range whole {
			_, err := parsePacket(v.Packet[:cut])
			if cut < HeaderLen && !errors.Is(err, ErrShort) || cut >= HeaderLen && !errors.Is(err, ErrTruncated) {
				t.Errorf("%s: cut after %d bytes: got %v, want an error", v.Name, cut, err)
			}
		}
	}
}

// TestTrailingBytes: messages of fixed length end where they end.
func TestTrailingBytes(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, p := range randomPayloads(rng) {
		b, err := p.AppendBinary(nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = Parse(p.ID(), append(b, 0))
		switch p.ID() {
		case PunctureID, PunctureRequestID, NewPunctureID, NewPunctureRequestID, PingID, PongID:
			if want := (&FieldError{p.ID().String(), "end", ErrTrailing}); !reflect.DeepEqual(err, want) {
				t.Errorf("got %v, want %v", err, want)
			}
		case SimilarityResponseID:
			if !errors.Is(err, ErrTruncated) {
				t.Errorf("got %v, want %v", err, ErrTruncated)
			}
		default:
			if err != nil {
				t.Errorf("%v: got %v, want none", p.ID(), err)
			}
		}
	}
}

// TestAppendErrors: a value that does not fit leaves the destination as it was.
func TestAppendErrors(t *testing.T) {
	v6 := netip.MustParseAddrPort("[::1]:5")
	mapped := netip.MustParseAddrPort("[::ffff:1.2.3.4]:5")
	for _, tt := range []struct {
		payload Payload
		field   string
		want    error
	}{
		{IntroductionRequest{DestinationAddress: v6}, "destination_address", ErrAddressFamily},
		{IntroductionRequest2014{IntroductionRequest: IntroductionRequest{SourceLANAddress: v6}}, "source_lan_address", ErrAddressFamily},
		{IntroductionResponse{WANIntroductionAddress: mapped}, "wan_introduction_address", ErrAddressFamily},
		{PunctureRequest{WANWalkerAddress: v6}, "wan_walker_address", ErrAddressFamily},
		{Puncture{SourceLANAddress: mapped}, "source_lan_address", ErrAddressFamily},
		{SimilarityRequest{WANAddress: v6}, "wan_address", ErrAddressFamily},
		{SimilarityResponse{PreferenceList: make([][20]byte, 65536)}, "preference_list", ErrTooLong},
	} {
		got, err := tt.payload.AppendBinary([]byte("x"))
		field, ok := errors.AsType[*FieldError](err)
		if !ok || field.Field != tt.field || field.Err != tt.want || string(got) != "x" {
			t.Errorf("%+v: got %q and %v, want %s: %v", tt.payload.ID(), got, err, tt.field, tt.want)
		}
	}
}

// TestNoAddress: "no address" is 0.0.0.0:0 as IPv4 in both styles.
func TestNoAddress(t *testing.T) {
	none := netip.MustParseAddrPort("0.0.0.0:0")
	for _, p := range []Payload{Puncture{}, NewPuncture{}} {
		b, err := p.AppendBinary(nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Parse(p.ID(), b)
		if err != nil {
			t.Fatal(err)
		}
		switch got := got.(type) {
		case Puncture:
			checkFlag(t, "source_lan_address", got.SourceLANAddress, none)
		case NewPuncture:
			checkFlag(t, "source_lan_address", got.SourceLANAddress, none)
			checkFlag(t, "size", len(b), 7+7+2)
		}
	}
}

func TestParseIsNilOnError(t *testing.T) {
	for id := range 256 {
		p, err := Parse(MessageID(id), nil)
		if p != nil || err == nil {
			t.Errorf("message %d of no bytes: got %v and %v, want an error", id, p, err)
		}
		if known := MessageID(id).Known(); known == errors.Is(err, ErrUnknown) {
			t.Errorf("message %d: got known %t and %v", id, known, err)
		}
	}
}
