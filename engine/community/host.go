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
	advertised []Advertised
	byID       map[peer.CommunityID]Overlay
	own        map[peer.Mid]bool
	lamport    map[keyvault.PublicKey]uint64
	interfaces []netip.Addr

	wan       wanEstimate
	packets   bucket
	newFlows  bucket
	flows     flows
	punctures punctures
	probes    probes
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
	return &Host{
		cfg:        cfg,
		network:    cfg.Network,
		requests:   cfg.Requests,
		random:     cfg.Random,
		log:        cfg.Logger,
		byID:       make(map[peer.CommunityID]Overlay),
		own:        make(map[peer.Mid]bool),
		lamport:    make(map[keyvault.PublicKey]uint64),
		interfaces: slices.Clone(cfg.Interfaces),
		packets:    newBucket(cfg.MaxPacketRate, max(1, cfg.MaxPacketRate)),
		newFlows:   newBucket(cfg.NewFlowRate, max(1, cfg.NewFlowRate)),
		isolation:  isolation{heard: now},
	}
}

// register adds an overlay, as creating a community does in py-ipv8: its id is
// walked from now on, and its key is never verified as a peer.
func (h *Host) register(o Overlay) {
	mid := peer.Mid(o.Key().Public().Mid())
	h.overlays = append(h.overlays, o)
	h.advertised = advertise(h.advertised, o)
	h.byID[o.CommunityID()] = o
	h.own[mid] = true
	h.network.RegisterService(o.CommunityID())
	h.network.BlacklistMid(mid)
}

// Receive hands a decoded message to its overlay and returns what became of it.
func (h *Host) Receive(now time.Time, m *Message) Reason {
	o := h.byID[m.Community]
	if o == nil {
		return UnknownCommunity
	}
	if !m.Key.IsZero() {
		if h.own[m.Mid] {
			return OwnKey // a reflection, or ourselves under another address (Q15)
		}
		h.refresh(now, m)
	}
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

// claimGlobalTime advances the Lamport clock of a key of ours, which all
// overlays with that key share (IPv8 reference, 3.7).
func (h *Host) claimGlobalTime(key *keyvault.PrivateKey) uint64 {
	h.lamport[key.Public()]++
	return h.lamport[key.Public()]
}

// MyLAN is our own address of a family as seen from our network: the address
// that the socket is bound to, else the first interface's, else loopback.
func (h *Host) MyLAN(is4 bool) netip.AddrPort {
	for _, socket := range h.cfg.Sockets {
		if socket.Addr().Is4() != is4 {
			continue
		}
		if !socket.Addr().IsUnspecified() {
			return socket
		}
		for _, ip := range h.interfaces {
			if ip.Is4() == is4 {
				return netip.AddrPortFrom(ip, socket.Port())
			}
		}
		if is4 {
			return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), socket.Port())
		}
	}
	return unspecified4
}

// MyWAN is our IPv4 address as others see it, 0.0.0.0:0 while unknown.
func (h *Host) MyWAN() netip.AddrPort {
	if h.wan.current.IsValid() {
		return h.wan.current
	}
	return unspecified4
}

// myPreferred is what we announce as our WAN address in new-style messages: the
// estimate, and before there is one the LAN address. py-ipv8 announces its LAN
// address throughout; no receiver may rely on it (IPv8 reference, 8.1, Q7).
func (h *Host) myPreferred() netip.AddrPort {
	if wan := h.MyWAN(); !isNone(wan) {
		return wan
	}
	return h.MyLAN(true)
}

// SetInterfaces replaces the addresses of this host, which are read again every
// few seconds.
func (h *Host) SetInterfaces(ips []netip.Addr) { h.interfaces = slices.Clone(ips) }

// onThisHost tells whether an address is one of our interfaces' (not a test of
// the subnet).
func (h *Host) onThisHost(ip netip.Addr) bool { return slices.Contains(h.interfaces, ip) }

// usable tells whether we would send to an address: it is sendable, not our
// own, of a family that we have, and within reach of the socket. A socket bound
// to loopback reaches loopback only.
func (h *Host) usable(a netip.AddrPort) bool {
	if !Sendable(a) || a == h.MyWAN() || a == h.MyLAN(a.Addr().Is4()) {
		return false
	}
	return slices.ContainsFunc(h.cfg.Sockets, func(s netip.AddrPort) bool {
		return s.Addr().Is4() == a.Addr().Is4() && (!s.Addr().IsLoopback() || a.Addr().IsLoopback())
	})
}

// mayRequest spends the budget of one packet that we send first. An address
// that was never contacted costs a new flow too: home routers die of connection
// tables, not of bytes.
func (h *Host) mayRequest(now time.Time, to netip.AddrPort) bool {
	if !h.usable(to) {
		return false
	}
	if known := h.flows.contacted(to); !known {
		if !h.newFlows.take(now, 1) {
			return false
		}
		h.flows.remember(to)
	}
	return h.packets.take(now, 1)
}

// Answered notes that somebody answered a request of ours.
func (h *Host) answered(now time.Time) {
	since := h.isolation.heard
	if h.isolation.answered(now) {
		h.cfg.Emit(now, event.ObserverBack{Since: since})
	}
}

// lost notes that a request sent at a time got no answer.
func (h *Host) lost(now, sent time.Time) {
	if h.isolation.lost(now, sent) {
		h.cfg.Emit(now, event.ObserverIsolated{Since: h.isolation.heard})
	}
}

// Isolated tells whether nobody answers at present.
func (h *Host) Isolated() bool { return h.isolation.isolated }

// Excuse marks the requests that are under way: the machine slept or its clock
// was set meanwhile, so that a missing answer is not the peer's fault.
func (h *Host) Excuse(now time.Time) { h.isolation.excused = now }

// Remove drops a peer from the network.
func (h *Host) Remove(now time.Time, p *peer.Peer, why event.RemoveReason) {
	h.network.RemovePeer(p)
	h.cfg.Emit(now, event.PeerRemoved{Peer: p.Mid, Address: p.Address(), Reason: why})
}
