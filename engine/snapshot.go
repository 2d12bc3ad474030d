package engine

import (
	"context"
	"net/netip"
	"slices"
	"time"

	"peerscope/engine/bootstrap"
	"peerscope/engine/event"
	"peerscope/engine/peer"
)

// Snapshot is the state of the network as the engine sees it, with the number of
// the last event that it contains.
func (e *Engine) Snapshot(ctx context.Context) (s event.Snapshot, err error) {
	err = e.line.call(ctx, func(now time.Time) { s = e.node.snapshot(now) })
	s.Started, s.Epoch = e.started, e.events.Epoch()
	return s, err
}

// Peers returns up to limit peers from position from on, and the position to go
// on at, 0 after the last. Positions shift while peers come and go; whoever
// needs every peer follows the events.
func (e *Engine) Peers(ctx context.Context, from, limit int) (peers []event.Peer, next int, seq uint64, err error) {
	err = e.line.call(ctx, func(now time.Time) {
		peers, next = e.node.peers(now, from, min(limit, peersMax))
		seq = e.events.Last()
	})
	return peers, next, seq, err
}

// Peer returns one peer, false if it is not verified at present.
func (e *Engine) Peer(ctx context.Context, mid peer.Mid) (p event.Peer, seq uint64, ok bool, err error) {
	err = e.line.call(ctx, func(now time.Time) {
		seq = e.events.Last()
		var known *peer.Peer
		if known, ok = e.node.network.ByMid(mid); ok {
			p = e.node.describe(now, known)
		}
	})
	return p, seq, ok, err
}

// Servers returns the bootstrap servers.
func (e *Engine) Servers(ctx context.Context) (s []bootstrap.Status, err error) {
	err = e.line.call(ctx, func(time.Time) { s = e.node.servers.Status() })
	return s, err
}

// peersMax bounds what one call copies out of the loop.
const peersMax = 1000

func (n *node) snapshot(now time.Time) event.Snapshot {
	s := event.Snapshot{
		Seq: n.events.Last(), Time: now,
		Verified: n.network.Len(), Walkable: n.network.WalkableLen(n.discovery.CommunityID()),
		LAN: n.host.MyLAN(true), WAN: n.host.MyWAN(), Isolated: n.host.Isolated(),
		PingInterval: n.ping.answering.Interval(),
		QuietAfter:   n.ping.answering.QuietAfter(), DropAfter: n.ping.answering.DropAfter(),
	}
	for _, w := range n.walks {
		id := w.CommunityID()
		s.Communities = append(s.Communities, event.OwnCommunity{
			ID: id, Mid: w.Key().Public().Mid(), Peers: n.network.PeersForService(id).Len(),
		})
	}
	return s
}

func (n *node) peers(now time.Time, from, limit int) (out []event.Peer, next int) {
	end := min(from+limit, n.network.Len())
	for i := max(0, from); i < end; i++ {
		out = append(out, n.describe(now, n.network.At(i)))
	}
	if end < n.network.Len() {
		next = end
	}
	return out, next
}

func (n *node) describe(now time.Time, p *peer.Peer) event.Peer {
	d := event.Peer{
		Mid: p.Mid, PublicKey: p.Key.Bytes(), KeyType: p.Key.Type().String(),
		Address: p.Address(), Communities: n.network.ServicesOf(p.Mid),
		VerifiedAt: p.CreatedAt, LastResponse: p.LastResponse, Quiet: n.ping.Quiet(now, p),
	}
	if p.Pings.Len() > 0 {
		last, _ := p.Pings.Last()
		median, _ := p.Pings.Median()
		d.LastRTT, d.MedianRTT, d.Samples = last, median, p.Pings.Len()
	}
	return d
}

// known are addresses worth walking to after a restart: of random peers that
// answered, the latest to answer first. A flood's strangers are not among them, be
// there ten to each peer.
func (n *node) known() []netip.AddrPort {
	sample := n.network.SampleVerified(random(0), 10*rememberedMax)
	sample = slices.DeleteFunc(sample, func(p *peer.Peer) bool { return !p.Answered })
	sample = sample[:min(len(sample), rememberedMax)]
	slices.SortFunc(sample, func(a, b *peer.Peer) int { return b.LastResponse.Compare(a.LastResponse) })
	out := make([]netip.AddrPort, 0, len(sample))
	for _, p := range sample {
		out = append(out, p.Address())
	}
	return out
}
