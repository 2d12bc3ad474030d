// Package keyvault holds the keys of IPv8: it reads and writes the two kinds of key, turns a public key into a mid, signs
// with curve25519 keys and verifies every signature a packet can carry.
//
// A curve25519 key ("LibNaCLPK:", "LibNaCLSK:") is an X25519 key that only contributes to the identity and an Ed25519 key
// that signs. A legacy key is one of five binary elliptic curves (sect163k1 to sect571r1) with ECDSA over SHA-1: every
// official tracker still answers with a sect163k1 key, the other curves are old identities. Go has no binary curves, so
// their arithmetic is in this package (sect*.go). It is correct and quick, not constant time, and verifies only: there is
// nothing secret to protect, because a legacy private key can be read, shown and written back, never used to sign.
//
// Keys are immutable values. The state, a [KeyCache] and a [Budget], belongs to the [Verifier], which any number of
// goroutines may use at once. Nothing here reads the clock: what depends on time takes now.
//
// What the package leaves out: X25519 encryption, other named curves, compressed points, PEM and PKCS#8. A second spelling
// of a key would be a second identity, so exactly one spelling of each key is read (IPv8 reference 5.4).
package keyvault
