package wire

import (
	"encoding/json"
	"net/netip"
	"testing"

	"peerscope/engine/internal/vectors"
)

// vectorFields are the decoded fields of all message vectors; a message has
// those of its layout.
type vectorFields struct {
	GlobalTime             uint64              `json:"global_time"`
	DestinationAddress     string              `json:"destination_address"`
	SourceLANAddress       string              `json:"source_lan_address"`
	SourceWANAddress       string              `json:"source_wan_address"`
	LANIntroductionAddress string              `json:"lan_introduction_address"`
	WANIntroductionAddress string              `json:"wan_introduction_address"`
	LANWalkerAddress       string              `json:"lan_walker_address"`
	WANWalkerAddress       string              `json:"wan_walker_address"`
	LANAddress             string              `json:"lan_address"`
	WANAddress             string              `json:"wan_address"`
	Flags                  byte                `json:"flags"`
	Identifier             uint64              `json:"identifier"` // may exceed 16 bits in "input"
	ExtraBytes             vectors.Hex         `json:"extra_bytes"`
	IntroduceToMarker      vectors.Hex         `json:"introduce_to_marker"`
	IntroduceTo            string              `json:"introduce_to"`
	PreferenceList         []string            `json:"preference_list"`
	TBOverlap              [][]json.RawMessage `json:"tb_overlap"`
	ConnectionType         string              `json:"connection_type"`
	SupportsNewStyle       bool                `json:"supports_new_style"`
	IntroSupportsNewStyle  bool                `json:"intro_supports_new_style"`
	PeerLimitReached       bool                `json:"peer_limit_reached"`
	Advice                 bool                `json:"advice"`
}

// address returns the zero AddrPort for a field that the layout does not have.
func address(t *testing.T, s string) netip.AddrPort {
	t.Helper()
	if s == "" {
		return netip.AddrPort{}
	}
	return vectors.AddrPort(t, s)
}

// extra returns nil for no bytes, as the parsers do.
func (f *vectorFields) extra() []byte {
	if len(f.ExtraBytes) == 0 {
		return nil
	}
	return f.ExtraBytes
}

// partialID reports whether the preference list ends in a short id, which
// py-ipv8 keeps and we drop (Q13).
func (f *vectorFields) partialID() bool {
	n := len(f.PreferenceList)
	return n > 0 && len(f.PreferenceList[n-1]) < 40
}

func (f *vectorFields) preferences(t *testing.T) [][20]byte {
	t.Helper()
	list := f.PreferenceList
	if f.partialID() {
		list = list[:len(list)-1]
	}
	var ids [][20]byte
	for _, s := range list {
		ids = append(ids, vectors.ID20(t, s))
	}
	return ids
}

func (f *vectorFields) overlap(t *testing.T) []Overlap {
	t.Helper()
	var records []Overlap
	for _, pair := range f.TBOverlap {
		var mid string
		var count uint32
		if len(pair) != 2 || json.Unmarshal(pair[0], &mid) != nil || json.Unmarshal(pair[1], &count) != nil {
			t.Fatalf("overlap record %s", pair)
		}
		records = append(records, Overlap{vectors.ID20(t, mid), count})
	}
	return records
}

