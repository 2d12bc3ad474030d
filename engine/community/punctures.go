package community

import (
	"net/netip"
	"time"
)

const (
	// punctureInterval is how often one destination may be punctured: puncture
	// requests are unsigned and three times shorter than the puncture (Q19).
	punctureInterval = 5 * time.Second
	// puncturesMax bounds the destinations remembered in each generation.
	puncturesMax = 1 << 14
)

// punctures remembers where we lately sent one. Two generations that turn every
// interval hold at least the last interval; when one overflows within an
// interval, further destinations are refused until it turns.
type punctures struct {
	newer, older map[netip.AddrPort]time.Time
	turned       time.Time
}

func (p *punctures) allow(now time.Time, to netip.AddrPort) bool {
	if now.Sub(p.turned) >= punctureInterval || p.newer == nil {
		p.older, p.newer, p.turned = p.newer, make(map[netip.AddrPort]time.Time), now
	}
	for _, generation := range [...]map[netip.AddrPort]time.Time{p.newer, p.older} {
		if last, ok := generation[to]; ok && now.Sub(last) < punctureInterval {
			return false
		}
	}
	if len(p.newer) >= puncturesMax {
		return false
	}
	p.newer[to] = now
	return true
}
