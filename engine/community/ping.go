package community

import (
	"time"

	"peerscope/engine/event"
	"peerscope/engine/peer"
	"peerscope/engine/requestcache"
	"peerscope/engine/wire"
)

// identifierTries is how often a random ping identifier may hit one that is
// pending for the same address.
const identifierTries = 4

// SendPing pings a peer at its preferred address. A verified peer that is not
// known to be in this community would ignore a ping, so it gets an introduction
// request in a community that we share: that proves it alive, without a sample
// (Q26). False means that the budget is spent.
func (d *DiscoveryCommunity) SendPing(now time.Time, p *peer.Peer) bool {
	if shared := d.sharedElsewhere(p); shared != nil {
		return shared.RequestIntroduction(now, p)
	}
	if !d.host.mayRequest(now, p.Address()) {
		return false
	}
	stamp := NewStamp(now)
	pending := &requestcache.PingRequestCache{
		Peer: p, Address: p.Address(), SentAt: now, Sent: stamp.Time, OnLost: d.onPingLost,
	}
	for range identifierTries {
		pending.Identifier = d.randomIdentifier()
		if d.host.requests.Add(now, pending) == nil {
			to := Packet{To: pending.Address, Stamp: stamp}
			return d.host.send(to, d.id, nil, d.claimGlobalTime(), wire.Ping{Identifier: pending.Identifier}) == Accepted
		}
	}
	return false
}

// sharedElsewhere is a community of ours that the peer is in, if it is not
// known to be in this one.
func (d *DiscoveryCommunity) sharedElsewhere(p *peer.Peer) *Community {
	var shared *Community
	for _, id := range d.host.network.ServicesOf(p.Mid) {
		if id == d.id {
			return nil
		}
		if c, ok := d.host.byID[id].(*Community); ok {
			shared = c
		}
	}
	return shared
}

// randomIdentifier is unpredictable, so that nobody can answer a ping that did
// not reach him (Q20). 65535 is left out: kotlin-ipv8 turns it into 0 (Q29).
func (d *DiscoveryCommunity) randomIdentifier() uint16 {
	return uint16(d.host.random.IntN(0xffff))
}

// OnPing answers a ping where it came from. Unsigned; anyone may ask.
func (d *DiscoveryCommunity) OnPing(_ time.Time, m *Message, p wire.Ping) Reason {
	return d.CreatePong(m, p.Identifier)
}

// CreatePong sends the pong for a ping.
func (d *DiscoveryCommunity) CreatePong(m *Message, identifier uint16) Reason {
	to := Packet{To: m.Source, From: m.Local}
	return d.host.send(to, d.id, nil, d.claimGlobalTime(), wire.Pong{Identifier: identifier})
}

// OnPong takes the answer to a ping of ours: from the address that was pinged,
// within 5 s, once.
func (d *DiscoveryCommunity) OnPong(now time.Time, m *Message, p wire.Pong) Reason {
	key := requestcache.Key{Kind: requestcache.KindPing, Address: m.Source, Identifier: p.Identifier}
	r, ok := d.host.requests.Pop(key)
	if !ok {
		return pongReasons[d.host.requests.Outcome(key)]
	}
	ping := r.(*requestcache.PingRequestCache)
	rtt := ping.Finish(m.At)
	ping.Peer.LastResponse = now
	ping.Peer.Pings.Add(rtt)
	d.host.answered(now)
	d.host.cfg.Emit(now, event.PongReceived{Peer: ping.Peer.Mid, Address: ping.Address, RTT: rtt})
	return Accepted
}

// pongReasons says under what a pong without a pending ping is counted.
var pongReasons = map[requestcache.Outcome]Reason{
	requestcache.Unknown:  ForeignPong,
	requestcache.Foreign:  ForeignPong,
	requestcache.Answered: DuplicatePong,
	requestcache.Expired:  LatePong,
}

// onPingLost records a ping without an answer as a lost sample. It drops
// nobody: that is for the strategies to decide.
func (d *DiscoveryCommunity) onPingLost(now time.Time, lost *requestcache.PingRequestCache) {
	sent := lost.SendTime()
	d.host.lost(now, sent)
	ours := d.host.isolation.ours(sent)
	if !ours {
		lost.Peer.LastLost = later(lost.Peer.LastLost, sent)
	}
	d.host.cfg.Emit(now, event.PingLost{Peer: lost.Peer.Mid, Address: lost.Address, SentAt: sent, Isolated: ours})
}
