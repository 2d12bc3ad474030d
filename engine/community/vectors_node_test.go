package community

import (
	"net/netip"
	"slices"
	"testing"

	"peerscope/engine/internal/vectors"
	"peerscope/engine/keyvault"
	"peerscope/engine/peer"
)

// vectorObserver is the state of the node to which a vector is delivered.
type vectorObserver struct {
	PrivateKey    vectors.Hex `json:"private_key"`
	MyLAN         string      `json:"my_lan"`
	MyWAN         string      `json:"my_wan"`
	HostAddresses []string    `json:"host_addresses"`
	Interfaces    []string    `json:"interfaces"`
	MaxPeers      int         `json:"max_peers"`
	Peers         []struct {
		PublicKey  vectors.Hex   `json:"public_key"`
		Address    string        `json:"address"`
		LANAddress string        `json:"lan_address"`
		Services   []vectors.Hex `json:"services"`
		NewStyle   bool          `json:"new_style"`
	} `json:"peers"`
	Overlays []struct {
		CommunityID vectors.Hex `json:"community_id"`
		Key         string      `json:"key"`
	} `json:"overlays"`
}

// A vectorNode is our node in that state.
type vectorNode struct {
	t          testing.TB
	o          *observer
	mids       []peer.Mid       // whose state a packet may change
	candidates []netip.AddrPort // addresses that a packet may teach
}

func newVectorNode(t testing.TB, v *vectors.Vector, six bool) *vectorNode {
	t.Helper()
	var s vectorObserver
	if raw := v.Observer; vectors.Present(raw) {
		v.Decode(t, raw, &s)
	} else {
		v.Decode(t, vectors.DefaultObserver(t), &s)
	}
	n := &vectorNode{t: t, o: s.observer(t, six)}
	s.addPeers(n)
	if wan := address(t, s.MyWAN); wan.Addr().IsGlobalUnicast() {
		for _, voter := range []string{"192.0.2.1", "198.51.100.1", "203.0.113.1"} {
			n.o.wan.vote(netip.MustParseAddr(voter), wan)
		}
	}
	n.o.events, n.o.sent = nil, nil
	if v.Mid != nil && !slices.Contains(n.mids, peer.Mid(v.Mid)) {
		n.mids = append(n.mids, peer.Mid(v.Mid))
	}
	n.addCandidates(v)
	return n
}

func (s *vectorObserver) observer(t testing.TB, six bool) *observer {
	t.Helper()
	port := address(t, s.MyLAN).Port()
	c := observerConfig{maxPeers: s.MaxPeers, key: s.key(t, "observer")}
	if c.maxPeers == 0 {
		c.maxPeers = noPeers
	}
	for _, i := range s.Interfaces {
		ip := netip.IPv4Unspecified()
		if i == "UDPIPv6" {
			ip, six = netip.IPv6Unspecified(), false
		}
		c.sockets = append(c.sockets, netip.AddrPortFrom(ip, port))
	}
	if six {
		c.sockets = append(c.sockets, netip.AddrPortFrom(netip.IPv6Unspecified(), port))
	}
	for _, a := range s.HostAddresses {
		c.interfaces = append(c.interfaces, netip.MustParseAddr(a))
	}
	o := newObserver(t, c)
	for _, overlay := range s.Overlays[1:] {
		o.join(peer.CommunityID(overlay.CommunityID), s.key(t, overlay.Key))
	}
	return o
}

func (s *vectorObserver) key(t testing.TB, name string) *keyvault.PrivateKey {
	t.Helper()
	blob := []byte(s.PrivateKey)
	if name != "observer" {
		blob = vectors.Bytes(t, name)
	}
	key, err := keyvault.ParsePrivateKey(blob)
	if err != nil {
		t.Fatal(err)
	}
	return &key
}

func (s *vectorObserver) addPeers(n *vectorNode) {
	n.t.Helper()
	for _, known := range s.Peers {
		key, err := keyvault.ParsePublicKey(known.PublicKey)
		if err != nil {
			n.t.Fatal(err)
		}
		p := peer.NewPeer(key, address(n.t, known.Address), n.o.now)
		p.NewStyleIntro = known.NewStyle
		if known.LANAddress != "" {
			p.SetLAN(address(n.t, known.LANAddress))
		}
		if _, result := n.o.network.AddVerifiedPeer(p); !result.OK() {
			n.t.Fatalf("peer at %s: %v", known.Address, result)
		}
		var ids []peer.CommunityID
		for _, id := range known.Services {
			ids = append(ids, peer.CommunityID(id))
		}
		n.o.network.DiscoverServices(p.Mid, ids)
		n.mids = append(n.mids, p.Mid)
	}
}

// addCandidates lists every address that the packet could teach: its source,
// those in it, and those with its ports on our own address.
func (n *vectorNode) addCandidates(v *vectors.Vector) {
	n.candidates = append(n.candidates, address(n.t, v.Source))
	for _, value := range readFields(n.t, v.Fields) {
		text, _ := value.(string)
		if a, err := netip.ParseAddrPort(text); err == nil {
			n.candidates = append(n.candidates, a, netip.AddrPortFrom(n.o.MyLAN(true).Addr(), a.Port()))
		}
	}
	slices.SortFunc(n.candidates, netip.AddrPort.Compare)
	n.candidates = slices.Compact(n.candidates)
}
