package engine

import (
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"slices"
	"time"

	"peerscope/engine/bootstrap"
	"peerscope/engine/community"
	"peerscope/engine/event"
	"peerscope/engine/keyvault"
	"peerscope/engine/network"
	"peerscope/engine/peer"
	"peerscope/engine/requestcache"
	"peerscope/engine/strategy"
)

const (
	// stepEvery is py-ipv8's tick: how often a community asks its peers for
	// introductions, and how often PeriodicSimilarity, which limits itself, is asked.
	stepEvery = 500 * time.Millisecond
	// walkEvery is the pace while there are addresses to walk to: an observer
	// goes as fast as --new-flows lets it.
	walkEvery = 100 * time.Millisecond
	// strangersPerSecond is how many peers may be met by their own requests.
	strangersPerSecond = 200
	// wantedPeers is below how many peers the bootstrap servers are asked often.
	wantedPeers = 20
	// requestsMax bounds what we wait for.
	requestsMax = 1 << 18
)

// A node is an IPv8 peer without sockets, goroutines and clock: everything that
// the loop owns. It is driven by calls and answers through functions, so that
// tests and fuzzers run it whole.
type node struct {
	host       *community.Host
	network    *network.Network
	requests   *requestcache.RequestCache
	discovery  *community.DiscoveryCommunity
	walks      []*walk
	ping       *pingSchedules
	similarity *strategy.PeriodicSimilarity
	servers    *bootstrap.DispersyBootstrapper
	resolve    func(bootstrap.Endpoint)
	events     *event.Log
	rejections rejections

	nextSimilarity time.Time
	leastPace      time.Duration // between two steps of a walk, as the budget allows
	heard, doubted time.Time     // the last answer to us; when we last wondered why there is none
}

// walk is a community and its walk.
type walk struct {
	recalled
	strategy *strategy.RandomWalk
	next     time.Time
	known    int       // peers of the community at the last step
	news     time.Time // when there were more than at the step before
}

// nodeConfig is what a node needs from outside.
type nodeConfig struct {
	Config
	random     *rand.Rand
	events     *event.Log
	send       func(community.Packet) bool
	resolve    func(bootstrap.Endpoint)
	sockets    []netip.AddrPort
	interfaces []netip.Addr
	log        *slog.Logger
}

func newNode(c nodeConfig, now time.Time) *node {
	n := &node{
		network:  network.New(network.Config{}),
		requests: requestcache.New(requestsMax),
		resolve:  c.resolve,
		events:   c.events,
	}
	n.host = community.NewHost(community.Config{
		Network: n.network, Requests: n.requests, Random: c.random, Send: c.send, Emit: n.emit,
		Logger: c.log, Sockets: c.sockets, Interfaces: c.interfaces,
		MaxPacketRate: float64(max(0, c.MaxPackets)), NewFlowRate: max(0, float64(c.NewFlows)/60),
		StrangerRate: strangerRate(c.SourceRate), PingTimeout: c.patience.ping,
		Answered: func(now time.Time, p *peer.Peer) { n.ping.Answered(now, p) },
	}, now)
	n.servers = n.newServers(c)
	n.addOverlays(c)
	n.ping = newPingSchedules(n, c.random, c.Config)
	n.similarity = strategy.NewPeriodicSimilarity(similarities{n}, c.random, strategy.SimilarityConfig{})
	n.leastPace = leastPace(c.MaxPackets, len(n.walks))
	return n
}

// strangerRate is how many peers a second may become verified by a request that
// nobody asked for: about as many as there are pings to find out whether they are
// there, so that a flood of keys ages out of the table as fast as it comes in.
// Without a limit per source there is none for strangers.
func strangerRate(r SourceRate) float64 {
	if r.PerSecond <= 0 {
		return 0
	}
	return strangersPerSecond
}

// addOverlays makes the DiscoveryCommunity and the further communities, each
// with a walk.
func (n *node) addOverlays(c nodeConfig) {
	base := community.Settings{Key: &c.Identity, MaxPeers: c.MaxPeers, Bootstrap: servers{n}}
	n.discovery = community.NewDiscoveryCommunity(n.host, base)
	n.addWalk(n.discovery.Community, c)
	for _, further := range c.Communities {
		s := base
		s.ID = further.ID
		if further.Key != nil {
			s.Key = further.Key
		}
		n.addWalk(community.NewCommunity(n.host, s), c)
	}
}

