package engine

import (
	"maps"
	"net/netip"
	"testing"

	"peerscope/engine/community"
	"peerscope/engine/udp"
	"peerscope/engine/wire"
)

// quietSocket is a socket that counts and does nothing else.
type quietSocket struct {
	drops, truncated          uint64
	readErrors, writtenErrors map[string]uint64
}

func (quietSocket) ReadBatch([]udp.Datagram) (int, error)  { return 0, nil }
func (quietSocket) WriteBatch([]udp.Datagram) (int, error) { return 0, nil }
func (quietSocket) LocalAddr() netip.AddrPort              { return netip.AddrPort{} }
func (quietSocket) Close() error                           { return nil }
func (s quietSocket) KernelDrops() uint64                  { return s.drops }
func (s quietSocket) Truncated() uint64                    { return s.truncated }
func (s quietSocket) ReadErrors() map[string]uint64        { return s.readErrors }
func (s quietSocket) WriteErrors() map[string]uint64       { return s.writtenErrors }

// What the sockets count themselves is added up, and what they cut counts as
// received.
func TestNodeCountersOfSockets(t *testing.T) {
	var c counters
	c.received.Store(10)
	stats := c.stats([]Socket{
		quietSocket{3, 1, map[string]uint64{"EIO": 1}, map[string]uint64{"ENOBUFS": 2}},
		quietSocket{4, 2, nil, map[string]uint64{"ENOBUFS": 5, "EPERM": 1}},
	})
	if stats.KernelDrops != 7 || stats.Received != 13 || stats.Reasons[tooLong] != 3 {
		t.Errorf("drops %d, received %d, too long %d, want 7, 13 and 3", stats.KernelDrops, stats.Received, stats.Reasons[tooLong])
	}
	if want := map[string]uint64{"ENOBUFS": 7, "EPERM": 1}; !maps.Equal(stats.WriteErrors, want) {
		t.Errorf("write errors %v, want %v", stats.WriteErrors, want)
	}
	if want := map[string]uint64{"EIO": 1}; !maps.Equal(stats.ReadErrors, want) {
		t.Errorf("read errors %v, want %v", stats.ReadErrors, want)
	}
}

// Outcomes are counted by reason, accepted ones by message and the others by
// prefix; the caller owns what he gets.
func TestNodeCountersOfOutcomes(t *testing.T) {
	var c counters
	for _, from := range []string{"203.0.113.5:1", "203.0.113.200:2", "198.51.100.1:1", "[2001:db8:1:2::3]:1", "[2001:db8:1:9::3]:1"} {
		c.outcome(netip.MustParseAddrPort(from), wire.PingID, community.Malformed)
		c.outcome(netip.MustParseAddrPort(from), wire.PingID, community.Accepted)
	}
	c.outcome(netip.AddrPort{}, 0, community.ShortPacket)
	stats := c.stats(nil)
	if want := map[string]uint64{"accepted": 5, "malformed": 5, "short": 1}; !maps.Equal(stats.Reasons, want) {
		t.Errorf("reasons %v, want %v", stats.Reasons, want)
	}
	if want := map[string]uint64{"ping": 5}; !maps.Equal(stats.Accepted, want) {
		t.Errorf("accepted %v, want %v", stats.Accepted, want)
	}
	want := map[netip.Prefix]uint64{
		netip.MustParsePrefix("203.0.113.0/24"):  2,
		netip.MustParsePrefix("198.51.100.0/24"): 1,
		netip.MustParsePrefix("2001:db8:1::/48"): 2,
		{}:                                       1,
	}
	if !maps.Equal(stats.RejectedFrom, want) {
		t.Errorf("rejected from %v, want %v", stats.RejectedFrom, want)
	}
	stats.RejectedFrom[netip.Prefix{}] = 99
	if got := c.stats(nil).RejectedFrom[netip.Prefix{}]; got != 1 {
		t.Errorf("the counters follow changes of what they returned: %d, want 1", got)
	}
}

// The prefixes are bounded; those beyond share one entry and lose no count.
func TestNodeCountersOfManyPrefixes(t *testing.T) {
	var c counters
	const sources = rejectedPrefixes + 1000
	for i := range sources {
		a := netip.AddrFrom4([4]byte{10, byte(i >> 8), byte(i), 1})
		c.outcome(netip.AddrPortFrom(a, 1), 0, community.ShortPacket)
	}
	stats, sum := c.stats(nil), uint64(0)
	for _, k := range stats.RejectedFrom {
		sum += k
	}
	if len(stats.RejectedFrom) > rejectedPrefixes+1 || sum != sources || stats.RejectedFrom[netip.Prefix{}] != 1000 {
		t.Errorf("%d prefixes, %d packets, %d without a prefix of their own, want %d, %d and 1000",
			len(stats.RejectedFrom), sum, stats.RejectedFrom[netip.Prefix{}], rejectedPrefixes+1, sources)
	}
}
