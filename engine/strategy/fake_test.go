package strategy

import (
	"crypto/sha1"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"peerscope/engine/keyvault"
	"peerscope/engine/peer"
)

var start = time.Date(2026, 11, 22, 15, 0, 0, 0, time.UTC)

// seconds avoids that 57.6 becomes a nanosecond less.
func seconds(s float64) time.Duration { return time.Duration(math.Round(s * 1e9)) }

func at(s float64) time.Time { return start.Add(seconds(s)) }

func newRand() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

func address(n int) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, byte(n >> 16), byte(n >> 8), byte(n)}), 7000)
}

// newPeer makes a peer without a key, which no strategy looks at.
func newPeer(n int, now time.Time) *peer.Peer {
	p := peer.NewPeer(keyvault.PublicKey{}, address(n), now)
	p.Mid = sha1.Sum(binary.BigEndian.AppendUint32(nil, uint32(n)))
	return p
}

func addresses(t *testing.T, got []netip.AddrPort, want ...netip.AddrPort) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("addresses %v, want %v", got, want)
		return
	}
	for i := range got {
		if got[i] != want[i] {
			t.Errorf("addresses %v, want %v", got, want)
			return
		}
	}
}
