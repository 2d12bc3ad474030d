package engine

import (
	"encoding/binary"
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"peerscope/engine/bootstrap"
	"peerscope/engine/community"
	"peerscope/engine/event"
	"peerscope/engine/keyvault"
	"peerscope/engine/peer"
	"peerscope/engine/wire"
)

// communityID is the n-th community of the tests.
func communityID(n int) peer.CommunityID { return peer.CommunityID{'s', 'i', 'm', byte(n)} }

// nodeStart is when the driven nodes start.
var nodeStart = time.Date(2026, 11, 22, 15, 2, 11, 0, time.UTC)

// A drivenNode is a node without an engine around it: the test is its clock and
// its network.
type drivenNode struct {
	*node
	t       testing.TB
	now     time.Time
	decoder community.Decoder
	sent    []community.Packet // since the test last looked
	full    bool               // the queue to the sockets takes no more
	looked  []bootstrap.Endpoint
}

// drive makes a node on 192.0.2.1:8470, or as f has it.
func drive(t testing.TB, f func(*nodeConfig)) *drivenNode {
	t.Helper()
	d := &drivenNode{t: t, now: nodeStart}
	c := nodeConfig{
		Config:  Config{Identity: nodeKey(0)},
		random:  rand.New(rand.NewPCG(1, 2)),
		events:  event.NewLog(nodeStart, 1<<12),
		send:    d.send,
		resolve: func(e bootstrap.Endpoint) { d.looked = append(d.looked, e) },
		sockets: []netip.AddrPort{netip.MustParseAddrPort("192.0.2.1:8470")},
		log:     slog.New(slog.DiscardHandler),
	}
	if f != nil {
		f(&c)
	}
	c.setDefaults()
	d.node = newNode(c, nodeStart)
	d.decoder = d.node.decoder()
	return d
}

// nodeKey is the n-th key of these tests.
func nodeKey(n int) keyvault.PrivateKey {
	var seed [32]byte
	binary.LittleEndian.PutUint64(seed[:], uint64(n))
	key, err := keyvault.GenerateKey(rand.NewChaCha8(seed))
	if err != nil {
		panic(err)
	}
	return key
}

func (d *drivenNode) send(p community.Packet) bool {
	if !d.full {
		d.sent = append(d.sent, p)
	}
	return !d.full
}

// advance lets time pass, doing what is due on the way.
func (d *drivenNode) advance(by time.Duration) {
	end := d.now.Add(by)
	for {
		next := d.node.Advance(d.now)
		if !d.now.Before(end) {
			return
		}
		if d.now = next; next.After(end) {
			d.now = end
		}
	}
}

// receive delivers a datagram and returns what became of it.
func (d *drivenNode) receive(from netip.AddrPort, packet []byte) community.Reason {
	if _, reason := d.decoder.Screen(from, packet); reason != community.Accepted {
		return reason
	}
	m, reason := d.decoder.Decode(d.now, from, packet)
	if reason != community.Accepted {
		return reason
	}
	return d.node.Receive(d.now, &m)
}

// meet enters further verified peers of a community, n of them, without a packet.
func (d *drivenNode) meet(id peer.CommunityID, n int) {
	for i := d.network.Len(); n > 0; i, n = i+1, n-1 {
		key := nodeKey(1000 + i).Public()
		addr := netip.AddrPortFrom(netip.AddrFrom4([4]byte{198, 18, byte(i >> 8), byte(i)}), 8470)
		p, _ := d.network.AddVerifiedPeer(peer.NewPeer(key, addr, d.now))
		d.network.DiscoverServices(p.Mid, []peer.CommunityID{id})
		d.emit(d.now, event.PeerVerified{Peer: p.Mid, Address: addr})
	}
}

// answerEverything lets time pass in which every ping is answered after 50 ms,
// and returns when each address was pinged.
func (d *drivenNode) answerEverything(span time.Duration) map[netip.AddrPort][]time.Time {
	d.t.Helper()
	pinged := make(map[netip.AddrPort][]time.Time)
	for end := d.now.Add(span); d.now.Before(end); {
		d.advance(50 * time.Millisecond)
		sent := d.sent
		d.sent = nil
		for _, p := range sent {
			if _, id, err := wire.ParseHeader(p.Data); err == nil && id == wire.PingID {
				pinged[p.To] = append(pinged[p.To], d.now)
				pong := slices.Clone(p.Data)
				pong[wire.HeaderLen-1] = byte(wire.PongID)
				if got := d.receive(p.To, pong); got != community.Accepted {
					d.t.Fatalf("pong of %v: %v", p.To, got)
				}
			}
		}
	}
	return pinged
}
