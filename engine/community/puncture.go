package community

import (
	"net/netip"
	"time"

	"peerscope/engine/wire"
)

const (
	// punctureInterval is how often one destination may be punctured: puncture
	// requests are unsigned and three times shorter than the puncture (Q19).
	punctureInterval = 5 * time.Second
	// puncturesMax bounds the destinations of one interval.
	puncturesMax = 1 << 14
)

// walker is what old and new puncture requests say: who wants to reach us.
type walker struct {
	lan, wan   netip.AddrPort
	identifier uint16
	style      style
}

// OnPunctureRequest sends a puncture to the walker, by its LAN address if it
// shares our WAN address (IPv8 reference, 8.6). The request is unsigned and its
// target is anyone, so punctures are limited per destination (Q19).
func (c *Community) OnPunctureRequest(now time.Time, m *Message, w walker) Reason {
	h := c.host
	target := w.wan
	if w.wan.Addr() == h.MyWAN().Addr() {
		target = w.lan
	}
	if !h.usable(target) {
		return PunctureRefused
	}
	if !h.punctures.allow(now, target) {
		return PunctureLimited
	}
	t := c.claimGlobalTime()
	if w.style == newStyle {
		return c.pack(Packet{To: target}, t, wire.NewPuncture{
			SourceLANAddress: h.MyLAN(true), SourceWANAddress: w.wan, Identifier: w.identifier,
		})
	}
	return c.pack(Packet{To: target}, t, wire.Puncture{
		SourceLANAddress: h.MyLAN(true), SourceWANAddress: w.wan, Identifier: w.identifier,
	})
}

// OnPuncture takes 249 and 231. The datagram has done its work by arriving; it
// verifies nobody, and moves nobody either (Q16).
func (c *Community) OnPuncture(time.Time, *Message) Reason { return Accepted }
