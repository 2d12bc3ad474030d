package engine

import (
	"net/netip"
	"time"
)

// SourceRate bounds the packets taken from one source.
type SourceRate struct {
	// PerSecond is the sustained rate; 0 or less is no limit.
	PerSecond float64
	// Burst is how many may come at once, at least one.
	Burst float64
}

// DefaultSourceRate is 50 packets a second with bursts of 200.
var DefaultSourceRate = SourceRate{PerSecond: 50, Burst: 200}

// sourcesMax bounds the sources remembered in each of two generations.
const sourcesMax = 1 << 15

// sourceLimit holds a token bucket per source. When a generation is full the
// one before it is forgotten: whoever can fake that many sources gains fresh
// buckets, and the memory stays bounded. It belongs to one reader.
type sourceLimit struct {
	rate         SourceRate
	newer, older map[netip.AddrPort]sourceBucket
}

type sourceBucket struct {
	tokens float32
	filled int64 // ns since the limit's start
}

// source is what counts as one: an address of IPv4, a /64 of IPv6, and on
// loopback, where every node of a test network lives, address and port.
func source(a netip.AddrPort) netip.AddrPort {
	ip := a.Addr()
	switch {
	case ip.IsLoopback():
		return a
	case ip.Is6():
		p, _ := ip.Prefix(64)
		return netip.AddrPortFrom(p.Addr(), 0)
	}
	return netip.AddrPortFrom(ip, 0)
}

// allow takes one packet's token. now is nanoseconds on the monotonic clock.
func (l *sourceLimit) allow(now int64, from netip.AddrPort) bool {
	if l.rate.PerSecond <= 0 {
		return true
	}
	key := source(from)
	b := l.bucket(now, key)
	refill := float64(now-b.filled) / float64(time.Second) * l.rate.PerSecond
	b.tokens = float32(min(l.burst(), float64(b.tokens)+refill))
	b.filled = now
	ok := b.tokens >= 1
	if ok {
		b.tokens--
	}
	l.newer[key] = b
	return ok
}

// burst is at least one packet: a bucket for less would let none pass.
func (l *sourceLimit) burst() float64 { return max(1, l.rate.Burst) }

func (l *sourceLimit) bucket(now int64, key netip.AddrPort) sourceBucket {
	if b, ok := l.newer[key]; ok {
		return b
	}
	b, ok := l.older[key]
	if !ok {
		b = sourceBucket{tokens: float32(l.burst()), filled: now}
	}
	if l.newer == nil || len(l.newer) >= sourcesMax {
		l.older, l.newer = l.newer, make(map[netip.AddrPort]sourceBucket)
	}
	return b
}
