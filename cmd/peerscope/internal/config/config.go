package config

import (
	"log/slog"
	"net/netip"
	"slices"
	"time"

	"peerscope/engine/bootstrap"
	"peerscope/engine/peer"
)

// A Config is the checked settings of one run. [Load] makes it; the zero value
// is not a usable one.
type Config struct {
	// File is the settings file that was read, empty when there was none.
	File string
	// DataDir is the directory of the identity and the history. It is empty when
	// nobody gave one and the environment has no home directory to put it in.
	DataDir string
	// UDP is the IPv4 socket's address; port 0 picks a port.
	UDP netip.AddrPort
	// UDP6 is the IPv6 socket's address; the zero value means none.
	UDP6 netip.AddrPort
	// Bootstrap holds the bootstrap servers, their names not resolved.
	Bootstrap []bootstrap.Endpoint
	// Network is the public network to join, empty for none.
	Network string
	// Communities are walked besides the DiscoveryCommunity.
	Communities []Community
	// MaxPeers is the most peers in a community, -1 for all.
	MaxPeers int
	// PingInterval is the time between two pings to one peer.
	PingInterval time.Duration
	// MaxPackets limits what is sent without being an answer.
	MaxPackets Rate
	// NewFlows limits the addresses that are contacted for the first time.
	NewFlows Rate
	// SourceRate limits what is taken from one source address; it may be off.
	SourceRate Rate
	// LogLevel is the least important level that is logged.
	LogLevel slog.Level
	// LogFormat is auto, text or json.
	LogFormat string

	values []Value
}

// A Community is a community to walk, with the name to show for it if one was given.
type Community struct {
	ID   peer.CommunityID
	Name string
}

// A Value is what one setting was set to, as it was written, and where.
type Value struct {
	Name   string
	Items  []Item
	Origin Origin
}

// An Item is one text of a value: lists have any number, others have one.
type Item struct {
	Text string
	// Line is the line in the file, counted from 1; 0 elsewhere.
	Line int
}

// Texts are the items without their lines.
func (v Value) Texts() []string {
	texts := make([]string, len(v.Items))
	for i, item := range v.Items {
		texts[i] = item.Text
	}
	return texts
}

// Values lists every setting's value in the order of the table.
func (c Config) Values() []Value { return slices.Clone(c.values) }

// Changed lists the settings whose value differs between two configurations.
func Changed(before, after Config) []Setting {
	var changed []Setting
	for i, s := range table {
		if !slices.Equal(before.values[i].Texts(), after.values[i].Texts()) {
			changed = append(changed, s)
		}
	}
	return changed
}

// Reloaded is c with the settings of after that a running program can take; all
// others stay as they are. Both must come from [Load].
func (c Config) Reloaded(after Config) Config {
	next := Config{File: after.File, values: slices.Clone(c.values)}
	for i, s := range table {
		if s.Reload {
			next.values[i] = after.values[i]
		}
		if problems := apply(s, next.values[i], &next); len(problems) > 0 {
			panic("config: a value that was accepted is refused: " + problems[0].Error())
		}
	}
	return next
}
