package community

import (
	"net/netip"
	"time"

	"peerscope/engine/event"
	"peerscope/engine/network"
	"peerscope/engine/peer"
)

// communitiesSeen bounds the ids that are told apart as new to the observer.
const communitiesSeen = 1 << 16

// communities remembers which community ids were ever named to us.
type communities map[peer.CommunityID]struct{}

func (c *communities) add(id peer.CommunityID) (appeared bool) {
	if *c == nil {
		*c = make(communities)
	}
	if _, known := (*c)[id]; known || len(*c) >= communitiesSeen {
		return false
	}
	(*c)[id] = struct{}{}
	return true
}

// verify enters the signer of a message among the verified peers and returns
// the table's peer for that key, nil if the table is full. A tracker, whose
// address is blacklisted, is answered as a peer that is in no table. A known
// peer's address does not move here: see [Host.moved]. lan is the address that
// the message says it has in its own network, not valid if it says none.
func (h *Host) verify(now time.Time, m *Message, lan netip.AddrPort) *peer.Peer {
	told := lan.Addr().Is4() && (isNone(lan) || Sendable(lan))
	if p, ok := h.network.ByMid(m.Mid); ok {
		if told && p.LAN() != lan {
			h.network.SetLAN(p, lan)
		}
		return p
	}
	fresh := peer.NewPeer(m.Key, m.Source, now)
	fresh.LastResponse = now // or a peer that says no more would never be dropped (Q8)
	if told {
		fresh.SetLAN(lan)
	}
	p, result := h.network.AddVerifiedPeer(fresh)
	switch result {
	case network.Added:
	case network.RefusedBlacklisted:
		return fresh
	default:
		return p
	}
	h.cfg.Emit(now, event.PeerVerified{
		Peer: p.Mid, PublicKey: p.Key.Bytes(), KeyType: p.Key.Type().String(), Address: p.Address(),
	})
	if known := h.network.ServicesOf(p.Mid); len(known) > 0 {
		h.learned(now, p.Mid, known, known)
	}
	return p
}

// discoverServices records that a key is in communities. Ids told by a key that
// is not verified are kept, and reported once it is. With confirm a verified
// peer's list is reported although nothing in it is new, now and then.
func (h *Host) discoverServices(now time.Time, mid peer.Mid, ids []peer.CommunityID, confirm bool) {
	added := h.network.DiscoverServices(mid, ids)
	for _, id := range added {
		if h.seen.add(id) {
			h.cfg.Emit(now, event.CommunityAppeared{Community: id, Peer: mid})
		}
	}
	if len(added) == 0 && !confirm {
		return
	}
	_, verified := h.network.ByMid(mid)
	if verified && (h.confirmed.allow(now, mid) || len(added) > 0) {
		h.learned(now, mid, added, h.network.ServicesOf(mid))
	}
}

func (h *Host) learned(now time.Time, mid peer.Mid, added, all []peer.CommunityID) {
	var overlap []peer.CommunityID
	for _, o := range h.overlays {
		for _, id := range all {
			if id == o.CommunityID() {
				overlap = append(overlap, id)
			}
		}
	}
	h.cfg.Emit(now, event.CommunitiesLearned{Peer: mid, New: added, All: all, Overlap: overlap})
}

// admit is verify for a packet that nobody asked for: strangers are taken in at a
// rate, for anybody can make keys and addresses. A tracker is no stranger: it
// would forget us if it were not answered during a flood.
func (h *Host) admit(now time.Time, m *Message, lan netip.AddrPort) (*peer.Peer, Reason) {
	_, known := h.network.ByMid(m.Mid)
	known = known || h.network.Blacklisted(m.Source)
	if !known && !h.strangers.ready(now) {
		return nil, StrangerRate
	}
	p := h.verify(now, m, lan)
	switch {
	case p == nil:
		return nil, Refused
	case !known:
		h.strangers.spend()
	}
	return p, Accepted
}

// alive notes that a peer answered a request of ours.
func (h *Host) alive(now time.Time, p *peer.Peer) {
	p.LastResponse = now
	if !p.Answered && h.network.Has(p) {
		p.Answered = true
		h.cfg.Answered(now, p)
	}
}

// moved gives a peer the address from which it answered a request of ours. No
// other packet moves a peer: anyone can replay one from anywhere (Q16).
func (h *Host) moved(now time.Time, p *peer.Peer, to netip.AddrPort) {
	h.alive(now, p)
	if p.HasAddress(to) && p.LAN() != to {
		return
	}
	before := p.Address()
	if !h.network.ReplaceAddress(p, to) {
		return
	}
	if p.Address() != before {
		h.cfg.Emit(now, event.AddressChanged{Peer: p.Mid, Address: p.Address(), Previous: before})
	}
}

const (
	// probeInterval is how often a peer that speaks from a new address is asked
	// there, and probesMax bounds the peers that are remembered for it.
	probeInterval = 10 * time.Second
	probesMax     = 4096
	// confirmInterval is how often a peer's unchanged list of communities is
	// reported: often enough for a membership's last confirmation, and no way to
	// flood the events.
	confirmInterval = 10 * time.Second
	confirmsMax     = 1 << 14
)

// probe asks a known peer at an address where it was not known to be. Its
// answer from there moves it.
func (c *Community) probe(now time.Time, p *peer.Peer, at netip.AddrPort) {
	if !p.HasAddress(at) && c.host.probes.allow(now, p.Mid) {
		c.request(now, at, p.Mid, style(p.NewStyleIntro || at.Addr().Is6()))
	}
}
