package keyvault

import (
	"bytes"
	"encoding/asn1"
	"fmt"
	"math/big"
	"slices"
)

// ecPrivateKey is the ECPrivateKey of SEC 1 (RFC 5915), the private form of a legacy key.
type ecPrivateKey struct {
	Version   int
	Scalar    []byte
	Curve     asn1.ObjectIdentifier `asn1:"optional,explicit,tag:0"`
	PublicKey asn1.BitString        `asn1:"optional,explicit,tag:1"`
}

// parseSectPrivate reads a legacy private key. The public half is computed from the scalar, and what the file says about it
// must agree, so that a damaged file cannot become another identity. Bytes after the DER are ignored, as py-ipv8 does.
func parseSectPrivate(der []byte) (PrivateKey, error) {
	var parsed ecPrivateKey
	if _, err := asn1.Unmarshal(der, &parsed); err != nil {
		return PrivateKey{}, fmt.Errorf("%w: private key of %d bytes in no known form", ErrMalformed, len(der))
	}
	i := slices.IndexFunc(sectForms[:], func(f sectForm) bool { return f.oid.Equal(parsed.Curve) })
	if parsed.Version != 1 || i < 0 {
		return PrivateKey{}, fmt.Errorf("%w: private key of version %d on curve %v", ErrMalformed, parsed.Version, parsed.Curve)
	}
	t := Sect163K1 + KeyType(i)
	d := new(big.Int).SetBytes(parsed.Scalar)
	if !sectCurve(t).isScalar(d) {
		return PrivateKey{}, fmt.Errorf("%w: private scalar out of range", ErrMalformed)
	}
	key := newSectPrivate(t, d)
	point := parsed.PublicKey.Bytes
	if len(point) > 0 && !bytes.Equal(point, key.public.uncompressed(t)) {
		return PrivateKey{}, fmt.Errorf("%w: public half does not belong to the private one", ErrMalformed)
	}
	return key, nil
}

// newSectPrivate returns the key with the private scalar d, 0 < d < n. It takes time that depends on d, which happens when
// a key is loaded and not where a stranger could measure it.
func newSectPrivate(t KeyType, d *big.Int) PrivateKey {
	c, f := sectCurve(t), &sectForms[t-Sect163K1]
	p := c.doubleScalarMul(d, new(big.Int), &c.base)
	var zi element
	c.invert(&zi, &p.z)
	q := c.affine(&p, &zi)
	public := slices.Concat([]byte(f.spkiPrefix), c.encode(&q.x), c.encode(&q.y))
	point := PublicKey{string(public)}.uncompressed(t)
	blob, err := asn1.Marshal(ecPrivateKey{
		Version:   1,
		Scalar:    d.FillBytes(make([]byte, f.scalarLen)),
		Curve:     f.oid,
		PublicKey: asn1.BitString{Bytes: point, BitLength: 8 * len(point)},
	})
	if err != nil {
		panic("keyvault: an ECPrivateKey that does not marshal: " + err.Error())
	}
	return newPrivateKey(public, blob, nil)
}

// uncompressed returns the point of a legacy key as 0x04, X and Y.
func (k PublicKey) uncompressed(t KeyType) []byte {
	return []byte(k.blob[len(sectForms[t-Sect163K1].spkiPrefix)-1:])
}
