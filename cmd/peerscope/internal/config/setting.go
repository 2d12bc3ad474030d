package config

import (
	"fmt"
	"slices"
	"strings"
)

// A Setting is one row of the table: everything that the program knows about
// one of its settings.
type Setting struct {
	// Name is the flag without its dashes and the key in the file.
	Name string
	// Kind is the placeholder that the help shows for a value.
	Kind string
	// Default is the value when nobody gives one; empty for none. The default of
	// data-dir and config depends on the environment: see DefaultText.
	Default string
	// DefaultText is shown instead of Default where that is not known beforehand.
	DefaultText string
	// Example is what the commented file shows where there is no fixed default.
	Example string
	// Choices are the only values, where these are few.
	Choices []string
	// List: the flag may be repeated, the environment takes a list separated by
	// commas and the file a sequence.
	List bool
	// Reload: a running program takes a new value on SIGHUP.
	Reload bool
	// NotInFile: the file cannot set it.
	NotInFile bool
	// Usage is one line for the help, Help the sentences of the commented file.
	Usage, Help string

	// set checks one value (one item of a list) and puts it into the Config; the
	// choices have been checked before.
	set func(*Config, string) error
}

// accept is set after the check that every setting with choices shares.
func (s Setting) accept(c *Config, text string) error {
	none := text == "" && s.Default == ""
	if len(s.Choices) > 0 && !none && !slices.Contains(s.Choices, text) {
		return fmt.Errorf("unknown %s %q; known: %s", strings.ReplaceAll(s.Name, "-", " "), text, strings.Join(s.Choices, ", "))
	}
	return s.set(c, text)
}

// Settings is the table, in the order in which everything lists it.
func Settings() []Setting { return table }

// Variable is the environment variable of the setting.
func (s Setting) Variable() string {
	return variablePrefix + strings.ToUpper(strings.ReplaceAll(s.Name, "-", "_"))
}

// variablePrefix starts the name of every variable of ours.
const variablePrefix = "PEERSCOPE_"

// notSettings are variables with our prefix that are none of the program's
// business: tests read them.
var notSettings = map[string]bool{"PEERSCOPE_VECTORS": true, "PEERSCOPE_LONG": true, "PEERSCOPE_FLOOD": true}

var table = []Setting{
	{
		Name: "config", Kind: "FILE", NotInFile: true,
		DefaultText: "$CONFIGURATION_DIRECTORY/peerscope.yaml, else $XDG_CONFIG_HOME/peerscope/peerscope.yaml, where it exists",
		Usage:       "settings file (YAML)",
		set:         setConfigFile,
	},
	{
		Name: "data-dir", Kind: "DIR",
		DefaultText: "$STATE_DIRECTORY, else $XDG_STATE_HOME/peerscope", Example: "/var/lib/peerscope",
		Usage: "directory of the identity (identity.key) and the history",
		Help:  "Made with mode 0700 where there is none.",
		set:   setDataDir,
	},
	{
		Name: "udp", Kind: "ADDR:PORT", Default: "0.0.0.0:8470",
		Usage: "IPv4 socket",
		Help:  "Port 0 takes a free one. A port that is in use is an error, never another port.",
		set:   setUDP,
	},
	{
		Name: "udp6", Kind: "[ADDR]:PORT", Example: `"[::]:8470"`,
		Usage: "IPv6 socket; off when empty",
		set:   setUDP6,
	},
	{
		Name: "bootstrap", Kind: "HOST:PORT", List: true, Example: "127.0.0.1:8470",
		Usage: "bootstrap server; may be repeated",
		Help:  "Names are resolved again each time they are asked. Without bootstrap and network nobody is contacted.",
		set:   setBootstrap,
	},
	{
		Name: "network", Kind: "NAME", Choices: []string{"tribler"}, Example: "tribler",
		Usage: "join a public network: tribler",
		Help:  "Adds the bootstrap servers of that network. Joining a public network is never a default.",
		set:   setNetwork,
	},
	{
		Name: "community", Kind: "ID[=NAME]", List: true, Example: "8d0be1845d74d175f178197cad001591d04d73cc=DHT",
		Usage: "walk this community as well; may be repeated",
		Help:  "40 hex digits, and a name for communities that have none yet.",
		set:   setCommunity,
	},
	{
		Name: "max-peers", Kind: "N", Default: "-1",
		Usage: "most peers in a community, -1 for all",
		Help:  "As in py-ipv8: with this many peers, requests of others are no longer answered.",
		set:   setMaxPeers,
	},
	{
		Name: "ping-interval", Kind: "DURATION", Default: "20s",
		Usage: "time between two pings to one peer",
		Help:  "Jittered by 20 % either way, and stretched when the packet budget is too small for so many peers.",
		set:   setPingInterval,
	},
	{
		Name: "max-packets", Kind: "RATE", Default: "500/s",
		Usage: "most packets sent that answer nobody",
		set:   setMaxPackets,
	},
	{
		Name: "new-flows", Kind: "RATE", Default: "600/min",
		Usage: "most addresses contacted for the first time",
		Help:  "Home routers break when their connection table is full.",
		set:   setNewFlows,
	},
	{
		Name: "source-rate", Kind: "RATE", Default: "50/s, burst 200",
		Usage: "most packets taken from one source address, or off",
		set:   setSourceRate,
	},
	{
		Name: "log-level", Kind: "LEVEL", Default: "info", Reload: true,
		Choices: []string{"debug", "info", "warn", "error"},
		Usage:   "least important log lines shown: debug, info, warn, error",
		set:     setLogLevel,
	},
	{
		Name: "log-format", Kind: "FORMAT", Default: "auto", Choices: []string{"auto", "text", "json"},
		Usage: "log lines on stderr: text, json, or auto (text on a terminal)",
		set:   setLogFormat,
	},
}

// find returns the setting called name.
func find(name string) (Setting, bool) {
	for _, s := range table {
		if s.Name == name {
			return s, true
		}
	}
	return Setting{}, false
}
