package community

import (
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"slices"
	"time"

	"peerscope/engine/event"
	"peerscope/engine/keyvault"
	"peerscope/engine/network"
	"peerscope/engine/peer"
	"peerscope/engine/requestcache"
)

// Config is what a [Host] is made from.
type Config struct {
	// Required.

	// Network is the graph that all overlays of the node share.
	Network *network.Network
	// Requests holds what we wait for.
	Requests *requestcache.RequestCache
	// Random decides whom to introduce, to ask and to walk to.
	Random *rand.Rand
	// Send queues a packet; false means that the queue was full and the packet
	// is gone. It must not wait.
	Send func(Packet) bool

	// Optional.

	// Emit reports an event.
	Emit func(now time.Time, d event.Data)
	// Logger gets what happens, at debug level: all of it is caused by strangers.
	Logger *slog.Logger
	// Sockets are the addresses that our sockets are bound to, one per family.
	Sockets []netip.AddrPort
	// Interfaces are the addresses of this host, loopback excepted.
	Interfaces []netip.Addr
	// MaxPacketRate bounds the packets that we send first, per second; 0 is no bound.
	MaxPacketRate float64
	// NewFlowRate bounds the addresses contacted for the first time, per
	// second; 0 is no bound.
	NewFlowRate float64
	// StrangerRate bounds the peers that are verified by a request of theirs, per
	// second, with ten seconds' worth at once; 0 is no bound.
	StrangerRate float64
	// Answered is told of a verified peer's first answer to a request of ours.
	Answered func(now time.Time, p *peer.Peer)
	// PingTimeout is how long a pong counts; 0 means [requestcache.PingTimeout].
	PingTimeout time.Duration
}

// A Host is what the overlays of one node share: IPv8's endpoint, network and
// key store seen from a community. It belongs to the loop.
type Host struct {
	cfg      Config
	network  *network.Network
	requests *requestcache.RequestCache
	random   *rand.Rand
	log      *slog.Logger

	overlays   []Overlay // in registration order
	byID       map[peer.CommunityID]Overlay
	keys       []*ownKey // in the order of their first overlay
	interfaces []netip.Addr

	wan       wanEstimate
	packets   bucket
	newFlows  bucket
	strangers bucket
	flows     flows
	punctures recently[netip.AddrPort]
	probes    recently[peer.Mid]
	confirmed recently[peer.Mid]
	seen      communities
	isolation isolation
}

// An Overlay is one local instance of a community.
type Overlay interface {
	// CommunityID is the id that it listens to.
	CommunityID() peer.CommunityID
	// Key is the identity that it speaks with.
	Key() *keyvault.PrivateKey
	// Receive handles a message with its id, and says what became of it.
	Receive(now time.Time, m *Message) Reason
}

// NewHost makes a Host without overlays; now starts its clocks.
func NewHost(cfg Config, now time.Time) *Host {
	if cfg.Emit == nil {
		cfg.Emit = func(time.Time, event.Data) {}
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Answered == nil {
		cfg.Answered = func(time.Time, *peer.Peer) {}
	}
	if cfg.PingTimeout == 0 {
		cfg.PingTimeout = requestcache.PingTimeout
	}
	return &Host{
		cfg:        cfg,
		network:    cfg.Network,
		requests:   cfg.Requests,
		random:     cfg.Random,
		log:        cfg.Logger,
		byID:       make(map[peer.CommunityID]Overlay),
		interfaces: slices.Clone(cfg.Interfaces),
		packets:    newBucket(cfg.MaxPacketRate, 1),
		newFlows:   newBucket(cfg.NewFlowRate, 1),
		strangers:  newBucket(cfg.StrangerRate, 10),
		punctures:  recently[netip.AddrPort]{interval: punctureInterval, max: puncturesMax},
		probes:     recently[peer.Mid]{interval: probeInterval, max: probesMax},
		confirmed:  recently[peer.Mid]{interval: confirmInterval, max: confirmsMax},
		isolation:  isolation{heard: now},
	}
}

// register adds an overlay, as creating a community does in py-ipv8: its id is
// walked and advertised from now on, and its key is never verified as a peer.
func (h *Host) register(o Overlay, k *ownKey) {
	id := o.CommunityID()
	k.communities = append(k.communities, id)
	k.preferences = append(k.preferences, id)
	h.overlays = append(h.overlays, o)
	h.byID[id] = o
	h.network.RegisterService(id)
	h.network.BlacklistMid(k.mid)
}

// Receive hands a decoded message to its overlay and returns what became of it.
func (h *Host) Receive(now time.Time, m *Message) Reason {
	o := h.byID[m.Community]
	switch {
	case o == nil:
		return UnknownCommunity
	case !h.reachable(m.Source):
		return BadSource
	case m.Key.IsZero():
		return o.Receive(now, m)
	case h.isOwn(m.Mid):
		return OwnKey // a reflection, or ourselves under another address (Q15)
	}
	h.refresh(now, m)
	return o.Receive(now, m)
}

// refresh notes that a known peer is alive, if the packet came from an address
// of its own: a recorded packet replayed from elsewhere proves nothing (Q16, Q21).
func (h *Host) refresh(now time.Time, m *Message) {
	if p, ok := h.network.ByMid(m.Mid); ok && p.HasAddress(m.Source) {
		p.LastResponse = now
	}
}

// Network is the graph that the overlays share.
func (h *Host) Network() *network.Network { return h.network }

// Overlays are the local overlays in registration order.
func (h *Host) Overlays() []Overlay { return h.overlays }

// Remove drops a peer from the network. It does nothing if this very peer is
// not there any more.
func (h *Host) Remove(now time.Time, p *peer.Peer, why event.RemoveReason) {
	if h.network.Has(p) && h.network.RemovePeer(p) {
		h.removed(now, p, why)
	}
}

func (h *Host) removed(now time.Time, p *peer.Peer, why event.RemoveReason) {
	h.cfg.Emit(now, event.PeerRemoved{Peer: p.Mid, Address: p.Address(), Reason: why})
}
