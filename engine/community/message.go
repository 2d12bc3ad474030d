package community

import (
	"net/netip"
	"sync/atomic"
	"time"

	"peerscope/engine/keyvault"
	"peerscope/engine/peer"
	"peerscope/engine/wire"
)

// A Message is a packet that passed every check which needs no state: layout,
// key and signature. It shares no memory with the datagram.
type Message struct {
	Source    netip.AddrPort
	Local     netip.Addr // the address of ours that it was sent to, if known
	At        time.Time  // arrival, on the monotonic clock
	Community peer.CommunityID
	ID        wire.MessageID
	// Key and Mid are the signer's; zero when the message is not a signed one.
	Key        keyvault.PublicKey
	Mid        peer.Mid
	GlobalTime uint64
	Payload    wire.Payload
}

// A Packet is what we want to send. A packet with a Key gets that key's
// signature appended before it leaves.
type Packet struct {
	To   netip.AddrPort
	From netip.Addr // our address to answer from; zero leaves it to the system
	Data []byte
	Key  *keyvault.PrivateKey
	// Stamp, when not nil, receives the time just before the packet was sent.
	Stamp *Stamp
}

// A Stamp carries the send time of one packet from the goroutine that writes
// the socket back to the loop.
type Stamp struct {
	queued time.Time
	after  atomic.Int64 // nanoseconds from queued to sent
}

// NewStamp starts from the time at which the packet was queued, which stands
// until Set is called.
func NewStamp(queued time.Time) *Stamp { return &Stamp{queued: queued} }

// Set records the time of sending.
func (s *Stamp) Set(t time.Time) { s.after.Store(int64(t.Sub(s.queued))) }

// Time is when the packet was sent, on the monotonic clock.
func (s *Stamp) Time() time.Time { return s.queued.Add(time.Duration(s.after.Load())) }
