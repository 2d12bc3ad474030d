package wire

import "strconv"

// MessageID is the byte at offset 22 of a packet. The eight introduction and
// puncture ids mean the same in every community; 1 to 4 have the meaning given
// here only under [DiscoveryCommunityID].
type MessageID byte

// The message ids of py-ipv8 (IPv8 reference 3.1). The New ones carry IPv4 or
// IPv6 addresses, the others IPv4 only.
const (
	IntroductionRequestID     MessageID = 246
	IntroductionResponseID    MessageID = 245
	PunctureRequestID         MessageID = 250
	PunctureID                MessageID = 249
	NewIntroductionRequestID  MessageID = 234
	NewIntroductionResponseID MessageID = 233
	NewPunctureRequestID      MessageID = 232
	NewPunctureID             MessageID = 231
	SimilarityRequestID       MessageID = 1
	SimilarityResponseID      MessageID = 2
	PingID                    MessageID = 3
	PongID                    MessageID = 4
)

// messageNames are the names of the ids that this package has a layout for.
var messageNames = [256]string{
	IntroductionRequestID:     "introduction-request",
	IntroductionResponseID:    "introduction-response",
	PunctureRequestID:         "puncture-request",
	PunctureID:                "puncture",
	NewIntroductionRequestID:  "new-introduction-request",
	NewIntroductionResponseID: "new-introduction-response",
	NewPunctureRequestID:      "new-puncture-request",
	NewPunctureID:             "new-puncture",
	SimilarityRequestID:       "similarity-request",
	SimilarityResponseID:      "similarity-response",
	PingID:                    "ping",
	PongID:                    "pong",
}

// deprecatedNames are Dispersy's messages, which py-ipv8 only warns about
// (IPv8 reference 3.6).
var deprecatedNames = [256]string{
	235: "missing-last-message",
	236: "dynamic-settings",
	237: "undo-other",
	238: "undo-own",
	239: "on-missing-message",
	240: "missing-subjective-set",
	241: "subjective-set",
	242: "revoke",
	243: "authorize",
	244: "destroy-community",
	247: "on-missing-identity",
	248: "on-identity",
	251: "signature-response",
	252: "signature-request",
	253: "missing-proof",
	254: "on-missing-sequence",
	255: "reserved",
}

// String returns the name of a message that this package has a layout for,
// the old name of a deprecated one, and "message-7" for any other.
func (id MessageID) String() string {
	if name := messageNames[id]; name != "" {
		return name
	}
	if name := deprecatedNames[id]; name != "" {
		return name
	}
	return "message-" + strconv.Itoa(int(id))
}

// Known reports whether [Parse] has a layout for id.
func (id MessageID) Known() bool { return messageNames[id] != "" }

// Deprecated reports whether id belonged to Dispersy. Such packets are counted
// and dropped; their content is not parsed.
func (id MessageID) Deprecated() bool { return deprecatedNames[id] != "" }

// DeprecatedName returns the name that Dispersy gave to id, "" for an id that
// is not deprecated.
func (id MessageID) DeprecatedName() string { return deprecatedNames[id] }

// Signed reports whether packets of a known message carry a key and a
// signature. It is false for ids that this package has no layout for.
func (id MessageID) Signed() bool {
	switch id {
	case IntroductionRequestID, IntroductionResponseID, PunctureID,
		NewIntroductionRequestID, NewIntroductionResponseID, NewPunctureID,
		SimilarityRequestID, SimilarityResponseID:
		return true
	}
	return false
}
