package engine

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"time"

	"peerscope/engine/community"
	"peerscope/engine/keyvault"
	"peerscope/engine/tracker"
)

// TrackerConfig is what a [Tracker] is made from. Identity and Sockets are
// required.
type TrackerConfig struct {
	Identity   keyvault.PrivateKey
	Sockets    []Socket // closed by the tracker
	SourceRate SourceRate
	// MaxPeers bounds the peers that it lists; 0 means [tracker.DefaultMaxPeers].
	MaxPeers int
	Logger   *slog.Logger
	Seed     uint64
}

// A Tracker is a running bootstrap server.
type Tracker struct {
	line    *pipeline
	state   *tracker.Tracker
	sockets []Socket
}

// NewTracker makes a tracker. Its sockets are its own from here on.
func NewTracker(cfg TrackerConfig) (*Tracker, error) {
	if !cfg.Identity.CanSign() {
		return nil, errors.New("tracker: the identity is a key that we cannot sign with")
	}
	if len(cfg.Sockets) == 0 {
		return nil, errors.New("tracker: no socket")
	}
	if cfg.SourceRate == (SourceRate{}) {
		cfg.SourceRate = DefaultSourceRate
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	t := &Tracker{sockets: cfg.Sockets}
	t.state = tracker.New(tracker.Config{
		Key: cfg.Identity, Address: announced(cfg.Sockets[0].LocalAddr()), Random: random(cfg.Seed),
		MaxPeers: cfg.MaxPeers, Send: func(p community.Packet) bool { return t.line.send(p) },
	})
	d := community.Decoder{Handles: tracker.Handles}
	t.line = newPipeline(cfg.Sockets, d, cfg.SourceRate, cfg.Logger)
	t.line.core = trackerCore{t.state}
	return t, nil
}

// announced is the address that the tracker says it has. Nobody uses it.
func announced(a netip.AddrPort) netip.AddrPort {
	if !a.Addr().Is4() || a.Addr().IsUnspecified() {
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), a.Port())
	}
	return a
}

// Run answers until ctx ends.
func (t *Tracker) Run(ctx context.Context) error {
	t.line.run(ctx)
	return nil
}

// Stats counts packets.
func (t *Tracker) Stats() Stats { return t.line.counters.stats(t.sockets) }

// Len is how many peers are listed.
func (t *Tracker) Len(ctx context.Context) (n int, err error) {
	err = t.line.call(ctx, func(time.Time) { n = t.state.Len() })
	return n, err
}

// trackerCore makes the tracker fit the pipeline; it has no events.
type trackerCore struct{ *tracker.Tracker }

func (trackerCore) Rejected(time.Time, rejection) {}
