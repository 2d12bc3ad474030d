package network

import (
	"maps"
	"net/netip"
	"slices"

	"peerscope/engine/peer"
)

// A model is a Network that is slow and obvious: it keeps what the IPv8
// reference, 7.2, lists and answers by scans over it. Its tables of addresses,
// keys and services have no caps.
type model struct {
	cfg           Config
	entries       map[netip.AddrPort]*modelEntry // all_addresses
	peers         map[peer.Mid]*modelPeer        // verified
	services      map[peer.Mid][]peer.CommunityID
	blacklist     map[netip.AddrPort]bool
	blacklistMids map[peer.Mid]bool
	writes        int
}

type modelEntry struct {
	introducer *peer.Mid
	service    peer.CommunityID
	newStyle   bool
	settled    bool
	written    int
}

type modelPeer struct {
	addrs   [classes]netip.AddrPort
	indexed [classes]bool // false beyond KeysPerAddress
}

func newModel(cfg Config) *model {
	return &model{
		cfg:           cfg.withDefaults(),
		entries:       map[netip.AddrPort]*modelEntry{},
		peers:         map[peer.Mid]*modelPeer{},
		services:      map[peer.Mid][]peer.CommunityID{},
		blacklist:     map[netip.AddrPort]bool{},
		blacklistMids: map[peer.Mid]bool{},
	}
}

func (m *model) owners(addr netip.AddrPort) (mids []peer.Mid) {
	for mid, p := range m.peers {
		for class, a := range p.addrs {
			if a == addr && p.indexed[class] && !slices.Contains(mids, mid) {
				mids = append(mids, mid)
			}
		}
	}
	return mids
}

func (m *model) has(mid peer.Mid, service peer.CommunityID) bool {
	return slices.Contains(m.services[mid], service)
}

func (m *model) full(addr netip.AddrPort, mid peer.Mid) bool {
	owners := m.owners(addr)
	return !slices.Contains(owners, mid) && len(owners) >= m.cfg.KeysPerAddress
}

func (m *model) add(mid peer.Mid, addrs [classes]netip.AddrPort) AddResult {
	if m.blacklistMids[mid] {
		return RefusedBlacklisted
	}
	if m.peers[mid] != nil {
		for class, addr := range addrs {
			m.set(mid, class, addr)
		}
		return Known
	}
	known, barred, preferred := false, false, addrs[classIPv6]
	if peer.IsNone(preferred) {
		preferred = addrs[classIPv4]
	}
	for _, addr := range addrs {
		known = known || m.entries[addr] != nil
		barred = barred || m.blacklist[addr]
	}
	switch {
	case barred && !known:
		return RefusedBlacklisted
	case len(m.peers) >= m.cfg.VerifiedPeers:
		return RefusedFull
	case !peer.IsNone(preferred) && m.full(preferred, mid):
		return RefusedAddressFull
	}
	m.peers[mid] = &modelPeer{}
	for class, addr := range addrs {
		m.peers[mid].addrs[class] = addr // whether or not there is room to index it
		if m.set(mid, class, addr) && !known && m.entries[addr] == nil {
			m.write(addr, nil, peer.CommunityID{}, false)
		}
	}
	return Added
}

// set reports whether the peer can be found by the address.
func (m *model) set(mid peer.Mid, class int, addr netip.AddrPort) bool {
	if peer.IsNone(addr) {
		return false
	}
	p := m.peers[mid]
	full := m.full(addr, mid)
	if full && class != classLAN {
		return false
	}
	p.addrs[class], p.indexed[class] = addr, !full
	return !full
}

func (m *model) replace(mid peer.Mid, class int, addr netip.AddrPort) bool {
	former := m.peers[mid].addrs[class]
	if !m.set(mid, class, addr) {
		return false
	}
	if len(m.owners(former)) == 0 {
		delete(m.entries, former)
	}
	if m.entries[addr] == nil && !m.blacklist[addr] {
		m.write(addr, nil, peer.CommunityID{}, false)
	}
	return true
}

func (m *model) write(addr netip.AddrPort, introducer *peer.Mid, service peer.CommunityID, newStyle bool) {
	m.writes++
	settled := introducer == nil || service.IsZero() || m.has(*introducer, service)
	m.entries[addr] = &modelEntry{introducer, service, newStyle, settled, m.writes}
	if introducer == nil {
		return
	}
	if from := m.introductionsFrom(*introducer); len(from) > m.cfg.Introductions {
		m.entries[from[0]].introducer = nil
	}
}

func (m *model) discover(introducer *peer.Mid, addr netip.AddrPort, service peer.CommunityID, newStyle bool) bool {
	if peer.IsNone(addr) || m.blacklist[addr] {
		return false
	}
	if e := m.entries[addr]; e != nil && e.introducer != nil && m.peers[*e.introducer] != nil {
		return false
	}
	m.write(addr, introducer, service, newStyle)
	return true
}

func (m *model) discoverServices(mid peer.Mid, ids []peer.CommunityID) (added []peer.CommunityID) {
	for _, id := range ids[:min(len(ids), m.cfg.ServicesPerPeer)] {
		if !id.IsZero() && !m.has(mid, id) && len(m.services[mid]) < m.cfg.ServicesPerPeer {
			m.services[mid] = append(m.services[mid], id)
			added = append(added, id)
		}
	}
	return added
}

func (m *model) remove(mid peer.Mid) bool {
	p := m.peers[mid]
	if p == nil {
		return false
	}
	for class, addr := range p.addrs {
		if p.indexed[class] {
			delete(m.entries, addr)
		}
	}
	delete(m.peers, mid)
	delete(m.services, mid)
	return true
}

func (m *model) removeByAddress(addr netip.AddrPort) []peer.Mid {
	owners := m.owners(addr)
	for _, mid := range owners {
		delete(m.peers, mid)
		delete(m.services, mid)
	}
	delete(m.entries, addr)
	return owners
}

// walkable has py-ipv8's side effect: asked for a service, it gives introducers
// that have any service those under which they introduced.
func (m *model) walkable(service peer.CommunityID) (addrs []netip.AddrPort) {
	if !service.IsZero() {
		for _, addr := range m.byAge(func(*modelEntry) bool { return true }) {
			e := m.entries[addr]
			if !e.settled && e.introducer != nil && len(m.services[*e.introducer]) > 0 {
				m.discoverServices(*e.introducer, []peer.CommunityID{e.service})
			}
			e.settled = true
		}
	}
	for addr, e := range m.entries {
		ok := service.IsZero() || e.service == service || e.introducer != nil && m.has(*e.introducer, service)
		for _, mid := range m.owners(addr) {
			ok = ok && !service.IsZero() && !m.has(mid, service)
		}
		if ok {
			addrs = append(addrs, addr)
		}
	}
	return addrs
}

func (m *model) introductionsFrom(mid peer.Mid) []netip.AddrPort {
	return m.byAge(func(e *modelEntry) bool { return e.introducer != nil && *e.introducer == mid })
}

func (m *model) byAge(keep func(*modelEntry) bool) (addrs []netip.AddrPort) {
	for addr, e := range m.entries {
		if keep(e) {
			addrs = append(addrs, addr)
		}
	}
	slices.SortFunc(addrs, func(a, b netip.AddrPort) int { return m.entries[a].written - m.entries[b].written })
	return addrs
}

func (m *model) peersFor(service peer.CommunityID) (mids []peer.Mid) {
	for mid := range maps.Keys(m.peers) {
		if service.IsZero() || m.has(mid, service) {
			mids = append(mids, mid)
		}
	}
	return mids
}
