package main

import (
	"slices"
	"testing"
	"time"

	"peerscope/cmd/peerscope/internal/config"
	"peerscope/engine"
	"peerscope/engine/bootstrap"
	"peerscope/engine/peer"
	"peerscope/engine/wire"
)

// settings loads what the environment says.
func settings(t *testing.T, environ ...string) config.Config {
	t.Helper()
	c, err := config.Load(config.Sources{Environ: environ})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// What the settings say in the engine's terms, whose zero values are defaults.
func TestEngineConfig(t *testing.T) {
	cfg := engineConfig(settings(t))
	if cfg.MaxPackets != 500 || cfg.NewFlows != 600 || cfg.MaxPeers != -1 || cfg.PingInterval != 20*time.Second {
		t.Errorf("defaults: got %+v", cfg)
	}
	if want := (engine.SourceRate{PerSecond: 50, Burst: 200}); cfg.SourceRate != want {
		t.Errorf("source rate: got %+v, want %+v", cfg.SourceRate, want)
	}
	cfg = engineConfig(settings(t, "PEERSCOPE_MAX_PACKETS=120/min", "PEERSCOPE_NEW_FLOWS=3/s", "PEERSCOPE_SOURCE_RATE=off"))
	if cfg.MaxPackets != 2 || cfg.NewFlows != 180 || cfg.SourceRate.PerSecond >= 0 {
		t.Errorf("other units: got %+v", cfg)
	}
}

// The DiscoveryCommunity may be given, for its name; the engine joins it anyway.
func TestEngineCommunities(t *testing.T) {
	other := peer.CommunityID{1}
	given := peer.CommunityID(wire.DiscoveryCommunityID).String() + "=D," + other.String()
	cfg := engineConfig(settings(t, "PEERSCOPE_COMMUNITY="+given))
	if len(cfg.Communities) != 1 || cfg.Communities[0].ID != other {
		t.Errorf("got %v", cfg.Communities)
	}
}

// Nobody is contacted who was not asked for: the public servers come with the
// name of their network and with nothing else. Nothing is sent here.
func TestServers(t *testing.T) {
	ours := bootstrap.Endpoint{Host: "127.0.0.1", Port: 1}
	if got := servers(settings(t)); len(got) != 0 {
		t.Errorf("by default: got %v, want none", got)
	}
	if got := servers(settings(t, "PEERSCOPE_BOOTSTRAP=127.0.0.1:1")); !slices.Equal(got, []bootstrap.Endpoint{ours}) {
		t.Errorf("with --bootstrap: got %v, want %v", got, ours)
	}
	got := servers(settings(t, "PEERSCOPE_BOOTSTRAP=127.0.0.1:1", "PEERSCOPE_NETWORK=tribler"))
	if want := append([]bootstrap.Endpoint{ours}, bootstrap.TriblerNetwork()...); !slices.Equal(got, want) {
		t.Errorf("with both: got %v, want %v", got, want)
	}
}

func TestLogFormat(t *testing.T) {
	for _, tc := range []struct {
		format         string
		terminal, text bool
	}{
		{"auto", true, true}, {"auto", false, false},
		{"text", false, true}, {"json", true, false},
	} {
		if got := asText(tc.format, tc.terminal); got != tc.text {
			t.Errorf("%s, terminal %v: text %v, want %v", tc.format, tc.terminal, got, tc.text)
		}
	}
}
