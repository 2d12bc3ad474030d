package exchange

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"peerscope/engine/keyvault"
	"peerscope/engine/peer"
	"peerscope/engine/wire"
)

// Why a datagram is no answer; other reasons are the errors of packages wire and
// keyvault.
var (
	ErrSource     = errors.New("from another address")
	ErrCommunity  = errors.New("of another community")
	ErrMessage    = errors.New("another message")
	ErrIdentifier = errors.New("the identifier is of no request of ours")
	ErrLate       = errors.New("the identifier is of an earlier request")
)

// An Answer is a checked answer to a [Question].
type Answer struct {
	Message wire.MessageID
	Payload wire.Payload
	// Key is the signer, the zero key for a pong.
	Key keyvault.PublicKey
	// RTT is the time from just before the request was sent to the arrival.
	RTT time.Duration
}

// Mid is the signer's, and false for a pong.
func (a Answer) Mid() (peer.Mid, bool) {
	if a.Key.IsZero() {
		return peer.Mid{}, false
	}
	return peer.Mid(a.Key.Mid()), true
}

// Judge returns the answer that a datagram is, or the reason why it is none. now
// is for the verifier's budget.
func (q Question) Judge(now time.Time, verifier *keyvault.Verifier, from netip.AddrPort, packet []byte) (Answer, error) {
	if from != q.To {
		return Answer{}, ErrSource
	}
	community, id, err := wire.ParseHeader(packet)
	if err != nil {
		return Answer{}, err
	}
	if community != q.Community {
		return Answer{}, fmt.Errorf("%w: %v", ErrCommunity, peer.CommunityID(community))
	}
	if !slices.Contains(q.answers, id) {
		return Answer{}, fmt.Errorf("%w: %v", ErrMessage, id)
	}
	a := Answer{Message: id}
	body := packet[wire.HeaderLen:]
	if id.Signed() {
		if a.Key, body, err = verify(now, verifier, packet); err != nil {
			return Answer{}, err
		}
	}
	if a.Payload, err = parse(id, body); err != nil {
		return Answer{}, err
	}
	if identifier(a.Payload) != q.Identifier {
		return Answer{}, ErrIdentifier
	}
	return a, nil
}

// verify checks the signature of packet and returns what it covers after the key.
func verify(now time.Time, verifier *keyvault.Verifier, packet []byte) (keyvault.PublicKey, []byte, error) {
	blob, rest, err := wire.SplitSigned(packet)
	if err != nil {
		return keyvault.PublicKey{}, nil, err
	}
	key, err := keyvault.ParsePublicKey(blob)
	if err != nil {
		return keyvault.PublicKey{}, nil, err
	}
	body, signature, err := wire.SplitSignature(rest, key.SignatureLen())
	if err != nil {
		return keyvault.PublicKey{}, nil, err
	}
	return key, body, verifier.Verify(now, key, packet[:len(packet)-len(signature)], signature)
}

func parse(id wire.MessageID, body []byte) (wire.Payload, error) {
	_, payload, err := wire.ParseGlobalTime(body)
	if err != nil {
		return nil, err
	}
	return wire.Parse(id, payload)
}

// identifier is what an answer brings back.
func identifier(p wire.Payload) uint16 {
	switch p := p.(type) {
	case wire.Pong:
		return p.Identifier
	case wire.IntroductionResponse:
		return p.Identifier
	case wire.NewIntroductionResponse:
		return p.Identifier
	case wire.SimilarityResponse:
		return p.Identifier
	}
	panic("exchange: a message that answers a question has no identifier")
}

// signatureLen is what wire.Describe needs to know of a key.
func signatureLen(blob []byte) int {
	key, err := keyvault.ParsePublicKey(blob)
	if err != nil {
		return 0
	}
	return key.SignatureLen()
}
