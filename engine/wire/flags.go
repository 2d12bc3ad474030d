package wire

import (
	"fmt"
	"strings"
)

// ConnectionType is what a peer says about its NAT, in the two highest bits of
// the flags of 246, 245, 234 and 1. py-ipv8 always sends ConnectionUnknown.
type ConnectionType byte

// The values of the two bits; ConnectionNA is unassigned.
const (
	ConnectionUnknown      ConnectionType = 0x00
	ConnectionNA           ConnectionType = 0x40
	ConnectionPublic       ConnectionType = 0x80
	ConnectionSymmetricNAT ConnectionType = 0xc0

	connectionMask = 0xc0
)

// String returns py-ipv8's name of the type.
func (t ConnectionType) String() string {
	switch t {
	case ConnectionUnknown:
		return "unknown"
	case ConnectionNA:
		return "N/A"
	case ConnectionPublic:
		return "public"
	case ConnectionSymmetricNAT:
		return "symmetric-NAT"
	}
	return "invalid"
}

// The same flag sits at different bits in different messages (IPv8 reference
// Q1). Each layout has its own type, so that masks cannot be mixed up.

// IntroductionRequestFlags are the flags of 246 and 234.
type IntroductionRequestFlags byte

// Masks of [IntroductionRequestFlags].
const (
	RequestSupportsNewStyle IntroductionRequestFlags = 0x20
	RequestTunnel           IntroductionRequestFlags = 0x04 // unused
	RequestSync             IntroductionRequestFlags = 0x02 // unused
	RequestAdvice           IntroductionRequestFlags = 0x01 // "please introduce me to someone"; receivers always try
)

// ConnectionType returns the two highest bits.
func (f IntroductionRequestFlags) ConnectionType() ConnectionType {
	return ConnectionType(f & connectionMask)
}

// SupportsNewStyle reports whether the sender understands 231 to 234. py-ipv8
// never says so in 246, although it does (IPv8 reference Q2).
func (f IntroductionRequestFlags) SupportsNewStyle() bool { return f&RequestSupportsNewStyle != 0 }

// Advice reports whether the sender asks for an introduction.
func (f IntroductionRequestFlags) Advice() bool { return f&RequestAdvice != 0 }

// String returns the byte in hex and the names of the flags that are set.
func (f IntroductionRequestFlags) String() string {
	return flagString(byte(f), connectionMask, [8]string{2: "supports_new_style", 5: "tunnel", 6: "sync", 7: "advice"})
}

// IntroductionResponseFlags are the flags of 245.
type IntroductionResponseFlags byte

// Masks of [IntroductionResponseFlags].
const (
	ResponseSupportsNewStyle      IntroductionResponseFlags = 0x10
	ResponseIntroSupportsNewStyle IntroductionResponseFlags = 0x08
	ResponsePeerLimitReached      IntroductionResponseFlags = 0x04
)

// ConnectionType returns the two highest bits.
func (f IntroductionResponseFlags) ConnectionType() ConnectionType {
	return ConnectionType(f & connectionMask)
}

// SupportsNewStyle reports whether the responder understands 231 to 234.
func (f IntroductionResponseFlags) SupportsNewStyle() bool { return f&ResponseSupportsNewStyle != 0 }

// IntroSupportsNewStyle reports the same of the peer that it introduces.
func (f IntroductionResponseFlags) IntroSupportsNewStyle() bool {
	return f&ResponseIntroSupportsNewStyle != 0
}

// PeerLimitReached reports whether the responder has as many peers as it wants.
func (f IntroductionResponseFlags) PeerLimitReached() bool { return f&ResponsePeerLimitReached != 0 }

// String returns the byte in hex and the names of the flags that are set.
func (f IntroductionResponseFlags) String() string {
	return flagString(byte(f), connectionMask,
		[8]string{3: "supports_new_style", 4: "intro_supports_new_style", 5: "peer_limit_reached"})
}

// NewIntroductionResponseFlags are the flags of 233. There is no connection
// type and no peer_limit_reached in it (IPv8 reference Q4).
type NewIntroductionResponseFlags byte

// NewResponseIntroSupportsNewStyle is the only flag of 233 with a meaning.
const NewResponseIntroSupportsNewStyle NewIntroductionResponseFlags = 0x80

// IntroSupportsNewStyle reports whether the introduced peer understands 231 to 234.
func (f NewIntroductionResponseFlags) IntroSupportsNewStyle() bool {
	return f&NewResponseIntroSupportsNewStyle != 0
}

// String returns the byte in hex and the names of the flags that are set.
func (f NewIntroductionResponseFlags) String() string {
	return flagString(byte(f), 0, [8]string{0: "intro_supports_new_style"})
}

// SimilarityRequestFlags are the flags of 1: a connection type only.
type SimilarityRequestFlags byte

// ConnectionType returns the two highest bits.
func (f SimilarityRequestFlags) ConnectionType() ConnectionType {
	return ConnectionType(f & connectionMask)
}

// String returns the byte in hex and the connection type.
func (f SimilarityRequestFlags) String() string {
	return flagString(byte(f), connectionMask, [8]string{})
}

// flagString names the bits of f, the highest first, as the "bits" format does.
func flagString(f, connection byte, names [8]string) string {
	var s strings.Builder
	fmt.Fprintf(&s, "0x%02x", f)
	if f&connection != 0 {
		s.WriteString(" connection_type=" + ConnectionType(f&connection).String())
	}
	for i, name := range names {
		if name != "" && f&(0x80>>i) != 0 {
			s.WriteString(" " + name)
		}
	}
	return s.String()
}
