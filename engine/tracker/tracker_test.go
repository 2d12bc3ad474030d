package tracker

import (
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"peerscope/engine/community"
	"peerscope/engine/internal/vectors"
	"peerscope/engine/keyvault"
	"peerscope/engine/peer"
	"peerscope/engine/wire"
)

var (
	start      = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	community1 = peer.CommunityID{1}
	community2 = peer.CommunityID{2}
)

// A bench is a tracker with the packets that it sent.
type bench struct {
	t       *testing.T
	now     time.Time
	tracker *Tracker
	decoder community.Decoder
	sent    []community.Packet
}

func newBench(t *testing.T, cfg Config) *bench {
	t.Helper()
	b := &bench{t: t, now: start}
	cfg.Key = newKey(t)
	cfg.Address = netip.MustParseAddrPort("127.0.0.1:6421")
	cfg.Random = rand.New(rand.NewPCG(1, 2))
	cfg.Send = func(p community.Packet) bool {
		b.sent = append(b.sent, p)
		return true
	}
	b.tracker = New(cfg)
	b.decoder = community.Decoder{Handles: Handles, Verifier: keyvault.NewVerifier(keyvault.VerifierConfig{})}
	return b
}

func newKey(t *testing.T) keyvault.PrivateKey {
	t.Helper()
	key, err := keyvault.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// deliver hands a packet to the tracker and returns what became of it.
func (b *bench) deliver(from netip.AddrPort, packet []byte) community.Reason {
	if _, reason := b.decoder.Screen(from, packet); reason != community.Accepted {
		return reason
	}
	m, reason := b.decoder.Decode(b.now, from, packet)
	if reason != community.Accepted {
		return reason
	}
	return b.tracker.Receive(b.now, &m)
}

// advance lets time pass, calling the tracker whenever it wants to be.
func (b *bench) advance(d time.Duration) {
	for end := b.now.Add(d); ; {
		next := b.tracker.Advance(b.now)
		if next.After(end) {
			b.now = end
			return
		}
		b.now = next
	}
}

// take returns what was sent since the last call.
func (b *bench) take() []community.Packet {
	sent := b.sent
	b.sent = nil
	return sent
}

// open decodes a packet that the tracker sent.
func (b *bench) open(p community.Packet) community.Message {
	b.t.Helper()
	data := p.Data
	if p.Key != nil {
		data = p.Key.AppendSignature(data, data)
	}
	m, reason := b.reader().Decode(b.now, p.To, data)
	if reason != community.Accepted {
		b.t.Fatalf("the tracker's packet to %v: %v", p.To, reason)
	}
	return m
}

// reader reads whatever a tracker may send.
func (b *bench) reader() *community.Decoder { return &community.Decoder{Verifier: b.decoder.Verifier} }

// A client is a peer of the tracker.
type client struct {
	b    *bench
	key  keyvault.PrivateKey
	addr netip.AddrPort
	lan  netip.AddrPort
}

func (b *bench) client(addr string) *client {
	return &client{b, newKey(b.t), netip.MustParseAddrPort(addr), netip.MustParseAddrPort("192.168.1.2:7000")}
}

func (c *client) mid() peer.Mid { return c.key.Public().Mid() }

func (c *client) pack(id peer.CommunityID, p wire.Payload) []byte {
	c.b.t.Helper()
	data := wire.AppendSignedHeader(nil, id, p.ID(), c.key.Public().Bytes(), 1)
	data, err := p.AppendBinary(data)
	if err != nil {
		c.b.t.Fatal(err)
	}
	return c.key.AppendSignature(data, data)
}

func (c *client) ask(id peer.CommunityID, identifier uint16) community.Reason {
	return c.b.deliver(c.addr, c.pack(id, wire.IntroductionRequest{SourceLANAddress: c.lan, Identifier: identifier}))
}

func (c *client) answer(id peer.CommunityID, identifier uint16, flags wire.IntroductionResponseFlags) community.Reason {
	return c.b.deliver(c.addr, c.pack(id, wire.IntroductionResponse{Identifier: identifier, Flags: flags}))
}

func TestTheFirstIsIntroducedToNobody(t *testing.T) {
	b := newBench(t, Config{})
	c := b.client("127.0.0.2:1000")
	if got := c.ask(community1, 77); got != community.Accepted {
		t.Fatalf("got %v, want accepted", got)
	}
	sent := b.take()
	if len(sent) != 1 || sent[0].To != c.addr {
		t.Fatalf("got %d packets, want one to the client", len(sent))
	}
	m := b.open(sent[0])
	r, ok := m.Payload.(wire.IntroductionResponse)
	if !ok || m.Community != community1 || r.Identifier != 77 || r.DestinationAddress != c.addr {
		t.Errorf("got %+v in %v, want a 245 with the request's identifier", m.Payload, m.Community)
	}
	if r.WANIntroductionAddress.Port() != 0 || r.LANIntroductionAddress.Port() != 0 {
		t.Errorf("introduced %v and %v, want nobody", r.LANIntroductionAddress, r.WANIntroductionAddress)
	}
}

func TestTheSecondIsIntroducedToTheFirst(t *testing.T) {
	b := newBench(t, Config{})
	first, second := b.client("127.0.0.2:1000"), b.client("127.0.0.3:1000")
	first.ask(community1, 1)
	b.take()
	second.ask(community1, 2)
	sent := b.take()
	if len(sent) != 2 {
		t.Fatalf("got %d packets, want a puncture request and a response", len(sent))
	}
	puncture, ok := b.open(sent[0]).Payload.(wire.PunctureRequest)
	if !ok || sent[0].To != first.addr {
		t.Fatalf("got %T to %v, want a puncture request to the first", b.open(sent[0]).Payload, sent[0].To)
	}
	if puncture.WANWalkerAddress != second.addr || puncture.LANWalkerAddress != second.lan || puncture.Identifier != 2 {
		t.Errorf("got %+v, want the second's addresses and identifier", puncture)
	}
	m := b.open(sent[1])
	r := m.Payload.(wire.IntroductionResponse)
	if r.WANIntroductionAddress != first.addr || r.LANIntroductionAddress != first.lan {
		t.Errorf("introduced %v and %v, want the first's addresses", r.LANIntroductionAddress, r.WANIntroductionAddress)
	}
	if p := b.open(sent[0]); m.GlobalTime >= p.GlobalTime {
		t.Errorf("response at %d, puncture request at %d: the response is claimed first", m.GlobalTime, p.GlobalTime)
	}
}

func TestCommunitiesAreApart(t *testing.T) {
	b := newBench(t, Config{})
	b.client("127.0.0.2:1000").ask(community1, 1)
	b.client("127.0.0.3:1000").ask(community2, 2)
	if sent := b.take(); len(sent) != 2 {
		t.Errorf("got %d packets, want two responses that introduce nobody", len(sent))
	}
	if b.tracker.Len() != 2 || b.tracker.Peers(community1) != 1 || b.tracker.Peers(community2) != 1 {
		t.Errorf("got %d peers, %d and %d", b.tracker.Len(), b.tracker.Peers(community1), b.tracker.Peers(community2))
	}
}

// question returns the tracker's open question to a client.
func (b *bench) question(c *client) (peer.CommunityID, uint16) {
	b.t.Helper()
	for _, p := range b.take() {
		if m := b.open(p); p.To == c.addr && m.ID == wire.IntroductionRequestID {
			return m.Community, m.Payload.(wire.IntroductionRequest).Identifier
		}
	}
	b.t.Fatal("the tracker asked nothing")
	return peer.CommunityID{}, 0
}

func TestWhoAnswersStaysListed(t *testing.T) {
	b := newBench(t, Config{})
	c := b.client("127.0.0.2:1000")
	c.ask(community1, 1)
	b.tracker.globalTime = 70_000 // beyond 16 bits, where py-ipv8's tracker matches nothing
	b.take()
	b.advance(stepEvery)
	for range 5 {
		id, identifier := b.question(c)
		if got := c.answer(id, identifier, 0); got != community.Accepted {
			t.Fatalf("got %v, want accepted", got)
		}
		if got := c.answer(id, identifier, 0); got != community.UnaskedResponse {
			t.Errorf("the same answer again: got %v", got)
		}
		b.advance(stepEvery)
		if b.tracker.Len() != 1 {
			t.Fatal("a peer that answered was forgotten")
		}
	}
}

func TestWhoIsSilentIsForgotten(t *testing.T) {
	b := newBench(t, Config{})
	c := b.client("127.0.0.2:1000")
	c.ask(community1, 1)
	c.ask(community2, 2)
	b.advance(stepEvery)
	b.advance(questionTimeout)
	if got := b.tracker.Peers(community1) + b.tracker.Peers(community2); got != 1 {
		t.Errorf("after one silent question in %d communities, want 1", got)
	}
	b.advance(2 * stepEvery)
	if b.tracker.Len() != 0 {
		t.Error("a peer silent in all communities is still listed")
	}
}

func TestAFullPeerLeavesTheCommunity(t *testing.T) {
	b := newBench(t, Config{})
	c := b.client("127.0.0.2:1000")
	c.ask(community1, 1)
	b.take()
	b.advance(stepEvery)
	id, identifier := b.question(c)
	c.answer(id, identifier, wire.ResponsePeerLimitReached)
	if b.tracker.Len() != 0 {
		t.Error("a peer that wants no more peers is still introduced")
	}
}

func TestAnAnswerCountsFromTheOneAsked(t *testing.T) {
	b := newBench(t, Config{})
	c, other := b.client("127.0.0.2:1000"), b.client("127.0.0.2:1000")
	c.ask(community1, 1)
	b.take()
	b.advance(stepEvery)
	id, identifier := b.question(c)
	if got := other.answer(id, identifier, 0); got != community.UnaskedResponse {
		t.Errorf("another key's answer: got %v", got)
	}
	if got := c.answer(community2, identifier, 0); got != community.UnaskedResponse {
		t.Errorf("an answer in another community: got %v", got)
	}
	if got := c.answer(id, identifier+1, 0); got != community.UnaskedResponse {
		t.Errorf("another identifier: got %v", got)
	}
	if got := c.answer(id, identifier, 0); got != community.Accepted {
		t.Errorf("the answer: got %v", got)
	}
}

func TestAPeerMovesWhenTheNewAddressAnswers(t *testing.T) {
	b := newBench(t, Config{})
	c := b.client("127.0.0.2:1000")
	c.ask(community1, 1)
	b.take()
	c.addr = netip.MustParseAddrPort("127.0.0.9:1000")
	c.ask(community1, 2)
	id, identifier := b.question(c)
	known, _ := b.tracker.network.ByMid(c.mid())
	if known.Address() == c.addr {
		t.Fatal("a request alone moved the peer")
	}
	c.ask(community1, 3)
	for _, p := range b.take() {
		if b.open(p).ID == wire.IntroductionRequestID {
			t.Error("asked twice within a step: a replay would be amplified")
		}
	}
	c.answer(id, identifier, 0)
	if got := known.Address(); got != c.addr {
		t.Errorf("got %v, want %v", got, c.addr)
	}
}

func TestAFullTableRefuses(t *testing.T) {
	b := newBench(t, Config{MaxPeers: 1})
	b.client("127.0.0.2:1000").ask(community1, 1)
	b.take()
	if got := b.client("127.0.0.3:1000").ask(community1, 1); got != community.Refused {
		t.Errorf("got %v, want refused", got)
	}
	if len(b.take()) != 0 {
		t.Error("a refused peer was answered")
	}
}

func TestItsOwnKeyIsDropped(t *testing.T) {
	b := newBench(t, Config{})
	c := b.client("127.0.0.2:1000")
	c.key = b.tracker.cfg.Key
	if got := c.ask(community1, 1); got != community.OwnKey {
		t.Errorf("got %v, want own-key", got)
	}
}

// The requests that the vectors' tracker was asked must get answers of the same
// form from ours.
func TestTrackerVectors(t *testing.T) {
	b := newBench(t, Config{})
	asked := 0
	for _, v := range vectors.Load(t) {
		if len(v.Request) == 0 {
			continue
		}
		asked++
		t.Run(v.Name, func(t *testing.T) {
			from := netip.MustParseAddrPort(v.RequestSource)
			before := b.tracker.Len()
			reason := b.deliver(from, v.Request)
			sent := b.take()
			if v.Kind == "tracker-silent" {
				if reason == community.Accepted || len(sent) != 0 || b.tracker.Len() != before {
					t.Errorf("got %v and %d packets, want silence", reason, len(sent))
				}
				return
			}
			if reason != community.Accepted {
				t.Fatalf("got %v, want accepted", reason)
			}
			like := b.like(t, sent, &v)
			switch why := deviations[v.Name]; {
			case vectors.External(): // whom it introduces is left to chance
				if !like && !b.answered(sent, from) {
					t.Errorf("%d packets, no answer among them", len(sent))
				}
			case why == "" && !like:
				t.Errorf("%d packets, none like the vector's", len(sent))
			case why != "" && like:
				t.Errorf("listed as different (%s), but it is not", why)
			}
		})
	}
	if asked == 0 {
		t.Log("no tracker vectors in this file")
	}
}

// answered tells whether a response to an address is among what was sent.
func (b *bench) answered(sent []community.Packet, to netip.AddrPort) bool {
	for _, p := range sent {
		if r, ok := b.open(p).Payload.(wire.IntroductionResponse); ok && p.To == to && r.DestinationAddress == to {
			return true
		}
	}
	return false
}

// deviations are the vectors that our tracker answers differently on purpose.
var deviations = map[string]string{
	"tracker/legacy-client/0": "the peer to puncture spoke from another address and did not answer there, so it has not moved",
	"tracker/legacy-client/1": "the introduced peer spoke from another address and did not answer there, so it has not moved",
}

// like tells whether a packet like the vector's is among those sent. Global
// times and the signer differ; the LAN address of a puncture request is the
// walker's with us, and the tracker's own with py-ipv8 (Q5).
func (b *bench) like(t *testing.T, sent []community.Packet, v *vectors.Vector) bool {
	t.Helper()
	want, reason := b.reader().Decode(b.now, netip.MustParseAddrPort(v.Source), v.Packet)
	if reason != community.Accepted {
		t.Fatalf("the vector's packet: %v", reason)
	}
	for _, p := range sent {
		got := b.open(p)
		if got.ID == want.ID && p.To.String() == v.SentTo && got.Community == want.Community && same(got.Payload, want.Payload) {
			return true
		}
	}
	return false
}

func same(got, want wire.Payload) bool {
	switch want := want.(type) {
	case wire.PunctureRequest:
		got, ok := got.(wire.PunctureRequest)
		return ok && got.WANWalkerAddress == want.WANWalkerAddress && got.Identifier == want.Identifier
	case wire.IntroductionResponse:
		got, ok := got.(wire.IntroductionResponse)
		return ok && got.DestinationAddress == want.DestinationAddress && got.Flags == want.Flags &&
			got.Identifier == want.Identifier && got.LANIntroductionAddress == want.LANIntroductionAddress &&
			got.WANIntroductionAddress == want.WANIntroductionAddress
	}
	return false
}
