package community

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"peerscope/engine/keyvault"
	"peerscope/engine/network"
	"peerscope/engine/peer"
	"peerscope/engine/requestcache"
	"peerscope/engine/wire"
)

// A benchHost is a node with many verified peers, of whom 200 send packets.
type benchHost struct {
	*observer
	senders []*stranger
}

func newBenchHost(b *testing.B, peers int) *benchHost {
	b.Helper()
	h := &benchHost{observer: &observer{t: b, now: vectorTime, decoder: newTestDecoder()}}
	h.Host = NewHost(Config{
		Network: network.New(network.Config{}), Requests: requestcache.New(0), Random: rand.New(rand.NewPCG(1, 2)),
		Send:    func(Packet) bool { return true },
		Sockets: ports("198.51.100.1:8090"),
	}, h.now)
	h.discovery = NewDiscoveryCommunity(h.Host, Settings{Key: newKey(b, 1), MaxPeers: -1})
	for i := range 200 {
		s := h.meet(byte(i+2), fmt.Sprintf("192.0.2.%d:9000", i+1))
		s.wantSay(wire.IntroductionRequest{}, Accepted)
		h.senders = append(h.senders, s)
	}
	for i := range peers - 200 {
		h.addPeer(b, i)
	}
	return h
}

// addPeer verifies one more peer, whose key nobody has.
func (h *benchHost) addPeer(b *testing.B, i int) {
	b.Helper()
	blob := binary.BigEndian.AppendUint64([]byte("LibNaCLPK:"), uint64(i))
	key, err := keyvault.ParsePublicKey(append(blob, make([]byte, 56)...))
	if err != nil {
		b.Fatal(err)
	}
	at := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), 9000)
	p := peer.NewPeer(key, at, h.now)
	if _, result := h.network.AddVerifiedPeer(p); !result.OK() {
		b.Fatal(result)
	}
	h.network.DiscoverServices(p.Mid, []peer.CommunityID{DiscoveryCommunityID})
}

// bench measures packets of the senders in turn, from datagram to queued answer,
// each packet as often as it may come.
func (h *benchHost) bench(b *testing.B, payload func(n uint16) wire.Payload) {
	b.Helper()
	type datagram struct {
		from netip.AddrPort
		data []byte
	}
	var all []datagram
	for n := range 1000 {
		s := h.senders[n%len(h.senders)]
		all = append(all, datagram{s.address, s.pack(payload(uint16(n)))})
	}
	var m Message // the engine has batches of them
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		d := &all[i%len(all)]
		i++
		h.now = h.now.Add(time.Microsecond)
		_, reason := h.decoder.Screen(d.from, d.data)
		if reason == Accepted {
			m, reason = h.decoder.Decode(h.now, d.from, d.data)
		}
		if reason != Accepted {
			b.Fatal(reason)
		}
		if reason := h.Receive(h.now, &m); reason != Accepted {
			b.Fatal(reason)
		}
	}
}

// BenchmarkAnswer is what one answered packet costs without sockets and without
// signing the answer, which other goroutines do.
func BenchmarkAnswer(b *testing.B) {
	list := [][20]byte{DiscoveryCommunityID, red, green, blue}
	somewhere := netip.MustParseAddrPort("192.168.1.2:9000")
	for _, peers := range []int{200, 100_000} {
		for _, message := range []struct {
			name    string
			payload func(n uint16) wire.Payload
		}{
			{"ping", func(n uint16) wire.Payload { return wire.Ping{Identifier: n} }},
			{"similarity-request", func(n uint16) wire.Payload {
				return wire.SimilarityRequest{Identifier: n, PreferenceList: list}
			}},
			{"introduction-request", func(n uint16) wire.Payload {
				return wire.IntroductionRequest{Identifier: n, DestinationAddress: somewhere, SourceLANAddress: somewhere}
			}},
			{"new-introduction-request", func(n uint16) wire.Payload {
				return wire.NewIntroductionRequest{Identifier: n, DestinationAddress: somewhere, SourceLANAddress: somewhere}
			}},
		} {
			b.Run(fmt.Sprintf("%s/%d", message.name, peers), func(b *testing.B) {
				newBenchHost(b, peers).bench(b, message.payload)
			})
		}
	}
}

// BenchmarkReceive is the loop's part of BenchmarkAnswer: without decoding and
// checking the signature, which run before it.
func BenchmarkReceive(b *testing.B) {
	for _, peers := range []int{200, 100_000} {
		for _, payload := range []wire.Payload{
			wire.Ping{}, wire.SimilarityRequest{PreferenceList: [][20]byte{DiscoveryCommunityID}},
			wire.IntroductionRequest{}, wire.NewIntroductionRequest{},
		} {
			b.Run(fmt.Sprintf("%v/%d", payload.ID(), peers), func(b *testing.B) {
				h := newBenchHost(b, peers)
				messages := make([]Message, len(h.senders))
				for i, s := range h.senders {
					messages[i] = Message{Source: s.address, At: h.now, Community: DiscoveryCommunityID, ID: payload.ID(), Payload: payload}
					if payload.ID().Signed() {
						messages[i].Key, messages[i].Mid = s.key.Public(), s.mid
					}
				}
				b.ReportAllocs()
				i := 0
				for b.Loop() {
					h.Receive(h.now, &messages[i%len(messages)])
					i++
				}
			})
		}
	}
}

// BenchmarkPong is one ping and its pong.
func BenchmarkPong(b *testing.B) {
	for _, peers := range []int{200, 100_000} {
		b.Run(fmt.Sprint(peers), func(b *testing.B) {
			h := newBenchHost(b, peers)
			var sent wire.Ping
			h.cfg.Send = func(p Packet) bool {
				sent = wire.Ping{Identifier: binary.BigEndian.Uint16(p.Data[31:])}
				return true
			}
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				p := h.network.At(i % h.network.Len())
				i += 7919
				h.now = h.now.Add(time.Microsecond)
				h.discovery.SendPing(h.now, p)
				m := Message{Source: p.Address(), At: h.now, Community: DiscoveryCommunityID, ID: wire.PongID, Payload: wire.Pong(sent)}
				if reason := h.Receive(h.now, &m); reason != Accepted {
					b.Fatal(reason)
				}
			}
		})
	}
}
