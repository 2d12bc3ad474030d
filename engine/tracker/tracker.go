// Package tracker is a bootstrap server: it answers introduction requests for
// any community id on one port, as py-ipv8's tracker does (IPv8 reference, 11.3),
// and asks its peers now and then whether they are still there.
//
// Like the overlays it is pure state that belongs to one goroutine: it takes the
// time and the messages, and sends through the function it was given.
//
// It differs from py-ipv8's on purpose. It signs with a curve25519 key, since
// kotlin-ipv8 verifies no other; it matches answers on the 16 bits that travel,
// where py-ipv8's forgets everybody once its counter has passed 65,535; it keeps
// as many peers as it has room for instead of the 100 youngest; a peer's address
// moves only when the new one answers.
package tracker

import (
	"math/rand/v2"
	"net/netip"
	"time"

	"peerscope/engine/community"
	"peerscope/engine/keyvault"
	"peerscope/engine/network"
	"peerscope/engine/peer"
	"peerscope/engine/requestcache"
	"peerscope/engine/strategy"
	"peerscope/engine/wire"
)

const (
	// stepEvery is how often peers are asked whether they are there.
	stepEvery = 10 * time.Second
	// questionTimeout is how long a peer has to answer.
	questionTimeout = 5 * time.Second
	// DefaultMaxPeers is how many peers a tracker keeps.
	DefaultMaxPeers = 100_000
	// maxCommunities bounds the communities of one peer.
	maxCommunities = 256
	// sampleShare is the part of the peers that is looked at in each step, so
	// that each is asked about once a minute however many there are.
	sampleShare = 6
	// sampleMax bounds the questions of one step.
	sampleMax = 2000
)

// Config is what a [Tracker] is made from.
type Config struct {
	// Key signs what the tracker sends.
	Key keyvault.PrivateKey
	// Address is our own address, for the fields that carry it.
	Address netip.AddrPort
	// Send queues a packet; false means that the queue was full.
	Send func(community.Packet) bool
	// Random picks whom to introduce and whom to ask.
	Random *rand.Rand
	// MaxPeers bounds the peers; 0 means [DefaultMaxPeers].
	MaxPeers int
}

// A Tracker introduces peers of a community to each other.
type Tracker struct {
	cfg        Config
	mid        peer.Mid
	publicKey  []byte
	globalTime uint64
	network    *network.Network
	requests   *requestcache.RequestCache
	nextStep   time.Time
	// moving are the peers asked at a new address since the last step, each once.
	moving map[peer.Mid]struct{}
}

// New makes a tracker without peers.
func New(cfg Config) *Tracker {
	if cfg.MaxPeers == 0 {
		cfg.MaxPeers = DefaultMaxPeers
	}
	public := cfg.Key.Public()
	t := &Tracker{
		cfg: cfg, mid: public.Mid(), publicKey: public.Bytes(),
		network: network.New(network.Config{
			VerifiedPeers: cfg.MaxPeers, Addresses: 3 * cfg.MaxPeers, ServicesPerPeer: maxCommunities,
		}),
		requests: requestcache.New(2 * sampleMax),
		moving:   make(map[peer.Mid]struct{}),
	}
	t.network.BlacklistMid(t.mid)
	return t
}

// Handles tells which messages a tracker understands: nothing but 246 and 245.
func Handles(id wire.MessageID) bool {
	return id == wire.IntroductionRequestID || id == wire.IntroductionResponseID
}

// Len is how many peers are listed.
func (t *Tracker) Len() int { return t.network.Len() }

// Peers is how many of them are in a community.
func (t *Tracker) Peers(id peer.CommunityID) int { return t.network.PeersForService(id).Len() }

// Receive handles a message, in whichever community.
func (t *Tracker) Receive(now time.Time, m *community.Message) community.Reason {
	if m.Mid == t.mid {
		return community.OwnKey
	}
	switch p := m.Payload.(type) {
	case wire.IntroductionRequest:
		return t.onIntroductionRequest(now, m, p)
	case wire.IntroductionResponse:
		return t.onIntroductionResponse(now, m, p)
	}
	return community.UnknownMessage
}

// onIntroductionRequest lists the sender and introduces it to a random peer of
// the same community. The answer is a 245 to where the request came from.
func (t *Tracker) onIntroductionRequest(now time.Time, m *community.Message, p wire.IntroductionRequest) community.Reason {
	if !m.Source.Addr().Is4() {
		return community.Unanswerable
	}
	sender := peer.NewPeer(m.Key, m.Source, now)
	if known, ok := t.network.ByMid(m.Mid); ok {
		sender = known
	} else if listed, result := t.network.AddVerifiedPeer(sender); !result.OK() {
		return community.Refused
	} else {
		sender = listed
	}
	if sender.HasAddress(m.Source) {
		sender.LastResponse = now
	} else {
		t.askMoving(now, sender, m)
	}
	t.network.SetLAN(sender, p.SourceLANAddress)
	t.network.DiscoverServices(m.Mid, []peer.CommunityID{m.Community})
	return t.introduce(m, p)
}

// askMoving asks a peer at the new address that it speaks from, once per step:
// the request may be a replay with somebody else's address on it.
func (t *Tracker) askMoving(now time.Time, p *peer.Peer, m *community.Message) {
	if _, asked := t.moving[p.Mid]; asked || len(t.moving) >= sampleMax {
		return
	}
	t.moving[p.Mid] = struct{}{}
	t.ask(now, p, m.Source, m.Community)
}

