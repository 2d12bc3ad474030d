package engine

import (
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"runtime"
	"sync"
	"testing"

	"peerscope/engine/community"
	"peerscope/engine/internal/vectors"
	"peerscope/engine/keyvault"
	"peerscope/engine/peer"
	"peerscope/engine/wire"
)

// A floodPacket is one that the generator sends again and again. Strangers have
// an address of their own; everything else comes from anywhere.
type floodPacket struct {
	data []byte
	from netip.Addr
}

// floodPool are the packets of the four kinds, which are sent in turn.
type floodPool [4][]floodPacket

// newFloodPool builds all packets beforehand, as signing takes longer than
// sending. The valid ones are of as many keys as there are strangers.
func newFloodPool(rng *rand.Rand, strangers int, oldCurve [][]byte) (pool floodPool) {
	pool[2] = strangerPackets(rng, strangers)
	pool[0] = garbagePackets(rng, pool[2])
	pool[1] = forgedPackets(rng, pool[2])
	for _, data := range oldCurve {
		pool[3] = append(pool[3], floodPacket{data: data})
	}
	return pool
}

// strangerPackets are an introduction request and a similarity request of each
// stranger. Half of the strangers share an Ed25519 key; their X25519 halves make
// them different peers.
func strangerPackets(rng *rand.Rand, strangers int) []floodPacket {
	packets := make([]floodPacket, 2*strangers)
	seed := rng.Uint64()
	var wg sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		wg.Go(func() {
			for i := w; i < strangers; i += workers {
				key, from := strangerKey(seed, i), floodSource(i)
				packets[2*i] = floodPacket{signed(key, uint64(i), askIntroduction(from, uint16(i))), from}
				packets[2*i+1] = floodPacket{signed(key, uint64(i), askSimilarity(from, uint16(i))), from}
			}
		})
	}
	wg.Wait()
	return packets
}

// strangerKey makes the i-th key of the seed.
func strangerKey(seed uint64, i int) keyvault.PrivateKey {
	var random [64]byte
	binary.LittleEndian.PutUint64(random[:], seed)
	binary.LittleEndian.PutUint64(random[8:], uint64(i))
	if i%2 == 0 {
		copy(random[32:], random[:16])
	}
	key, err := keyvault.ParsePrivateKey(append([]byte("LibNaCLSK:"), random[:]...))
	if err != nil {
		panic(err) // every 64 bytes are a key
	}
	return key
}

// floodSource is the i-th of the flood's source addresses.
func floodSource(i int) netip.Addr {
	return netip.AddrFrom4([4]byte{127, byte(64 + i>>16&63), byte(i >> 8), byte(i)})
}

// floodPort is the port that packets say they are from; the true one is the
// generator's.
const floodPort = 6000

func askIntroduction(from netip.Addr, identifier uint16) wire.IntroductionRequest {
	own := netip.AddrPortFrom(from, floodPort)
	return wire.IntroductionRequest{
		DestinationAddress: own, SourceLANAddress: own, SourceWANAddress: own,
		Flags: wire.RequestAdvice, Identifier: identifier,
	}
}

func askSimilarity(from netip.Addr, identifier uint16) wire.SimilarityRequest {
	own := netip.AddrPortFrom(from, floodPort)
	return wire.SimilarityRequest{
		Identifier: identifier, LANAddress: own, WANAddress: own,
		PreferenceList: [][20]byte{community.DiscoveryCommunityID, {byte(identifier % 100), 1}},
	}
}

// signed is a whole packet of the DiscoveryCommunity.
func signed(key keyvault.PrivateKey, globalTime uint64, p wire.Payload) []byte {
	b := wire.AppendSignedHeader(nil, community.DiscoveryCommunityID, p.ID(), key.Public().Bytes(), globalTime)
	b, err := p.AppendBinary(b)
	if err != nil {
		panic(err) // the test builds what can be encoded
	}
	return key.AppendSignature(b, b)
}

// unsigned is a ping or a pong.
func unsigned(globalTime uint64, p wire.Payload) []byte {
	b := wire.AppendUnsignedHeader(nil, community.DiscoveryCommunityID, p.ID(), globalTime)
	b, err := p.AppendBinary(b)
	if err != nil {
		panic(err)
	}
	return b
}

// readPacket is the payload of a packet of the engine; nobody checks its signature.
func readPacket(packet []byte) (wire.Payload, error) {
	_, id, err := wire.ParseHeader(packet)
	if err != nil {
		return nil, err
	}
	body := packet[wire.HeaderLen:]
	if id.Signed() {
		_, rest, err := wire.SplitSigned(packet)
		if err != nil {
			return nil, err
		}
		if body, _, err = wire.SplitSignature(rest, keyvault.Curve25519.SignatureLen()); err != nil {
			return nil, err
		}
	}
	_, payload, err := wire.ParseGlobalTime(body)
	if err != nil {
		return nil, err
	}
	return wire.Parse(id, payload)
}

// garbagePackets are no messages of ours: noise, other protocols and versions,
// other communities, retired and unknown ids, and what is cut off or too long.
func garbagePackets(rng *rand.Rand, valid []floodPacket) []floodPacket {
	noise := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(rng.Uint32())
		}
		return b
	}
	ours := valid[0].data[:wire.PrefixLen]
	headed := func(id byte, n int) []byte { return append(append(append([]byte{}, ours...), id), noise(n)...) }
	packets := make([]floodPacket, 4096)
	for i := range packets {
		whole := valid[rng.IntN(len(valid))].data
		packets[i].data = [...]func() []byte{
			func() []byte { return noise(rng.IntN(1400)) },
			func() []byte { return ours[:rng.IntN(len(ours))] },
			func() []byte { return append([]byte{0, 1}, whole[2:]...) },
			func() []byte { return append(append([]byte{0, 2}, noise(20)...), whole[22:]...) },
			func() []byte { return headed(byte(235+rng.IntN(10)), 100) },
			func() []byte { return headed(byte(5+rng.IntN(200)), 100) },
			func() []byte { return headed(byte(wire.IntroductionRequestID), rng.IntN(200)) },
			func() []byte { return whole[:wire.HeaderLen+rng.IntN(len(whole)-wire.HeaderLen)] },
			func() []byte { return headed(byte(wire.PongID), 10) },
			func() []byte { return headed(byte(wire.PingID), rng.IntN(9)) },
		}[i%10]()
	}
	packets[0].data = noise(2 * readBuffer)
	return packets
}

// forgedPackets have every part of a valid packet, and a signature of another one.
func forgedPackets(rng *rand.Rand, valid []floodPacket) []floodPacket {
	packets := make([]floodPacket, len(valid)/4)
	for i := range packets {
		whole := valid[rng.IntN(len(valid))]
		b := append([]byte{}, whole.data...)
		if i%2 == 0 {
			b[len(b)-1-rng.IntN(64)] ^= 1 // in the signature
		} else {
			b[wire.HeaderLen+2+74+rng.IntN(8)] ^= 1 // in the global time
		}
		packets[i].data = b
	}
	return packets
}

// oldCurvePackets are the valid packets with keys of the binary curves among the
// test vectors; we cannot sign with such keys.
func oldCurvePackets(t *testing.T) (packets [][]byte) {
	for _, v := range vectors.Load(t) {
		ours := len(v.Packet) > wire.PrefixLen && peer.CommunityID(v.Packet[2:wire.PrefixLen]) == community.DiscoveryCommunityID
		if ours && v.Outcome == "valid" && v.KeyType != "" && v.KeyType != keyvault.Curve25519.String() {
			packets = append(packets, v.Packet)
		}
	}
	return packets
}
