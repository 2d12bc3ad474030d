package engine

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"peerscope/engine/bootstrap"
	"peerscope/engine/community"
	"peerscope/engine/event"
)

const (
	// interfacesEvery is how often the host's addresses are read again, as in
	// py-ipv8.
	interfacesEvery = 10 * time.Second
	// rememberEvery is how often known addresses are handed to the Memory.
	rememberEvery = time.Minute
	// rememberedMax bounds the addresses kept over a restart.
	rememberedMax = 1000
	// memoryTimeout bounds one call of the Memory: a disk that does not answer must
	// hold up neither the start nor the end for long.
	memoryTimeout = 2 * time.Second
	// lookUpTimeout bounds one look-up of a name.
	lookUpTimeout = 10 * time.Second
	// lookUpsMax bounds the look-ups under way.
	lookUpsMax = 16
)

// An Engine is a full peer of an IPv8 network. Make it with New, run it with
// Run, follow it with Events and Snapshot; all of them may be used by any
// goroutine.
type Engine struct {
	cfg     Config
	events  *event.Log
	line    *pipeline
	node    *node // the loop's, once Run is called
	lookUps chan bootstrap.Endpoint
	started time.Time
}

// New makes an engine. Its sockets are its own from here on.
func New(cfg Config) (*Engine, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	cfg.setDefaults()
	now := time.Now()
	e := &Engine{
		cfg: cfg, started: now,
		events:  event.NewLog(now, cfg.EventLog),
		lookUps: make(chan bootstrap.Endpoint, lookUpsMax),
	}
	interfaces, err := cfg.Interfaces()
	if err != nil {
		return nil, fmt.Errorf("engine: %w", err)
	}
	e.node = newNode(nodeConfig{
		Config: cfg, random: random(cfg.Seed), events: e.events,
		send:    func(p community.Packet) bool { return e.line.send(p) },
		resolve: e.lookUp, sockets: localAddrs(cfg.Sockets), interfaces: interfaces, log: cfg.Logger,
	}, now)
	e.line = newPipeline(cfg.Sockets, e.node.decoder(), cfg.SourceRate, cfg.Logger)
	e.line.core = e.node
	return e, nil
}

func random(seed uint64) *rand.Rand {
	if seed == 0 {
		seed = rand.Uint64()
	}
	return rand.New(rand.NewPCG(seed, seed))
}

// Run takes part in the network until ctx ends. Then it stops taking packets,
// sends what is queued, reports the peers as left, and closes the sockets and
// the event log. Call it once.
func (e *Engine) Run(ctx context.Context) error {
	e.recall(ctx)
	background, stop := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() { e.resolveNames(background) })
	wg.Go(func() { e.watchInterfaces(background) })
	wg.Go(func() { e.rememberPeers(background) })
	e.line.run(ctx)
	stop()
	wg.Wait()
	e.remember(context.WithoutCancel(ctx), e.node.known())
	e.events.Close()
	return nil
}

// Events is what happened, numbered.
func (e *Engine) Events() *event.Log { return e.events }

// Stats counts packets.
func (e *Engine) Stats() Stats { return e.line.counters.stats(e.cfg.Sockets) }

// Packets returns up to n of the last packets, oldest first, to or from an
// address; the zero address means all.
func (e *Engine) Packets(n int, with netip.AddrPort) []PacketRecord {
	return e.line.packets.last(n, func(r *PacketRecord) bool { return !with.IsValid() || r.Peer == with })
}

// lookUp asks for a name to be resolved; when too many wait it is asked for
// again later.
func (e *Engine) lookUp(name bootstrap.Endpoint) {
	select {
	case e.lookUps <- name:
	default:
	}
}

// resolveNames looks names up one after the other and tells the loop.
func (e *Engine) resolveNames(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case name := <-e.lookUps:
			ips, err := e.resolve(ctx, name.Host)
			if err != nil && ctx.Err() == nil {
				e.cfg.Logger.Warn("bootstrap name not resolved, will try again", "name", name.Host, "error", err)
			}
			e.line.call(ctx, func(time.Time) { e.node.Resolved(name, ips, err) })
		}
	}
}

func (e *Engine) resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	ctx, cancel := context.WithTimeout(ctx, lookUpTimeout)
	defer cancel()
	if e.cfg.Resolve != nil {
		return e.cfg.Resolve(ctx, host)
	}
	return systemResolve(ctx, host)
}

// watchInterfaces reads the host's addresses again and again: a laptop moves.
func (e *Engine) watchInterfaces(ctx context.Context) {
	ticks := time.NewTicker(interfacesEvery)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
		ips, err := e.cfg.Interfaces()
		if err != nil {
			e.cfg.Logger.Warn("interface addresses not read", "error", err)
			continue
		}
		e.line.call(ctx, func(time.Time) { e.node.host.SetInterfaces(ips) })
	}
}

// origin names where the peers were found, for the Memory.
func (e *Engine) origin() string {
	names := make([]string, len(e.cfg.Bootstrap))
	for i, b := range e.cfg.Bootstrap {
		names[i] = b.String()
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), ",")
}

// recall makes the addresses of the last run walkable.
func (e *Engine) recall(ctx context.Context) {
	if e.cfg.Memory == nil || len(e.cfg.Bootstrap) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, memoryTimeout)
	defer cancel()
	addrs, err := e.cfg.Memory.Known(ctx, e.origin())
	if err != nil {
		e.cfg.Logger.Warn("known peers not read", "error", err)
	}
	e.node.recall(addrs[:min(len(addrs), rememberedMax)])
}

// rememberPeers hands the known addresses over now and then.
func (e *Engine) rememberPeers(ctx context.Context) {
	ticks := time.NewTicker(rememberEvery)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
		var addrs []netip.AddrPort
		if e.line.call(ctx, func(time.Time) { addrs = e.node.known() }) == nil {
			e.remember(ctx, addrs)
		}
	}
}

func (e *Engine) remember(ctx context.Context, addrs []netip.AddrPort) {
	if e.cfg.Memory == nil || len(e.cfg.Bootstrap) == 0 || len(addrs) == 0 {
		return // an empty network is no reason to forget the last one
	}
	ctx, cancel := context.WithTimeout(ctx, memoryTimeout)
	defer cancel()
	if err := e.cfg.Memory.Remember(ctx, e.origin(), addrs); err != nil {
		e.cfg.Logger.Warn("known peers not kept", "error", err)
	}
}
