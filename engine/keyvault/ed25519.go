package keyvault

import (
	"crypto/sha512"

	"github.com/oasisprotocol/curve25519-voi/curve"
	"github.com/oasisprotocol/curve25519-voi/curve/scalar"
	"github.com/oasisprotocol/curve25519-voi/primitives/ed25519"
)

// ed25519Options are libsodium 1.0.18's rules, except that R of small order passes: without that rule the library need not
// decompress R, and smallOrder sees the same in its bytes.
var ed25519Options = &ed25519.Options{
	Verify: &ed25519.VerifyOptions{AllowSmallOrderR: true, CofactorlessVerify: true},
}

// smallOrderY are the y coordinates of the eight points of small order: of order 4, 1, 2, 8 and 8. They are canonical
// encodings. Others need no entry, for keys have to be canonical and R is compared with a canonical encoding.
var smallOrderY = [...]string{
	string(mustHex("0000000000000000000000000000000000000000000000000000000000000000")),
	string(mustHex("0100000000000000000000000000000000000000000000000000000000000000")),
	string(mustHex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")),
	string(mustHex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")),
	string(mustHex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")),
}

// smallOrder reports whether the canonical encoding point, of 32 bytes, is of small order, whatever the sign of its x.
func smallOrder(point []byte) bool {
	for _, y := range smallOrderY {
		if point[31]&0x7f == y[31] && string(point[:31]) == y[:31] {
			return true
		}
	}
	return false
}

// expandEd25519 checks a key by libsodium's rules and prepares it for verifying. It returns ErrKey for one that nothing
// can be signed with.
func expandEd25519(key *[32]byte) (*ed25519.ExpandedPublicKey, error) {
	if compressed := curve.CompressedEdwardsY(*key); !compressed.IsCanonicalVartime() || smallOrder(key[:]) {
		return nil, ErrKey
	}
	expanded, err := ed25519.NewExpandedPublicKey(key[:])
	if err != nil {
		return nil, ErrKey
	}
	return expanded, nil
}

// verifyEd25519 verifies with the expanded key from the cache. A key enters the cache with its first valid signature:
// whoever sends packets with made-up keys cannot push out the keys of peers without signing for each.
func (v *Verifier) verifyEd25519(key PublicKey, msg, sig []byte) error {
	if smallOrder(sig[:32]) {
		return ErrSignature
	}
	a := key.ed25519()
	expanded := v.cache.find(&a)
	cached := expanded != nil
	if !cached {
		var err error
		if expanded, err = expandEd25519(&a); err != nil {
			return err
		}
	}
	if !ed25519.VerifyExpandedWithOptions(expanded, msg, sig, ed25519Options) {
		return ErrSignature
	}
	if !cached {
		v.cache.add(&a, expanded)
	}
	return nil
}

// ed25519Signer is an Ed25519 private key expanded as RFC 8032 section 5.1.5 says, which is done once per key and not, as
// in crypto/ed25519, once per signature.
type ed25519Signer struct {
	scalar scalar.Scalar // a, clamped
	prefix [32]byte
	public curve.CompressedEdwardsY
}

// newEd25519Signer expands a seed of 32 bytes.
func newEd25519Signer(seed []byte) *ed25519Signer {
	h := sha512.Sum512(seed)
	h[0] &= 248
	h[31] = h[31]&127 | 64
	s := &ed25519Signer{prefix: [32]byte(h[32:])}
	if _, err := s.scalar.SetBits(h[:32]); err != nil {
		panic("keyvault: Ed25519 scalar: " + err.Error()) // 32 bytes always do
	}
	s.public = mulBase(&s.scalar)
	return s
}

// mulBase returns the encoding of k times the base point, in constant time.
func mulBase(k *scalar.Scalar) (encoded curve.CompressedEdwardsY) {
	var p curve.EdwardsPoint
	encoded.SetEdwardsPoint(p.MulBasepoint(curve.ED25519_BASEPOINT_TABLE, k))
	return encoded
}

// sign returns the signature over msg (RFC 8032 section 5.1.6): R = rB and S = r + H(R, A, msg)·a, with r = H(prefix, msg).
func (s *ed25519Signer) sign(msg []byte) (sig [ed25519SignatureLen]byte) {
	var r, k scalar.Scalar
	hashScalar(&r, s.prefix[:], nil, msg)
	encodedR := mulBase(&r)
	hashScalar(&k, encodedR[:], s.public[:], msg)
	k.Add(k.Mul(&k, &s.scalar), &r)
	copy(sig[:32], encodedR[:])
	if err := k.ToBytes(sig[32:]); err != nil {
		panic("keyvault: Ed25519 signature: " + err.Error()) // 32 bytes always do
	}
	return sig
}

// hashScalar sets k to SHA-512 of a, b and c modulo the group order.
func hashScalar(k *scalar.Scalar, a, b, c []byte) {
	h := sha512.New()
	h.Write(a)
	h.Write(b)
	h.Write(c)
	var sum [sha512.Size]byte
	if _, err := k.SetBytesModOrderWide(h.Sum(sum[:0])); err != nil {
		panic("keyvault: Ed25519 hash: " + err.Error()) // 64 bytes always do
	}
}
