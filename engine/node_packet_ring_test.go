package engine

import (
	"bytes"
	"net/netip"
	"testing"
	"time"

	"peerscope/engine/community"
)

var ringPeers = [...]netip.AddrPort{
	netip.MustParseAddrPort("203.0.113.5:1"), netip.MustParseAddrPort("203.0.113.6:1"),
}

// numbered records packets first to last, alternating between two peers, each
// with its number as its time and content.
func (r *packetRing) numbered(first, last int) {
	for i := first; i <= last; i++ {
		data := []byte{byte(i >> 8), byte(i)}
		r.record(nodeStart.Add(time.Duration(i)), ringPeers[i%2], i%3 == 0, community.Accepted, data)
	}
}

// wantNumbers fails unless the records are of these packets.
func wantNumbers(t *testing.T, got []PacketRecord, first, last, step int) {
	t.Helper()
	if want := (last-first)/step + 1; len(got) != want {
		t.Fatalf("%d records, want %d", len(got), want)
	}
	for i, r := range got {
		n := first + i*step
		want := PacketRecord{Time: nodeStart.Add(time.Duration(n)), Peer: ringPeers[n%2], Sent: n%3 == 0, Size: 2}
		data := []byte{byte(n >> 8), byte(n)}
		if !r.Time.Equal(want.Time) || r.Peer != want.Peer || r.Sent != want.Sent || r.Size != 2 || !bytes.Equal(r.Data, data) {
			t.Fatalf("record %d is %+v, want packet %d", i, r, n)
		}
	}
}

// The ring gives the newest records in order, before it is full and after it has
// gone round.
func TestNodePacketRing(t *testing.T) {
	r := newPacketRing()
	if got := r.last(10, nil); len(got) != 0 {
		t.Errorf("%d records of nothing", len(got))
	}
	r.numbered(1, 7)
	wantNumbers(t, r.last(100, nil), 1, 7, 1)
	wantNumbers(t, r.last(3, nil), 5, 7, 1)
	r.numbered(8, packetsKept)
	wantNumbers(t, r.last(packetsKept, nil), 1, packetsKept, 1)
	r.numbered(packetsKept+1, 2*packetsKept+123)
	wantNumbers(t, r.last(packetsKept+5, nil), packetsKept+124, 2*packetsKept+123, 1)
	wantNumbers(t, r.last(10, func(p *PacketRecord) bool { return p.Peer == ringPeers[0] }), 2*packetsKept+104, 2*packetsKept+122, 2)
	if got := r.last(0, nil); len(got) != 0 {
		t.Errorf("%d records, want none", len(got))
	}
}

// Long packets are cut, and what was handed out does not change when the slot is
// used again.
func TestNodePacketRingCopies(t *testing.T) {
	r := newPacketRing()
	long := bytes.Repeat([]byte{7}, packetBytesKept+100)
	r.record(nodeStart, ringPeers[0], false, community.Malformed, long)
	clear(long)
	got := r.last(1, nil)[0]
	if want := bytes.Repeat([]byte{7}, packetBytesKept); !bytes.Equal(got.Data, want) || got.Size != len(long) {
		t.Errorf("%d bytes of %d kept, want the first %d as they were", len(got.Data), got.Size, packetBytesKept)
	}
	r.numbered(1, packetsKept)
	if got.Data[0] != 7 || got.Data[1] != 7 {
		t.Error("a record handed out changed when its slot was used again")
	}
}

// Recording allocates nothing once the ring has gone round.
func TestNodePacketRingAllocates(t *testing.T) {
	r := newPacketRing()
	data := make([]byte, 300)
	for range packetsKept {
		r.record(nodeStart, ringPeers[0], false, community.Accepted, data)
	}
	if got := testing.AllocsPerRun(100, func() { r.record(nodeStart, ringPeers[1], true, community.Accepted, data) }); got != 0 {
		t.Errorf("%v allocations a record, want 0", got)
	}
}
