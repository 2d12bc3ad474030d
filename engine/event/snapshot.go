package event

import (
	"net/netip"
	"time"

	"peerscope/engine/peer"
)

// A Snapshot is the engine's state in numbers. It contains all events up to Seq
// and none after it.
type Snapshot struct {
	Seq   uint64
	Epoch int64 // unix ms, see [Log.Epoch]
	// Started and Time are the start of the engine and the time of the snapshot.
	Started, Time time.Time
	// Verified counts peers (keys), Walkable addresses of the DiscoveryCommunity
	// that may be walked to.
	Verified, Walkable int
	// LAN and WAN are the estimates of our own address.
	LAN, WAN netip.AddrPort
	// Isolated: nobody answers at present.
	Isolated bool
	// PingInterval is the present interval, stretched when there are many peers;
	// QuietAfter and DropAfter follow it.
	PingInterval, QuietAfter, DropAfter time.Duration
	// Communities are those that we are in.
	Communities []OwnCommunity
}

// An OwnCommunity is a community that we are in.
type OwnCommunity struct {
	ID peer.CommunityID
	// Mid is our identity in it.
	Mid peer.Mid
	// Peers counts its verified members.
	Peers int
}

// A Peer is one verified peer as the engine knows it.
type Peer struct {
	Mid          peer.Mid
	PublicKey    []byte
	KeyType      string
	Address      netip.AddrPort
	Communities  []peer.CommunityID
	VerifiedAt   time.Time
	LastResponse time.Time
	Quiet        bool
	// LastRTT and MedianRTT are of the last few pings; Samples says how many, 0
	// when there is none yet.
	LastRTT, MedianRTT time.Duration
	Samples            int
}
