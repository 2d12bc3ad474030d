package keyvault

import (
	"testing"

	"peerscope/engine/internal/vectors"
)

func BenchmarkVerifyLegacy(b *testing.B) {
	for _, vec := range vectors.ByKind(b, "signature") {
		key, _ := ParsePublicKey(vec.PublicKey)
		if !key.Legacy() || vec.Name[len(vec.Name)-2:] != "/1" {
			continue
		}
		msg := vectors.Bytes(b, vec.Message)
		b.Run(key.Type().String(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s, err := parseSect(key, key.Type(), vec.Signature)
				if err != nil || !s.verify(msg) {
					b.Fatal("bad signature")
				}
			}
		})
	}
}
