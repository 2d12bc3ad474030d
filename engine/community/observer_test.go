package community

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"peerscope/engine/event"
	"peerscope/engine/keyvault"
	"peerscope/engine/network"
	"peerscope/engine/peer"
	"peerscope/engine/requestcache"
	"peerscope/engine/wire"
)

// An observer is a node under test: a Host with its communities, a clock that
// the test moves, and what it sent and reported.
type observer struct {
	*Host
	t         testing.TB
	now       time.Time
	discovery *DiscoveryCommunity
	decoder   *Decoder
	sent      []Packet // that the test has not looked at yet
	events    []event.Data
	blocked   bool // the queue to the socket is full
}

// An observerConfig is how a test wants its observer; the zero value is bound to
// 198.51.100.1:8090 and in the DiscoveryCommunity without a limit.
type observerConfig struct {
	sockets    []netip.AddrPort
	interfaces []netip.Addr
	maxPeers   int // 0 is no limit; use noPeers for py-ipv8's 0
	key        *keyvault.PrivateKey
	packetRate float64
	flowRate   float64
	strangers  float64
	answered   func(now time.Time, p *peer.Peer)
	bootstrap  Bootstrapper
	timeout    time.Duration // of pings
	table      network.Config
}

// noPeers is a max_peers of 0 in an observerConfig.
const noPeers = -2

func newObserver(t testing.TB, c observerConfig) *observer {
	t.Helper()
	if c.sockets == nil {
		c.sockets = []netip.AddrPort{netip.MustParseAddrPort("198.51.100.1:8090")}
	}
	if c.key == nil {
		c.key = newKey(t, 1)
	}
	switch c.maxPeers {
	case 0:
		c.maxPeers = -1
	case noPeers:
		c.maxPeers = 0
	}
	o := &observer{t: t, now: vectorTime, decoder: newTestDecoder()}
	o.Host = NewHost(Config{
		Network: network.New(c.table), Requests: requestcache.New(0), Random: rand.New(rand.NewPCG(1, 2)),
		Send: o.take, Emit: func(_ time.Time, d event.Data) { o.events = append(o.events, d) },
		Sockets: c.sockets, Interfaces: c.interfaces, MaxPacketRate: c.packetRate, NewFlowRate: c.flowRate,
		PingTimeout: c.timeout, StrangerRate: c.strangers, Answered: c.answered,
	}, o.now)
	o.discovery = NewDiscoveryCommunity(o.Host, Settings{Key: c.key, MaxPeers: c.maxPeers, Bootstrap: c.bootstrap})
	return o
}

// take is the observer's Send: it keeps a copy, as the socket's queue does.
func (o *observer) take(p Packet) bool {
	if o.blocked {
		return false
	}
	p.Data = slices.Clone(p.Data)
	o.sent = append(o.sent, p)
	return true
}

// join makes the observer a member of another community, without a limit.
func (o *observer) join(id peer.CommunityID, key *keyvault.PrivateKey) *Community {
	o.decoder.Communities[id] = true
	return NewCommunity(o.Host, Settings{ID: id, Key: key, MaxPeers: -1})
}

// advance moves the clock and lets time run out for requests.
func (o *observer) advance(d time.Duration) {
	o.now = o.now.Add(d)
	o.requests.Advance(o.now)
}

// deliver takes a datagram through all checks.
func (o *observer) deliver(from netip.AddrPort, packet []byte) Reason {
	if _, reason := o.decoder.Screen(from, packet); reason != Accepted {
		return reason
	}
	m, reason := o.decoder.Decode(o.now, from, slices.Clone(packet))
	if reason != Accepted {
		return reason
	}
	return o.Receive(o.now, &m)
}

// events of one type that happened since the test last asked for that type.
func happened[T event.Data](o *observer) (found []T) {
	o.events = slices.DeleteFunc(o.events, func(d event.Data) bool {
		e, ok := d.(T)
		if ok {
			found = append(found, e)
		}
		return ok
	})
	return found
}

// wantEvents fails unless exactly these events of their type happened.
func wantEvents[T interface {
	event.Data
	comparable
}](o *observer, want ...T) {
	o.t.Helper()
	if got := happened[T](o); !slices.Equal(got, want) {
		o.t.Errorf("got events %+v, want %+v", got, want)
	}
}

// wantSilence fails if the observer sent something that was not asked for.
func (o *observer) wantSilence() {
	o.t.Helper()
	for _, p := range o.sent {
		_, id, _ := wire.ParseHeader(p.Data)
		o.t.Errorf("got a %v to %v, want nothing sent", id, p.To)
	}
	o.sent = nil
}

// wantVerified fails unless exactly these are verified.
func (o *observer) wantVerified(want ...*stranger) {
	o.t.Helper()
	for _, s := range want {
		if _, ok := o.network.ByMid(s.mid); !ok {
			o.t.Errorf("%v is not verified, want it to be", s.mid.Short())
		}
	}
	if o.network.Len() != len(want) {
		o.t.Errorf("got %d verified peers, want %d", o.network.Len(), len(want))
	}
}

// A packetRead is a packet of the observer's as its receiver reads it.
type packetRead struct {
	to      netip.AddrPort
	id      wire.MessageID
	time    uint64
	payload wire.Payload
	signer  peer.Mid // zero if unsigned
	stamp   *Stamp
}

// read signs a packet as the engine does and decodes it as its receiver does.
func read(t testing.TB, p Packet) packetRead {
	t.Helper()
	data := p.Data
	if p.Key != nil {
		data = p.Key.AppendSignature(data, data)
	}
	from := netip.MustParseAddrPort("198.51.100.1:8090")
	d := newTestDecoder()
	d.Communities = nil
	m, reason := d.decode(from.String(), t, data)
	if reason != Accepted {
		t.Fatalf("our own packet is %v: %x", reason, data)
	}
	return packetRead{p.To, m.ID, m.GlobalTime, m.Payload, m.Mid, p.Stamp}
}

// want takes the oldest packet that the observer sent, which has to be of this
// kind and for this address.
func (o *observer) want(to netip.AddrPort, id wire.MessageID) packetRead {
	o.t.Helper()
	if len(o.sent) == 0 {
		o.t.Fatalf("nothing was sent, want a %v to %v", id, to)
	}
	r := read(o.t, o.sent[0])
	o.sent = o.sent[1:]
	if r.to != to || r.id != id {
		o.t.Fatalf("got a %v to %v, want a %v to %v", r.id, r.to, id, to)
	}
	return r
}
