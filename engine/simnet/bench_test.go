package simnet

import (
	"fmt"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"peerscope/engine/udp"
)

// BenchmarkMinute is a minute of virtual time with 200 nodes, each of which asks 20
// others every second and answers what it is asked: 480,000 datagrams an op.
func BenchmarkMinute(b *testing.B) {
	const nodes, fanout, seconds = 200, 20, 60
	b.ReportAllocs()
	delivered := uint64(0)
	for b.Loop() {
		// A bubble wants a T, which a benchmark has not; nothing here uses it.
		synctest.Test(new(testing.T), func(t *testing.T) {
			n := New(Config{Seed: 1, Links: always(Link{Delay: 20 * time.Millisecond, Jitter: 20 * time.Millisecond})})
			defer n.Close()
			addrs := make([]netip.AddrPort, nodes)
			for i := range addrs {
				addrs[i] = addrPort(fmt.Sprintf("192.0.2.%d:8090", i))
			}
			for i := range addrs {
				node, err := n.Listen(addrs[i])
				if err != nil {
					panic(err)
				}
				go answer(node)
				go ask(node, addrs, i, fanout, seconds)
			}
			time.Sleep((seconds + 1) * time.Second)
			delivered += n.Stats().Delivered
		})
	}
	if want := uint64(b.N) * nodes * fanout * seconds * 2; delivered != want {
		b.Fatalf("%d delivered, want %d", delivered, want)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(delivered), "ns/datagram")
}

// answer sends back every datagram that is a question.
func answer(c *Conn) {
	ds := make([]udp.Datagram, udp.BatchSize)
	for i := range ds {
		ds[i].Data = make([]byte, 0, 64)
	}
	for {
		n, err := c.ReadBatch(ds)
		if err != nil {
			return
		}
		for i := range n {
			if d := &ds[i]; d.Data[0] == '?' {
				d.Data[0] = '!'
				c.WriteBatch(ds[i : i+1])
			}
		}
	}
}

// ask sends a question to the nodes after the i-th every second.
func ask(c *Conn, addrs []netip.AddrPort, i, fanout, seconds int) {
	question := make([]byte, 32)
	question[0] = '?'
	out := make([]udp.Datagram, fanout)
	for k := range out {
		out[k] = udp.Datagram{Data: question, Addr: addrs[(i+k+1)%len(addrs)]}
	}
	for range seconds {
		c.WriteBatch(out)
		time.Sleep(time.Second)
	}
}
