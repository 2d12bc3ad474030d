package main

import (
	"errors"
	"fmt"
	"time"

	"peerscope/engine/keyvault"
	"peerscope/engine/wire"
)

// errOther is for packets that are no answer to what was asked: requests that a
// node sends on its own account, punctures.
var errOther = errors.New("another message")

// answered is the identifier in a packet that answers a request of kind k. The
// signature is left to verifyAnswer: checking each would take the processor that
// the nodes are measured on.
func answered(k kind, packet []byte) (uint16, error) {
	_, id, err := wire.ParseHeader(packet)
	if err != nil {
		return 0, err
	}
	if id != k.answer() {
		return 0, errOther
	}
	if k == ping {
		p, err := pong(packet)
		return p.Identifier, err
	}
	payload, err := signedPayload(packet)
	if err != nil {
		return 0, err
	}
	if k == similarity {
		p, err := wire.ParseSimilarityResponse(payload)
		return p.Identifier, err
	}
	p, err := wire.ParseIntroductionResponse(payload)
	return p.Identifier, err
}

func pong(packet []byte) (wire.Pong, error) {
	_, payload, err := wire.ParseGlobalTime(packet[wire.HeaderLen:])
	if err != nil {
		return wire.Pong{}, err
	}
	return wire.ParsePong(payload)
}

// signedPayload is the payload of a packet signed with a curve25519 key, which
// both nodes have.
func signedPayload(packet []byte) ([]byte, error) {
	_, rest, err := wire.SplitSigned(packet)
	if err != nil {
		return nil, err
	}
	body, _, err := wire.SplitSignature(rest, keyvault.Curve25519.SignatureLen())
	if err != nil {
		return nil, err
	}
	_, payload, err := wire.ParseGlobalTime(body)
	return payload, err
}

// verifyAnswer checks the signature of an answer that has one.
func verifyAnswer(v *keyvault.Verifier, k kind, packet []byte) error {
	if k == ping {
		return nil
	}
	blob, rest, err := wire.SplitSigned(packet)
	if err != nil {
		return err
	}
	key, err := keyvault.ParsePublicKey(blob)
	if err != nil {
		return err
	}
	_, signature, err := wire.SplitSignature(rest, key.SignatureLen())
	if err != nil {
		return err
	}
	if err := v.Verify(time.Now(), key, packet[:len(packet)-len(signature)], signature); err != nil {
		return fmt.Errorf("answer to %v request: %w", k, err)
	}
	return nil
}