// payload builds the payload that a vector of the given layout describes.
func (f *vectorFields) payload(t *testing.T, message string) Payload {
	t.Helper()
	identifier := uint16(f.Identifier)
	switch message {
	case "introduction-request":
		return f.introductionRequest(t)
	case "introduction-request-2014":
		return IntroductionRequest2014{f.IntroduceToMarker[0], vectors.ID20(t, f.IntroduceTo), f.introductionRequest(t)}
	case "introduction-response":
		return IntroductionResponse{
			address(t, f.DestinationAddress), address(t, f.SourceLANAddress), address(t, f.SourceWANAddress),
			address(t, f.LANIntroductionAddress), address(t, f.WANIntroductionAddress),
			IntroductionResponseFlags(f.Flags), identifier, f.extra(),
		}
	case "new-introduction-request":
		return NewIntroductionRequest{
			address(t, f.DestinationAddress), address(t, f.SourceLANAddress), address(t, f.SourceWANAddress),
			identifier, IntroductionRequestFlags(f.Flags), f.extra(),
		}
	case "new-introduction-response":
		return NewIntroductionResponse{
			address(t, f.DestinationAddress), address(t, f.SourceLANAddress), address(t, f.SourceWANAddress),
			address(t, f.LANIntroductionAddress), address(t, f.WANIntroductionAddress),
			identifier, NewIntroductionResponseFlags(f.Flags), f.extra(),
		}
	case "puncture-request":
		return PunctureRequest{address(t, f.LANWalkerAddress), address(t, f.WANWalkerAddress), identifier}
	case "new-puncture-request":
		return NewPunctureRequest{address(t, f.LANWalkerAddress), address(t, f.WANWalkerAddress), identifier}
	case "puncture":
		return Puncture{address(t, f.SourceLANAddress), address(t, f.SourceWANAddress), identifier}
	case "new-puncture":
		return NewPuncture{address(t, f.SourceLANAddress), address(t, f.SourceWANAddress), identifier}
	case "similarity-request":
		return SimilarityRequest{
			identifier, address(t, f.LANAddress), address(t, f.WANAddress),
			SimilarityRequestFlags(f.Flags), f.preferences(t),
		}
	case "similarity-response":
		return SimilarityResponse{identifier, f.preferences(t), f.overlap(t)}
	case "ping":
		return Ping{identifier}
	case "pong":
		return Pong{identifier}
	}
	t.Fatalf("no payload for message %q", message)
	return nil
}

func (f *vectorFields) introductionRequest(t *testing.T) IntroductionRequest {
	t.Helper()
	return IntroductionRequest{
		address(t, f.DestinationAddress), address(t, f.SourceLANAddress), address(t, f.SourceWANAddress),
		IntroductionRequestFlags(f.Flags), uint16(f.Identifier), f.extra(),
	}
}

// checkFlags compares what the flag accessors say with the vector's names.
func (f *vectorFields) checkFlags(t *testing.T, p Payload) {
	t.Helper()
	switch p := p.(type) {
	case IntroductionRequest2014:
		f.checkFlags(t, p.IntroductionRequest)
	case IntroductionRequest:
		f.checkRequestFlags(t, p.Flags)
	case NewIntroductionRequest:
		f.checkRequestFlags(t, p.Flags)
	case IntroductionResponse:
		checkFlag(t, "connection_type", p.Flags.ConnectionType().String(), f.ConnectionType)
		checkFlag(t, "supports_new_style", p.Flags.SupportsNewStyle(), f.SupportsNewStyle)
		checkFlag(t, "intro_supports_new_style", p.Flags.IntroSupportsNewStyle(), f.IntroSupportsNewStyle)
		checkFlag(t, "peer_limit_reached", p.Flags.PeerLimitReached(), f.PeerLimitReached)
	case NewIntroductionResponse:
		checkFlag(t, "intro_supports_new_style", p.Flags.IntroSupportsNewStyle(), f.IntroSupportsNewStyle)
	case SimilarityRequest:
		checkFlag(t, "connection_type", p.Flags.ConnectionType().String(), f.ConnectionType)
	}
}

func (f *vectorFields) checkRequestFlags(t *testing.T, flags IntroductionRequestFlags) {
	t.Helper()
	checkFlag(t, "connection_type", flags.ConnectionType().String(), f.ConnectionType)
	checkFlag(t, "supports_new_style", flags.SupportsNewStyle(), f.SupportsNewStyle)
	checkFlag(t, "advice", flags.Advice(), f.Advice)
}

func checkFlag[T comparable](t *testing.T, name string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", name, got, want)
	}
}
