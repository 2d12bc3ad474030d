package config

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"peerscope/engine/bootstrap"
	"peerscope/engine/peer"
)

// errEmpty is for settings that need a value.
var errEmpty = errors.New("the value is empty")

// setConfigFile only checks: which file was read is known before its values are.
func setConfigFile(_ *Config, text string) error { return notEmpty(text) }

func setDataDir(c *Config, text string) error {
	c.DataDir = text
	return notEmpty(text)
}

func notEmpty(text string) error {
	if text == "" {
		return errEmpty
	}
	return nil
}

func setUDP(c *Config, text string) (err error) {
	c.UDP, err = netip.ParseAddrPort(text)
	if err != nil || !c.UDP.Addr().Is4() {
		return fmt.Errorf("want an IPv4 address and a port such as 127.0.0.1:8470, not %q", text)
	}
	return nil
}

func setUDP6(c *Config, text string) (err error) {
	c.UDP6 = netip.AddrPort{}
	if text == "" {
		return nil
	}
	c.UDP6, err = netip.ParseAddrPort(text)
	if err != nil || !c.UDP6.Addr().Is6() || c.UDP6.Addr().Is4In6() {
		return fmt.Errorf("want an IPv6 address and a port such as [::1]:8470, or nothing, not %q", text)
	}
	return nil
}

func setBootstrap(c *Config, text string) error {
	server, err := bootstrap.ParseEndpoint(text)
	if err != nil {
		return err
	}
	c.Bootstrap = append(c.Bootstrap, server)
	return nil
}

func setNetwork(c *Config, text string) error {
	c.Network = text
	return nil
}

// maxCommunityName bounds what is shown as a community's name, in bytes.
const maxCommunityName = 64

func setCommunity(c *Config, text string) error {
	digits, name, named := strings.Cut(text, "=")
	if len(digits) != hex.EncodedLen(len(peer.CommunityID{})) {
		return fmt.Errorf("want a community id of 40 hex digits, not the %d of %q", len(digits), digits)
	}
	id, err := peer.ParseCommunityID(digits)
	if err != nil || id.IsZero() {
		return fmt.Errorf("want a community id of 40 hex digits that are not all 0, not %q", digits)
	}
	if named && !goodName(name) {
		return fmt.Errorf("want a name of 1 to %d bytes that can be printed after %s=, not %q", maxCommunityName, digits, name)
	}
	for _, other := range c.Communities {
		if other.ID == id {
			return fmt.Errorf("community %s is given twice", digits)
		}
	}
	c.Communities = append(c.Communities, Community{ID: id, Name: name})
	return nil
}

func goodName(name string) bool {
	return name != "" && len(name) <= maxCommunityName && utf8.ValidString(name) &&
		!strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) })
}

func setMaxPeers(c *Config, text string) (err error) {
	c.MaxPeers, err = strconv.Atoi(text)
	if err != nil || c.MaxPeers < -1 || c.MaxPeers == 0 {
		return fmt.Errorf("want a number of peers from 1, or -1 for all, not %q", text)
	}
	return nil
}

// The bounds of the ping interval: below the first a peer would get more pings
// than it can have answered, above the second nobody is ever noticed missing.
const (
	minPingInterval = 100 * time.Millisecond
	maxPingInterval = 24 * time.Hour
)

func setPingInterval(c *Config, text string) (err error) {
	c.PingInterval, err = time.ParseDuration(text)
	if err != nil {
		return fmt.Errorf("want a duration such as 20s or 1m30s, not %q", text)
	}
	if c.PingInterval < minPingInterval || c.PingInterval > maxPingInterval {
		return fmt.Errorf("want a duration from %v to %v, not %q", minPingInterval, maxPingInterval, text)
	}
	return nil
}

func setMaxPackets(c *Config, text string) (err error) {
	c.MaxPackets, err = parsePlainRate(text)
	if err == nil && c.MaxPackets.PerSecond() < 1 {
		return fmt.Errorf("want at least 1/s, not %q", text)
	}
	return err
}

func setNewFlows(c *Config, text string) (err error) {
	c.NewFlows, err = parsePlainRate(text)
	if err == nil && c.NewFlows.PerSecond() < 1./60 {
		return fmt.Errorf("want at least 1/min, not %q", text)
	}
	return err
}

func setSourceRate(c *Config, text string) (err error) {
	c.SourceRate = Rate{}
	if text == "off" {
		return nil
	}
	if c.SourceRate, err = ParseRate(text); err != nil {
		return fmt.Errorf("%w; or off", err)
	}
	return nil
}

func setLogLevel(c *Config, text string) error { return c.LogLevel.UnmarshalText([]byte(text)) }

func setLogFormat(c *Config, text string) error {
	c.LogFormat = text
	return nil
}
