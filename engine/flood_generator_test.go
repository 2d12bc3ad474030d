//go:build linux

package engine

import (
	"math/rand/v2"
	"net/netip"
	"time"

	"peerscope/engine/udp"
)

const (
	// floodSlice is the time between two bursts.
	floodSlice = 2 * time.Millisecond
	// One of floodFew packets comes from one of floodFewSources addresses, too many
	// for any rate per source; the others from one of a million.
	floodFew        = 8
	floodFewSources = 16
)

// A generator sends the flood.
type generator struct {
	conn   *udp.Conn
	target netip.AddrPort
	rng    *rand.Rand
	pool   floodPool
	next   int // packet
	batch  []udp.Datagram
}

// generated is what a generator did.
type generated struct {
	Sent   uint64 // packets that the kernel took
	Took   time.Duration
	Errors map[string]uint64 // packets that it did not take
}

// newGenerator builds the packets. Its socket takes what the engine sends to the
// flood's sources, for nobody.
func newGenerator(order floodOrder) (*generator, error) {
	any := netip.AddrPortFrom(netip.IPv4Unspecified(), 0)
	conn, err := udp.Listen("udp4", any, udp.Config{Device: "lo", ReceiveBuffer: 1})
	if err != nil {
		return nil, err
	}
	rng := rand.New(rand.NewPCG(order.Seed, order.Seed))
	return &generator{conn: conn, target: order.Target, rng: rng, pool: newFloodPool(rng, order.Strangers, order.OldCurve)}, nil
}

// run sends rate packets a second: again and again those that are due. A burst
// that comes late, because somebody else had the processor, is the longer for it.
func (g *generator) run(rate int, length time.Duration) (r generated, err error) {
	start := time.Now()
	for r.Took < length {
		time.Sleep(floodSlice)
		r.Took = time.Since(start)
		due := int(float64(rate) * min(r.Took, length).Seconds())
		for g.next < due {
			n, err := g.conn.WriteBatch(g.burst(min(due-g.next, udp.BatchSize)))
			if err != nil {
				return r, err
			}
			r.Sent += uint64(n)
		}
	}
	r.Took = time.Since(start)
	r.Errors = g.conn.WriteErrors()
	return r, nil
}

// burst makes the next n packets, of each kind in turn.
func (g *generator) burst(n int) []udp.Datagram {
	g.batch = g.batch[:0]
	for range n {
		kind := g.pool[g.next%len(g.pool)]
		p := kind[g.next/len(g.pool)%len(kind)]
		from := p.from
		switch {
		case g.rng.IntN(floodFew) == 0:
			from = netip.AddrFrom4([4]byte{127, 2, 0, byte(g.rng.IntN(floodFewSources))})
		case !from.IsValid():
			from = floodSource(g.rng.IntN(1 << 20))
		}
		g.batch = append(g.batch, udp.Datagram{Data: p.data, Addr: g.target, Local: from})
		g.next++
	}
	return g.batch
}