// introduce answers a request; whom it introduces is asked to open its NAT
// first.
func (t *Tracker) introduce(m *community.Message, p wire.IntroductionRequest) community.Reason {
	response := wire.IntroductionResponse{
		DestinationAddress: m.Source, SourceLANAddress: t.cfg.Address, SourceWANAddress: t.cfg.Address,
		Flags: wire.ResponseSupportsNewStyle, Identifier: p.Identifier,
	}
	at := t.claimGlobalTime()
	introduced, ok := t.network.RandomPeer(m.Community, t.cfg.Random, func(o *peer.Peer) bool {
		return o.Mid != m.Mid && o.Address() != m.Source
	})
	if ok {
		response.LANIntroductionAddress, response.WANIntroductionAddress = introduced.LAN(), introduced.Address()
		t.send(community.Packet{To: introduced.Address()}, m.Community, t.claimGlobalTime(), wire.PunctureRequest{
			LANWalkerAddress: p.SourceLANAddress, WANWalkerAddress: m.Source, Identifier: p.Identifier,
		})
	}
	return t.send(community.Packet{To: m.Source, From: m.Local}, m.Community, at&0xffff, response)
}

// onIntroductionResponse takes the answer to a question. A peer that has enough
// peers of a community does not want to be introduced there any more.
func (t *Tracker) onIntroductionResponse(now time.Time, m *community.Message, p wire.IntroductionResponse) community.Reason {
	key := requestcache.Key{Kind: requestcache.KindIntroduction, Address: m.Source, Identifier: p.Identifier}
	r, ok := t.requests.Get(key)
	if !ok {
		return community.UnaskedResponse
	}
	asked := r.(*requestcache.IntroductionRequestCache)
	if asked.Mid != m.Mid || asked.Community != m.Community {
		return community.UnaskedResponse
	}
	t.requests.Pop(key)
	known, ok := t.network.ByMid(m.Mid)
	if !ok {
		return community.UnaskedResponse
	}
	known.LastResponse = now
	if !known.HasAddress(m.Source) {
		t.network.ReplaceAddress(known, m.Source)
	}
	if p.Flags.PeerLimitReached() {
		t.leave(known, m.Community)
	}
	return community.Accepted
}

// leave takes a peer off a community, and off the list with its last one.
func (t *Tracker) leave(p *peer.Peer, id peer.CommunityID) {
	t.network.RemoveService(p.Mid, id)
	if len(t.network.ServicesOf(p.Mid)) == 0 {
		t.network.RemovePeer(p)
	}
}

// Advance lets questions run out and asks some peers whether they are there. It
// returns when to be called next.
func (t *Tracker) Advance(now time.Time) time.Time {
	t.requests.Advance(now)
	if t.nextStep.IsZero() {
		t.nextStep = now.Add(stepEvery) // whoever has just asked is there
	}
	if !now.Before(t.nextStep) {
		t.nextStep = now.Add(stepEvery)
		clear(t.moving)
		t.askSome(now)
	}
	if due, ok := t.requests.Deadline(); ok && due.Before(t.nextStep) {
		return due
	}
	return t.nextStep
}

// askSome asks a random sample: py-ipv8's eight, and with many peers enough for
// each to be asked about once a minute.
func (t *Tracker) askSome(now time.Time) {
	k := min(max(strategy.ChurnSampleSize, t.network.Len()/sampleShare), sampleMax)
	for _, p := range t.network.SampleVerified(t.cfg.Random, k) {
		if ids := t.network.ServicesOf(p.Mid); len(ids) > 0 {
			t.ask(now, p, p.Address(), ids[t.cfg.Random.IntN(len(ids))])
		}
	}
}

// ask sends the question: an introduction request in a community of the peer.
func (t *Tracker) ask(now time.Time, p *peer.Peer, at netip.AddrPort, id peer.CommunityID) {
	if !at.Addr().Is4() {
		return
	}
	clock := t.claimGlobalTime() & 0xffff
	asked := &requestcache.IntroductionRequestCache{
		Address: at, Identifier: uint16(clock), Community: id, Mid: p.Mid, SentAt: now, Timeout: questionTimeout,
		OnLost: t.onSilent,
	}
	if t.requests.Add(now, asked) != nil {
		return
	}
	t.send(community.Packet{To: at}, id, clock, wire.IntroductionRequest{
		DestinationAddress: at, SourceLANAddress: t.cfg.Address, SourceWANAddress: t.cfg.Address,
		Flags: wire.RequestAdvice, Identifier: uint16(clock),
	})
}

// onSilent takes a peer that did not answer off the community it was asked in.
// One that was asked at a new address stays where it was.
func (t *Tracker) onSilent(_ time.Time, asked *requestcache.IntroductionRequestCache) {
	if p, ok := t.network.ByMid(asked.Mid); ok && p.HasAddress(asked.Address) {
		t.leave(p, asked.Community)
	}
}

// ClockJumped does nothing: the tracker keeps no times but of open questions.
func (t *Tracker) ClockJumped(time.Time, time.Duration) {}

// Stop forgets the open questions.
func (t *Tracker) Stop(time.Time) { t.requests.Shutdown() }

func (t *Tracker) claimGlobalTime() uint64 {
	t.globalTime++
	return t.globalTime
}

// send encodes a message under a community's prefix and queues it.
func (t *Tracker) send(to community.Packet, id peer.CommunityID, globalTime uint64, p wire.Payload) community.Reason {
	var err error
	if message := p.ID(); message.Signed() {
		to.Key = &t.cfg.Key
		to.Data = wire.AppendSignedHeader(make([]byte, 0, 224), id, message, t.publicKey, globalTime)
	} else {
		to.Data = wire.AppendUnsignedHeader(make([]byte, 0, 64), id, message, globalTime)
	}
	if to.Data, err = p.AppendBinary(to.Data); err != nil {
		return community.Unanswerable
	}
	if !t.cfg.Send(to) {
		return community.SendQueue
	}
	return community.Accepted
}
