package exchange

import (
	"errors"
	"fmt"
	"net/netip"

	"peerscope/engine/keyvault"
	"peerscope/engine/wire"
)

// A Question is one request and what would answer it.
type Question struct {
	// To is who is asked; only that address can answer.
	To netip.AddrPort
	// Community is the community whose members are asked.
	Community [20]byte
	// Message says what is asked.
	Message wire.MessageID
	// Identifier is what the answer has to bring back.
	Identifier uint16
	// Packet is the request, ready to send.
	Packet []byte

	// answers are the messages that can answer.
	answers []wire.MessageID
}

// A Style is which of the two forms of an introduction request is sent.
type Style string

// The styles.
const (
	// OldStyle is message 246, IPv4 only: the only one that trackers understand.
	OldStyle Style = "old"
	// NewStyle is message 234, IPv4 or IPv6.
	NewStyle Style = "new"
)

// ErrCannotSign is the error for an identity that only other programs can use.
var ErrCannotSign = errors.New("this type of key cannot sign here")

// Self is who asks, where the message says so.
type Self struct {
	// Local is the address of our socket.
	Local netip.AddrPort
	// Key signs.
	Key keyvault.PrivateKey
}

// Ping asks for a pong (IPv8 reference 3.4). It is not signed.
func Ping(to netip.AddrPort, identifier uint16) Question {
	q := Question{
		To: to, Community: wire.DiscoveryCommunityID, Message: wire.PingID, Identifier: identifier,
		answers: []wire.MessageID{wire.PongID},
	}
	q.Packet = wire.AppendUnsignedHeader(nil, q.Community, q.Message, uint64(identifier))
	q.Packet, _ = wire.Ping{Identifier: identifier}.AppendBinary(q.Packet) // never fails
	return q
}

// Walk asks a member of a community, or a tracker, for an introduction (IPv8
// reference 8.2). Either style of response answers either style of request.
func (s Self) Walk(to netip.AddrPort, community [20]byte, style Style, identifier uint16) (Question, error) {
	q := Question{
		To: to, Community: community, Message: wire.IntroductionRequestID, Identifier: identifier,
		answers: []wire.MessageID{wire.IntroductionResponseID, wire.NewIntroductionResponseID},
	}
	if style == NewStyle {
		q.Message = wire.NewIntroductionRequestID
		return s.sign(q, wire.NewIntroductionRequest{
			DestinationAddress: to, SourceLANAddress: s.Local, Identifier: identifier,
		})
	}
	return s.sign(q, wire.IntroductionRequest{
		DestinationAddress: to, SourceLANAddress: s.Local, Identifier: identifier, Flags: wire.RequestAdvice,
	})
}

// Similarity asks a member of the DiscoveryCommunity for its communities, and
// says that we are in that one (IPv8 reference 9).
func (s Self) Similarity(to netip.AddrPort, identifier uint16) (Question, error) {
	q := Question{
		To: to, Community: wire.DiscoveryCommunityID, Message: wire.SimilarityRequestID, Identifier: identifier,
		answers: []wire.MessageID{wire.SimilarityResponseID},
	}
	request := wire.SimilarityRequest{Identifier: identifier, PreferenceList: [][20]byte{wire.DiscoveryCommunityID}}
	if s.Local.Addr().Is4() { // the fields have no room for IPv6
		request.LANAddress = s.Local
	}
	return s.sign(q, request)
}

// sign makes the packet. The identifier is the global time as well, as py-ipv8
// has it (IPv8 reference 3.7); nobody looks at that.
func (s Self) sign(q Question, payload wire.Payload) (Question, error) {
	if !s.Key.CanSign() {
		return Question{}, fmt.Errorf("%v: %w", s.Key, ErrCannotSign)
	}
	b := wire.AppendSignedHeader(nil, q.Community, q.Message, s.Key.Public().Bytes(), uint64(q.Identifier))
	b, err := payload.AppendBinary(b)
	if err != nil {
		return Question{}, err
	}
	q.Packet = s.Key.AppendSignature(b, b)
	return q, nil
}
