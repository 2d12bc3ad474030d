package engine

import (
	"net/netip"
	"slices"
	"time"

	"peerscope/engine/bootstrap"
	"peerscope/engine/community"
	"peerscope/engine/event"
)

// newServers knows the bootstrap servers of the configuration. Their addresses
// are never verified, introduced or counted as peers.
func (n *node) newServers(c nodeConfig) *bootstrap.DispersyBootstrapper {
	s := bootstrap.NewDispersyBootstrapper(bootstrap.Config{
		Endpoints: c.Bootstrap,
		IPv6:      slices.ContainsFunc(c.sockets, func(a netip.AddrPort) bool { return a.Addr().Is6() }),
		OnSilent: func(now time.Time, a netip.AddrPort) {
			n.emit(now, event.BootstrapSilent{Address: a})
		},
	})
	for _, a := range s.Addresses() {
		n.network.Blacklist(a)
	}
	return s
}

// advanceServers has names resolved and servers asked when they are due.
func (n *node) advanceServers(now time.Time) {
	n.wonder(now)
	if due, ok := n.servers.Deadline(); !ok || now.Before(due) {
		return
	}
	n.servers.Advance(now)
	wanting := n.wanting()
	for _, name := range n.servers.Names(now, wanting) {
		n.resolve(name)
	}
	n.askServers(now, wanting)
}

// doubtAfter is how long nobody may answer before the bootstrap servers are asked
// whether it is our fault: twice before the Host calls us isolated. They are asked
// every 30 s otherwise, or seldom, so that we would often be isolated for a moment
// when it is the peers that are gone, and never drop them.
const doubtAfter = 8 * time.Second

// wonder asks the bootstrap servers out of turn when nobody answers any more.
func (n *node) wonder(now time.Time) {
	patience := max(doubtAfter, 3*n.leastPace)
	if n.network.Len() == 0 || now.Sub(n.heard) < patience || now.Sub(n.doubted) < patience {
		return
	}
	n.doubted = now
	for _, server := range n.servers.Addresses() {
		if n.discovery.WalkTo(now, server) {
			n.servers.Asked(now, server)
		}
	}
}

// wanting tells whether the bootstrap servers should be asked often.
func (n *node) wanting() bool { return n.network.Len() < wantedPeers || n.host.Isolated() }

// askServers walks to the servers that are due, in every community: a tracker
// knows each community's peers apart.
func (n *node) askServers(now time.Time, wanting bool) (asked bool) {
	for _, server := range n.servers.Due(now, wanting) {
		for _, w := range n.walks {
			if w.WalkTo(now, server) {
				n.servers.Asked(now, server)
				asked = true
			}
		}
	}
	return asked
}

// Resolved takes the result of a look-up.
func (n *node) Resolved(name bootstrap.Endpoint, ips []netip.Addr, err error) {
	for _, a := range n.servers.Resolved(name, ips, err) {
		n.network.Blacklist(a)
	}
}

// servers is the node as a community's Bootstrapper.
type servers struct{ n *node }

// Bootstrap asks the servers that are due while peers are wanted.
func (a servers) Bootstrap(now time.Time, _ *community.Community) { a.n.askServers(now, true) }

// KeepAlive is Bootstrap at the same pace, for a community that has peers.
func (a servers) KeepAlive(now time.Time, _ *community.Community) bool {
	return a.n.askServers(now, true)
}

// Answered notes the answer of a server; only the first one to a question is
// reported, though each community asked it.
func (a servers) Answered(now time.Time, server netip.AddrPort, rtt time.Duration) {
	if a.n.servers.Answered(now, server) {
		a.n.emit(now, event.BootstrapAnswered{Address: server, RTT: rtt})
	}
}
