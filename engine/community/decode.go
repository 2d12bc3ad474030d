package community

import (
	"errors"
	"net/netip"
	"time"

	"peerscope/engine/keyvault"
	"peerscope/engine/peer"
	"peerscope/engine/wire"
)

// A Decoder turns datagrams into messages. Everything in it is fixed, so that
// any number of goroutines may use copies; only the Verifier is one's own.
type Decoder struct {
	// Communities are the ids that we answer in; nil means every id, as a
	// tracker does.
	Communities map[peer.CommunityID]bool
	// Discovery is the id under which 1 to 4 are similarity and ping.
	Discovery peer.CommunityID
	// Handles tells which ids have a handler; nil means all of them.
	Handles func(wire.MessageID) bool
	// Verifier checks signatures.
	Verifier *keyvault.Verifier
}

// Screen applies the checks that read no more than the header: what fails here
// costs next to nothing. It returns Accepted for a packet worth decoding.
func (d *Decoder) Screen(source netip.AddrPort, packet []byte) (wire.MessageID, Reason) {
	if len(packet) < wire.HeaderLen {
		return 0, ShortPacket
	}
	id, message, err := wire.ParseHeader(packet)
	if err != nil || d.Communities != nil && !d.Communities[id] {
		return 0, UnknownCommunity
	}
	switch {
	case !Sendable(source):
		return message, BadSource
	case message.Deprecated():
		return message, DeprecatedMessage
	case !d.handled(id, message):
		return message, UnknownMessage
	}
	return message, Accepted
}

func (d *Decoder) handled(community peer.CommunityID, id wire.MessageID) bool {
	switch id {
	case wire.SimilarityRequestID, wire.SimilarityResponseID, wire.PingID, wire.PongID:
		return community == d.Discovery && (d.Handles == nil || d.Handles(id))
	case wire.IntroductionRequestID, wire.IntroductionResponseID, wire.PunctureRequestID, wire.PunctureID,
		wire.NewIntroductionRequestID, wire.NewIntroductionResponseID, wire.NewPunctureRequestID, wire.NewPunctureID:
		return d.Handles == nil || d.Handles(id)
	}
	return false
}

// Decode reads and verifies a packet that passed Screen. The message holds
// copies only, so the packet's memory may be used again.
func (d *Decoder) Decode(now time.Time, source netip.AddrPort, packet []byte) (Message, Reason) {
	community, id, err := wire.ParseHeader(packet)
	if err != nil {
		return Message{}, ShortPacket
	}
	m := Message{Source: source, At: now, Community: community, ID: id}
	body := packet[wire.HeaderLen:]
	if id.Signed() {
		var reason Reason
		if body, reason = d.open(now, &m, packet); reason != Accepted {
			return m, reason
		}
	}
	var payload []byte
	if m.GlobalTime, payload, err = wire.ParseGlobalTime(body); err != nil {
		return m, Malformed
	}
	if m.Payload, err = d.parse(community, id, payload); err != nil {
		return m, Malformed
	}
	return m, Accepted
}

// open checks the signature of a signed packet and returns what lies between
// the key and the signature. Layout errors are found after it, unlike in
// py-ipv8; the packet is dropped either way.
func (d *Decoder) open(now time.Time, m *Message, packet []byte) ([]byte, Reason) {
	blob, rest, err := wire.SplitSigned(packet)
	if err != nil {
		return nil, Malformed
	}
	key, err := keyvault.ParsePublicKey(blob)
	if err != nil {
		return nil, BadKey
	}
	cut := len(rest) - key.SignatureLen()
	if cut < 8 { // the global time at least
		return nil, Malformed
	}
	signed := packet[:len(packet)-key.SignatureLen()]
	switch err := d.Verifier.Verify(now, key, signed, rest[cut:]); {
	case errors.Is(err, keyvault.ErrBudget):
		return nil, LegacyBudget
	case errors.Is(err, keyvault.ErrKey):
		return nil, BadKey
	case err != nil:
		return nil, BadSignature
	}
	m.Key, m.Mid = key, key.Mid()
	return rest[:cut], Accepted
}

// parse reads the payload. The DiscoveryCommunity alone knows the 2014 form of
// the introduction request, of which only today's fields are kept.
func (d *Decoder) parse(community peer.CommunityID, id wire.MessageID, payload []byte) (wire.Payload, error) {
	if id == wire.IntroductionRequestID && community == d.Discovery {
		p, _, err := wire.ParseDiscoveryIntroductionRequest(payload)
		if err != nil {
			return nil, err
		}
		return p, nil
	}
	return wire.Parse(id, payload)
}
