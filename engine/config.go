package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"peerscope/engine/bootstrap"
	"peerscope/engine/community"
	"peerscope/engine/event"
	"peerscope/engine/keyvault"
	"peerscope/engine/peer"
	"peerscope/engine/udp"
)

// Config is what an [Engine] is made from. Identity and Sockets are required;
// the zero value of everything else works.
type Config struct {
	// Identity signs what we send; a curve25519 key.
	Identity keyvault.PrivateKey
	// Sockets are open sockets, at most one per family. The engine closes them.
	Sockets []Socket

	// Bootstrap are the servers to ask for first peers; none means that nobody
	// is contacted.
	Bootstrap []bootstrap.Endpoint
	// Communities are joined besides the DiscoveryCommunity.
	Communities []Community
	// MaxPeers limits the peers of each community: 0 means no limit, as does
	// every negative number.
	MaxPeers int
	// PingInterval is the time between two pings of a peer; 0 means 20 s.
	PingInterval time.Duration
	// MaxPackets bounds the packets that we send first, per second; 0 means 500,
	// negative no bound.
	MaxPackets int
	// NewFlows bounds the addresses contacted for the first time, per minute; 0
	// means 600, negative no bound.
	NewFlows int
	// SourceRate bounds the packets taken from one source; the zero value means
	// [DefaultSourceRate], a negative rate no bound. Without a bound here, there is
	// none either on how many strangers may become peers in a second.
	SourceRate SourceRate
	// Memory keeps known addresses over restarts; nil keeps none.
	Memory Memory
	// Resolve looks a host name up; nil means the system's resolver.
	Resolve func(ctx context.Context, host string) ([]netip.Addr, error)
	// Interfaces returns this host's addresses; nil means the system's.
	Interfaces func() ([]netip.Addr, error)
	// EventLog is how many events are kept for slow readers; 0 means
	// [event.DefaultLogSize].
	EventLog int
	// Logger gets what the operator should know; nil discards it.
	Logger *slog.Logger
	// Seed makes the random choices repeatable, for tests; 0 draws one.
	Seed uint64

	patience patience // for tests
}

// patience is how long silence is borne with; what is zero has its default.
type patience struct {
	ping time.Duration // until a ping counts as lost
	drop time.Duration // until a silent peer is dropped
}

// A Community is one to join.
type Community struct {
	ID peer.CommunityID
	// Key is the identity to speak with in it; nil means the node's.
	Key *keyvault.PrivateKey
}

// A Memory keeps the addresses of recent peers over restarts. origin names the
// bootstrap servers they were found through: addresses of one network are not
// tried in another.
type Memory interface {
	// Known returns addresses remembered for an origin, the best first.
	Known(ctx context.Context, origin string) ([]netip.AddrPort, error)
	// Remember replaces what is remembered for an origin.
	Remember(ctx context.Context, origin string, addrs []netip.AddrPort) error
}

// ErrStopped is returned for questions to an engine that has stopped.
var ErrStopped = errors.New("engine: stopped")

// The defaults of [Config].
const (
	DefaultMaxPackets = 500
	DefaultNewFlows   = 600
)

func (c *Config) check() error {
	if !c.Identity.CanSign() {
		return fmt.Errorf("engine: the identity is a %s key, which we can read but not sign with", c.Identity.Public().Type())
	}
	if len(c.Sockets) == 0 {
		return errors.New("engine: no socket")
	}
	seen := map[peer.CommunityID]bool{community.DiscoveryCommunityID: true}
	for _, further := range c.Communities {
		switch {
		case further.ID == community.DiscoveryCommunityID:
			return errors.New("engine: the DiscoveryCommunity is always joined")
		case seen[further.ID]:
			return fmt.Errorf("engine: community %v given twice", further.ID)
		case further.Key != nil && !further.Key.CanSign():
			return fmt.Errorf("engine: the key of community %v cannot sign", further.ID)
		}
		seen[further.ID] = true
	}
	return nil
}

func (c *Config) setDefaults() {
	if c.MaxPeers == 0 {
		c.MaxPeers = -1
	}
	if c.MaxPackets == 0 {
		c.MaxPackets = DefaultMaxPackets
	}
	if c.NewFlows == 0 {
		c.NewFlows = DefaultNewFlows
	}
	if c.SourceRate == (SourceRate{}) {
		c.SourceRate = DefaultSourceRate
	}
	if c.Interfaces == nil {
		c.Interfaces = udp.Interfaces
	}
	if c.EventLog == 0 {
		c.EventLog = event.DefaultLogSize
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
}
