package keyvault

import (
	"github.com/oasisprotocol/curve25519-voi/primitives/ed25519"
)

var ed25519Options = &ed25519.Options{Verify: &ed25519.VerifyOptions{AllowSmallOrderR: true, CofactorlessVerify: true}}

func validateEd25519(key string) error {
	if _, err := ed25519.NewExpandedPublicKey([]byte(key)); err != nil {
		return ErrKey
	}
	return nil
}

func (v *Verifier) verifyEd25519(key PublicKey, msg, sig []byte) error {
	if !ed25519.VerifyWithOptions([]byte(key.ed25519()), msg, sig, ed25519Options) {
		return ErrSignature
	}
	return nil
}
