package simnet

import (
	"hash/fnv"
	"net/netip"
	"time"
)

const (
	minSweep       = 64
	maxPermissions = 1 << 16
	firstNATPort   = 1024
	natPorts       = 1<<16 - firstNATPort
)

// mappingKey is what an outside port stands for. remote is zero but for [Symmetric].
type mappingKey struct {
	inside, remote netip.AddrPort
}

// mapping is an outside port and who may send to it.
type mapping struct {
	key      mappingKey
	port     uint16
	used     time.Time                    // when the inside last sent
	allowed  map[netip.AddrPort]time.Time // when the inside last sent there; see NAT.permission
	sweepLen int                          // as NAT.sweepLen, for allowed
}

// newMapping opens a port for key, or returns nil when there are too many.
func (t *NAT) newMapping(key mappingKey, now time.Time) *mapping {
	if len(t.byPort) >= t.sweepLen {
		for _, m := range t.byPort {
			if t.expired(m.used, now) {
				t.forget(m)
			}
		}
		t.sweepLen = min(t.cfg.MaxMappings, max(minSweep, 2*len(t.byPort)))
	}
	if len(t.byPort) >= t.cfg.MaxMappings {
		return nil
	}
	port := t.freePort(key)
	m := &mapping{key: key, port: port, allowed: make(map[netip.AddrPort]time.Time), sweepLen: minSweep}
	t.byKey[key], t.byPort[port] = m, m
	return m
}

// freePort picks an outside port: the inside's own where the NAT can keep it, as most
// do, else one that follows from the seed and the key alone, so that it does not depend
// on which of two hosts sent first. The caller knows that there is a free one.
func (t *NAT) freePort(key mappingKey) uint16 {
	own := key.inside.Port()
	if t.cfg.Kind != Symmetric && own >= firstNATPort && t.byPort[own] == nil {
		return own
	}
	for i := t.hash(key); ; i++ {
		port := uint16(firstNATPort + i%natPorts)
		if t.byPort[port] == nil {
			return port
		}
	}
}

// hash spreads keys over ports.
func (t *NAT) hash(key mappingKey) uint64 {
	var buf [96]byte
	b := buf[:0]
	for shift := 0; shift < 64; shift += 8 {
		b = append(b, byte(t.seed>>shift))
	}
	b = key.inside.AppendTo(b)
	b = append(b, '>')
	b = key.remote.AppendTo(b)
	h := fnv.New64a()
	h.Write(b)
	return h.Sum64() >> 8 // the low bits of FNV mix least
}

// forget closes a port.
func (t *NAT) forget(m *mapping) {
	delete(t.byKey, m.key)
	delete(t.byPort, m.port)
}
