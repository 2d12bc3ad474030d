package wire

import (
	"math/rand/v2"
	"testing"

	"peerscope/engine/internal/vectors"
)

// Results are kept where the compiler cannot tell that nobody reads them.
var (
	sinkBytes       []byte
	sinkDescription Description
)

// rawPayload returns the payload bytes of a vector.
func rawPayload(t testing.TB, name string) []byte {
	t.Helper()
	p, err := parsePacket(find(t, name).Packet)
	if err != nil {
		t.Fatal(err)
	}
	return p.raw
}

// TestAllocations: the messages that come and go by the thousand per second
// are read and written without allocating.
func TestAllocations(t *testing.T) {
	packet := find(t, "ping/basic/0").Packet
	request := rawPayload(t, "introduction-request/basic/curve25519-a")
	response := rawPayload(t, "introduction-response/basic/curve25519-a")
	newResponse := rawPayload(t, "new-introduction-response/one-ipv6")
	buffer := make([]byte, 0, 2048)
	for _, tt := range []struct {
		name string
		f    func() error
	}{
		{"read a ping", func() error { _, err := readPing(packet); return err }},
		{"parse 246", func() error { _, err := ParseIntroductionRequest(request); return err }},
		{"parse 246 in discovery", func() error { _, _, err := ParseDiscoveryIntroductionRequest(request); return err }},
		{"parse 245", func() error { _, err := ParseIntroductionResponse(response); return err }},
		{"parse 233", func() error { _, err := ParseNewIntroductionResponse(newResponse); return err }},
		{"write a pong", func() error { _, err := writePong(buffer, 7); return err }},
		{"write 245", func() error { _, err := IntroductionResponse{}.AppendBinary(buffer); return err }},
	} {
		got := testing.AllocsPerRun(100, func() {
			if err := tt.f(); err != nil {
				t.Fatal(err)
			}
		})
		if got != 0 {
			t.Errorf("%s: got %v allocations, want none", tt.name, got)
		}
	}
}

func readPing(packet []byte) (Ping, error) {
	if _, _, err := ParseHeader(packet); err != nil {
		return Ping{}, err
	}
	_, payload, err := ParseGlobalTime(packet[HeaderLen:])
	if err != nil {
		return Ping{}, err
	}
	return ParsePing(payload)
}

func writePong(b []byte, identifier uint16) ([]byte, error) {
	return Pong{identifier}.AppendBinary(AppendUnsignedHeader(b, DiscoveryCommunityID, PongID, 1))
}

func BenchmarkReadPing(b *testing.B) {
	b.ReportAllocs()
	packet := []byte(find(b, "ping/basic/0").Packet)
	for b.Loop() {
		if _, err := readPing(packet); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkWritePong(b *testing.B) {
	b.ReportAllocs()
	buffer := make([]byte, 0, 64)
	for b.Loop() {
		var err error
		if sinkBytes, err = writePong(buffer, 7); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	for _, v := range benchmarkVectors(b) {
		p, err := parsePacket(v.Packet)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(v.Kind, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Parse(p.id, p.raw); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkAppend(b *testing.B) {
	buffer := make([]byte, 0, 2048)
	for _, p := range randomPayloads(rand.New(rand.NewPCG(1, 2))) {
		name := p.ID().String()
		if _, ok := p.(IntroductionRequest2014); ok {
			name = name2014
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				var err error
				if sinkBytes, err = p.AppendBinary(buffer); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkDescribe(b *testing.B) {
	for _, v := range benchmarkVectors(b) {
		b.Run(v.Kind, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				sinkDescription = Describe(v.Packet, signatureLen)
			}
		})
	}
}

// benchmarkVectors returns the first vector of every message.
func benchmarkVectors(b *testing.B) (first []vectors.Vector) {
	b.Helper()
	for _, kind := range messageKinds {
		if kind != "behaviour" {
			first = append(first, vectors.ByKind(b, kind)[0])
		}
	}
	return first
}
