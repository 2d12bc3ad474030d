package main

import (
	"errors"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"time"

	"peerscope/cmd/peerscope/internal/config"
	"peerscope/engine"
	"peerscope/engine/bootstrap"
	"peerscope/engine/keyvault"
	"peerscope/engine/peer"
	"peerscope/engine/udp"
	"peerscope/engine/wire"
)

// engineObserver is the engine with what watch wants to know beside it.
type engineObserver struct {
	*engine.Engine
	addresses []netip.AddrPort
}

// Addresses are those of the sockets, with the ports that were picked.
func (o engineObserver) Addresses() []netip.AddrPort { return o.addresses }

// startObserver opens the sockets and makes an engine on them.
func startObserver(c observerConfig) (observer, error) {
	sockets, err := openSockets(c.settings)
	if err != nil {
		return nil, err
	}
	cfg := engineConfig(c.settings)
	o := engineObserver{}
	for _, s := range sockets {
		o.addresses = append(o.addresses, s.LocalAddr())
	}
	cfg.Identity, cfg.Sockets, cfg.Logger = c.key, sockets, c.log
	if o.Engine, err = engine.New(cfg); err != nil {
		return nil, errors.Join(err, closeAll(sockets))
	}
	return o, nil
}

// engineConfig is the part of the engine's Config that settings decide.
func engineConfig(c config.Config) engine.Config {
	cfg := engine.Config{
		Bootstrap:    servers(c),
		MaxPeers:     c.MaxPeers,
		PingInterval: c.PingInterval,
		MaxPackets:   per(c.MaxPackets, time.Second),
		NewFlows:     per(c.NewFlows, time.Minute),
		SourceRate:   sourceRate(c.SourceRate),
	}
	for _, further := range c.Communities {
		// The DiscoveryCommunity is joined anyway; it may be listed for its name.
		if further.ID != peer.CommunityID(wire.DiscoveryCommunityID) {
			cfg.Communities = append(cfg.Communities, engine.Community{ID: further.ID})
		}
	}
	return cfg
}

// servers are the bootstrap servers given, and those of the network to join.
func servers(c config.Config) []bootstrap.Endpoint {
	list := slices.Clone(c.Bootstrap)
	if c.Network == "tribler" {
		list = append(list, bootstrap.TriblerNetwork()...)
	}
	return list
}

// per is the rate in whole things per unit. The settings want at least one.
func per(r config.Rate, unit time.Duration) int {
	return int(math.Round(r.PerSecond() * unit.Seconds()))
}

// sourceRate is the rate as the engine has it, where a negative one is none.
func sourceRate(r config.Rate) engine.SourceRate {
	if r.Off() {
		return engine.SourceRate{PerSecond: -1}
	}
	return engine.SourceRate{PerSecond: r.PerSecond(), Burst: float64(r.Burst)}
}

// openSockets opens the IPv4 socket and, if there is to be one, the IPv6 socket.
func openSockets(c config.Config) ([]engine.Socket, error) {
	four, err := openSocket("udp4", c.UDP, "udp")
	if err != nil {
		return nil, err
	}
	sockets := []engine.Socket{four}
	if !c.UDP6.IsValid() {
		return sockets, nil
	}
	six, err := openSocket("udp6", c.UDP6, "udp6")
	if err != nil {
		return nil, errors.Join(err, four.Close())
	}
	return append(sockets, six), nil
}

// openSocket opens the socket of one setting.
func openSocket(network string, addr netip.AddrPort, setting string) (*udp.Conn, error) {
	conn, err := udp.Listen(network, addr, udp.Config{})
	if errors.Is(err, udp.ErrAddressInUse) {
		return nil, fmt.Errorf("%w; stop the program that has it, or choose another with --%s (port 0 takes a free one)", err, setting)
	}
	if err != nil {
		return nil, fmt.Errorf("--%s: %w", setting, err)
	}
	return conn, nil
}

func closeAll(sockets []engine.Socket) error {
	var errs []error
	for _, s := range sockets {
		errs = append(errs, s.Close())
	}
	return errors.Join(errs...)
}

// engineTracker is the engine's bootstrap server.
type engineTracker struct {
	*engine.Tracker
	address netip.AddrPort
}

// Address is that of the socket.
func (t engineTracker) Address() netip.AddrPort { return t.address }

// startTracker opens the socket and makes a tracker on it, with a key of its own.
func startTracker(c trackerConfig) (tracker, error) {
	key, err := keyvault.GenerateKey(nil)
	if err != nil {
		return nil, err
	}
	socket, err := openSocket("udp4", c.settings.UDP, "udp")
	if err != nil {
		return nil, err
	}
	t := engineTracker{address: socket.LocalAddr()}
	t.Tracker, err = engine.NewTracker(engine.TrackerConfig{
		Identity: key, Sockets: []engine.Socket{socket}, SourceRate: sourceRate(c.settings.SourceRate), Logger: c.log,
	})
	if err != nil {
		return nil, errors.Join(err, socket.Close())
	}
	return t, nil
}
