package wire

import (
	"bytes"
	"encoding/binary"
	"errors"
	"reflect"
	"testing"

	"peerscope/engine/internal/vectors"
)

// seedPayloads adds the payloads of all vectors of message id: valid,
// malformed, and those that carry it under a wrong signature.
func seedPayloads(f *testing.F, id MessageID) {
	f.Helper()
	f.Add([]byte(nil))
	seeds := 0
	for _, v := range vectors.ByKind(f, messageKinds...) {
		p, err := parsePacket(v.Packet)
		if p.id == id && (err == nil || p.raw != nil) {
			f.Add(bytes.Clone(p.raw))
			seeds++
		}
	}
	if seeds == 0 {
		f.Fatalf("no vectors of %v", id)
	}
}

// fuzzPayload checks a parser: it fails with a FieldError and the zero
// payload, or gives a payload that keeps nothing of the buffer, and that
// encodes to bytes which parse to it again. Where no byte is dropped on
// purpose, these are the bytes that it came from.
func fuzzPayload[P Payload](f *testing.F, id MessageID, parse func([]byte) (P, error), exact bool) {
	seedPayloads(f, id)
	f.Fuzz(func(t *testing.T, data []byte) {
		buffer := bytes.Clone(data)
		p, err := parse(buffer)
		if err != nil {
			checkLayoutError(t, err)
			if !reflect.ValueOf(p).IsZero() {
				t.Errorf("got %+v with error %v, want the zero payload", p, err)
			}
			return
		}
		for i := range buffer {
			buffer[i] ^= 0xff
		}
		b, err := p.AppendBinary(nil)
		if err != nil {
			t.Fatalf("%+v: %v", p, err)
		}
		if exact && !bytes.Equal(b, data) {
			t.Errorf("got %x, want %x", b, data)
		}
		again, err := parse(b)
		if err != nil || !reflect.DeepEqual(again, p) {
			t.Errorf("got %+v and %v, want %+v", again, err, p)
		}
	})
}

func FuzzParseIntroductionRequest(f *testing.F) {
	fuzzPayload(f, IntroductionRequestID, ParseIntroductionRequest, true)
}

func FuzzParseIntroductionRequest2014(f *testing.F) {
	fuzzPayload(f, IntroductionRequestID, ParseIntroductionRequest2014, true)
}

func FuzzParseIntroductionResponse(f *testing.F) {
	fuzzPayload(f, IntroductionResponseID, ParseIntroductionResponse, true)
}

func FuzzParsePunctureRequest(f *testing.F) {
	fuzzPayload(f, PunctureRequestID, ParsePunctureRequest, true)
}

func FuzzParsePuncture(f *testing.F) {
	fuzzPayload(f, PunctureID, ParsePuncture, true)
}

func FuzzParseNewIntroductionRequest(f *testing.F) {
	fuzzPayload(f, NewIntroductionRequestID, ParseNewIntroductionRequest, true)
}

func FuzzParseNewIntroductionResponse(f *testing.F) {
	fuzzPayload(f, NewIntroductionResponseID, ParseNewIntroductionResponse, true)
}

func FuzzParseNewPunctureRequest(f *testing.F) {
	fuzzPayload(f, NewPunctureRequestID, ParseNewPunctureRequest, true)
}

func FuzzParseNewPuncture(f *testing.F) {
	fuzzPayload(f, NewPunctureID, ParseNewPuncture, true)
}

func FuzzParseSimilarityRequest(f *testing.F) {
	fuzzPayload(f, SimilarityRequestID, ParseSimilarityRequest, false)
}

func FuzzParseSimilarityResponse(f *testing.F) {
	fuzzPayload(f, SimilarityResponseID, ParseSimilarityResponse, false)
}

func FuzzParsePing(f *testing.F) { fuzzPayload(f, PingID, ParsePing, true) }

func FuzzParsePong(f *testing.F) { fuzzPayload(f, PongID, ParsePong, true) }

// FuzzParseDiscoveryIntroductionRequest: the layout depends on the length alone.
func FuzzParseDiscoveryIntroductionRequest(f *testing.F) {
	seedPayloads(f, IntroductionRequestID)
	f.Fuzz(func(t *testing.T, data []byte) {
		p, introduceTo, err := ParseDiscoveryIntroductionRequest(data)
		if (err == nil) != (len(data) >= 21) || (introduceTo != nil) != (len(data) >= introduction2014Len) {
			t.Errorf("%d bytes: got introduceTo %v and %v", len(data), introduceTo, err)
		}
		if err != nil {
			return
		}
		plain := data
		if introduceTo != nil {
			plain = data[21:]
		}
		if b, err := p.AppendBinary(nil); err != nil || !bytes.Equal(b, plain) {
			t.Errorf("got %x and %v, want %x", b, err, plain)
		}
	})
}

// FuzzPacket takes whole datagrams apart, as the engine and Describe do.
func FuzzPacket(f *testing.F) {
	for _, v := range vectors.Load(f) {
		if v.Packet != nil {
			f.Add([]byte(v.Packet))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := parsePacket(data)
		checkDescription(t, data, err)
		if err == nil && p.id != SimilarityRequestID && p.id != SimilarityResponseID {
			if got := p.encode(t); !bytes.Equal(got, data) {
				t.Errorf("got %x, want %x", got, data)
			}
		}
		if community, ok := IsBeacon(data); ok && !bytes.Equal(AppendBeacon(nil, community), data) {
			t.Errorf("got a beacon in %x", data)
		}
	})
}

// FuzzSplitSigned: the parts of a packet put together are the packet.
func FuzzSplitSigned(f *testing.F) {
	for _, v := range vectors.ByKind(f, messageKinds...) {
		f.Add([]byte(v.Packet))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		key, rest, err := SplitSigned(data)
		if err != nil {
			if len(data) < HeaderLen && !errors.Is(err, ErrShort) {
				t.Errorf("got %v, want %v", err, ErrShort)
			}
			return
		}
		b := binary.BigEndian.AppendUint16(bytes.Clone(data[:HeaderLen]), uint16(len(key)))
		if b = append(append(b, key...), rest...); !bytes.Equal(b, data) {
			t.Errorf("got %x, want %x", b, data)
		}
	})
}
