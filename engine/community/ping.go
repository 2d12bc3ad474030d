package community

import (
	"time"

	"peerscope/engine/event"
	"peerscope/engine/peer"
	"peerscope/engine/requestcache"
	"peerscope/engine/wire"
)

// pingRequest is a ping that is waited for as long as the host says.
type pingRequest struct {
	requestcache.PingRequestCache
	timeout time.Duration
}

// TimeoutDelay is how long a pong counts.
func (r *pingRequest) TimeoutDelay() time.Duration { return r.timeout }

// SendPing pings a peer at its preferred address. A verified peer that is not
// known to be in this community would ignore a ping, so it gets an introduction
// request in a community that we share: that proves it alive, without a sample
// (Q26). False means that the budget is spent.
func (d *DiscoveryCommunity) SendPing(now time.Time, p *peer.Peer) bool {
	if shared := d.sharedElsewhere(p); shared != nil {
		return shared.RequestIntroduction(now, p)
	}
	h, to := d.host, p.Address()
	if !h.mayRequest(now, to) {
		return false
	}
	stamp := NewStamp(now)
	pending := &pingRequest{timeout: h.cfg.PingTimeout, PingRequestCache: requestcache.PingRequestCache{
		Peer: p, Address: to, SentAt: now, Sent: stamp.Time, OnLost: d.onPingLost,
	}}
	for range identifierTries {
		pending.Identifier = d.randomIdentifier()
		if h.requests.Add(now, pending) == nil {
			packet := Packet{To: to, Stamp: stamp}
			return h.sendRequest(packet, d.id, nil, d.claimGlobalTime(), pending, wire.Ping{Identifier: pending.Identifier})
		}
	}
	return false
}

// sharedElsewhere is a community of ours that the peer is in, if it is not
// known to be in this one.
func (d *DiscoveryCommunity) sharedElsewhere(p *peer.Peer) *Community {
	n := d.host.network
	if n.HasService(p.Mid, d.id) {
		return nil
	}
	for _, o := range d.host.overlays {
		if c, ok := o.(*Community); ok && n.HasService(p.Mid, c.id) {
			return c
		}
	}
	return nil
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
	h := d.host
	key := requestcache.Key{Kind: requestcache.KindPing, Address: m.Source, Identifier: p.Identifier}
	r, ok := h.requests.Pop(key)
	if !ok {
		return pongReason(h.requests.Outcome(key))
	}
	ping := r.(*pingRequest)
	rtt := ping.Finish(m.At)
	if rtt > ping.timeout { // before the loop came to count it as lost
		d.onPingLost(now, &ping.PingRequestCache)
		return LatePong
	}
	h.alive(now, ping.Peer)
	ping.Peer.Pings.Add(rtt)
	h.answered(now)
	h.cfg.Emit(now, event.PongReceived{Peer: ping.Peer.Mid, Address: ping.Address, RTT: rtt})
	return Accepted
}

// pongReason says under what a pong without a pending ping is counted. One that
// nobody was pinged for is as foreign as one from elsewhere.
func pongReason(o requestcache.Outcome) Reason {
	switch o {
	case requestcache.Answered:
		return DuplicatePong
	case requestcache.Expired:
		return LatePong
	}
	return ForeignPong
}

// onPingLost records a ping without an answer as a lost sample. It drops
// nobody: that is for the strategies to decide.
func (d *DiscoveryCommunity) onPingLost(now time.Time, lost *requestcache.PingRequestCache) {
	h, sent := d.host, lost.SendTime()
	h.lost(now, sent)
	h.missed(lost.Peer, sent)
	h.cfg.Emit(now, event.PingLost{
		Peer: lost.Peer.Mid, Address: lost.Address, SentAt: sent, Isolated: h.isolation.ours(sent),
	})
}