func (n *node) addWalk(c *community.Community, cfg nodeConfig) {
	window := -1
	if cfg.NewFlows > 0 {
		window = strategy.WindowFor(cfg.NewFlows, strategy.WalkTimeout)
	}
	w := &walk{recalled: recalled{Community: c}}
	w.strategy = strategy.NewRandomWalk(&w.recalled, cfg.random, strategy.WalkConfig{WindowSize: window})
	n.walks = append(n.walks, w)
}

// decoder reads what this node understands.
func (n *node) decoder() community.Decoder {
	ids := make(map[peer.CommunityID]bool, len(n.walks))
	for _, w := range n.walks {
		ids[w.CommunityID()] = true
	}
	return community.Decoder{
		Communities: ids, Discovery: n.discovery.CommunityID(),
		Verifier: keyvault.NewVerifier(keyvault.VerifierConfig{}),
	}
}

// Receive handles one message.
func (n *node) Receive(now time.Time, m *community.Message) community.Reason {
	reason := n.host.Receive(now, m)
	if reason == community.Accepted && answers(m.ID) {
		n.heard = now
	}
	return reason
}

// Advance does what is due.
func (n *node) Advance(now time.Time) time.Time {
	n.requests.Advance(now)
	n.advanceServers(now)
	n.takeSteps(now)
	return n.deadline(now)
}

func (n *node) takeSteps(now time.Time) {
	for _, w := range n.walks {
		if now.Before(w.next) {
			continue
		}
		w.strategy.TakeStep(now)
		w.next = now.Add(n.pace(now, w))
	}
	if !now.Before(n.nextSimilarity) {
		n.nextSimilarity = now.Add(stepEvery)
		n.similarity.TakeStep(now)
	}
	if due, ok := n.ping.Deadline(); ok && !now.Before(due) {
		n.ping.TakeStep(now)
	}
}

// deadline is when something is due next.
func (n *node) deadline(now time.Time) time.Time {
	next := n.nextSimilarity
	for _, w := range n.walks {
		if w.next.Before(next) {
			next = w.next
		}
	}
	for _, d := range [...]func() (time.Time, bool){n.requests.Deadline, n.ping.Deadline} {
		if t, ok := d(); ok && t.Before(next) {
			next = t
		}
	}
	return next
}

// emit numbers an event. The ping schedule hears of new peers here, the one
// place that all of them pass.
func (n *node) emit(now time.Time, d event.Data) {
	n.events.Append(now, d)
	switch d := d.(type) {
	case event.PeerVerified:
		if p, ok := n.network.ByMid(d.Peer); ok {
			n.ping.Added(now, p)
		}
	case event.CommunitiesLearned:
		n.pingNewcomer(now, d)
	case event.ObserverBack:
		n.ping.Back(now)
	}
}

// pingNewcomer pings a peer that answered us in another community as soon as it
// turns out to be in the DiscoveryCommunity: until then it could not be pinged,
// and its next turn may be an interval away.
func (n *node) pingNewcomer(now time.Time, d event.CommunitiesLearned) {
	p, ok := n.network.ByMid(d.Peer)
	waits := ok && p.Answered && p.Pings.Len() == 0 && now.Sub(p.CreatedAt) > strategy.PingFirstWithin
	if waits && slices.Contains(d.New, n.discovery.CommunityID()) {
		n.discovery.SendPing(now, p)
	}
}

// Rejected reports a sample of a dropped packet.
func (n *node) Rejected(now time.Time, r rejection) { n.rejections.emit(now, r, n.events) }

// ClockJumped excuses the requests that were under way.
func (n *node) ClockJumped(now time.Time, _ time.Duration) { n.host.Excuse(now) }

// Stop ends what is pending and reports every peer as left behind by us.
func (n *node) Stop(now time.Time) {
	n.discovery.Unload()
	for i := range n.network.Len() {
		p := n.network.At(i)
		n.events.Append(now, event.PeerRemoved{Peer: p.Mid, Address: p.Address(), Reason: event.Stopped})
	}
}

// similarities is the node as PeriodicSimilarity sees it.
type similarities struct{ n *node }

func (a similarities) RandomVerified(rng *rand.Rand) (*peer.Peer, bool) {
	return a.n.network.RandomVerified(rng)
}

func (a similarities) SendSimilarityRequest(now time.Time, to netip.AddrPort) {
	a.n.discovery.SendSimilarityRequest(now, to)
}
