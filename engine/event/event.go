// Package event is what the engine reports: numbered events, in order and
// without gaps, and the [Log] that hands them to any number of readers.
//
// The engine's loop is the only writer. Readers (the recorder, the live hub,
// `peerscope watch`) follow the log at their own pace; one that falls too far
// behind is told how many events it missed and never slows the writer.
// Nothing here is stored: the history is the store's.
package event

import (
	"net/netip"
	"time"

	"peerscope/engine/peer"
)

// An Event is one thing that happened, with its place in the order.
type Event struct {
	// Seq counts from 1 with each start of the process, without gaps.
	Seq uint64
	// Time is the wall-clock time at which the engine noticed.
	Time time.Time
	// Data says what happened.
	Data Data
}

// Data is one of the event types of this package.
type Data interface {
	// Type is the event's name in JSON, in the live messages and on the pages.
	Type() string
	// fill copies the event's values into its flat JSON form.
	fill(*flat)
}

// PeerVerified: a peer showed a valid signature and is in the table from now on.
type PeerVerified struct {
	Peer      peer.Mid
	PublicKey []byte // the key blob, as on the wire
	KeyType   string
	Address   netip.AddrPort
}

// A RemoveReason says why a peer left the table.
type RemoveReason string

// The reasons for which a peer is removed.
const (
	// Silent: nothing was heard for the drop time and a ping went unanswered.
	Silent RemoveReason = "silent"
	// Replaced: another key took over, or its only address was forgotten.
	Replaced RemoveReason = "replaced"
	// Stopped: the observer itself ended.
	Stopped RemoveReason = "stopped"
)

// PeerRemoved: a peer left the table of verified peers.
type PeerRemoved struct {
	Peer    peer.Mid
	Address netip.AddrPort
	Reason  RemoveReason
}

// AddressChanged: a peer answered a request of ours from another address.
type AddressChanged struct {
	Peer     peer.Mid
	Address  netip.AddrPort
	Previous netip.AddrPort
}

// CommunitiesLearned: a peer told which communities it is in.
type CommunitiesLearned struct {
	Peer peer.Mid
	// New holds the ids not known of this peer before, All every known id, and
	// Overlap those that the observer is in as well.
	New, All, Overlap []peer.CommunityID
}

// Introduced: one peer told us of an address in a community.
type Introduced struct {
	By        peer.Mid
	Address   netip.AddrPort
	Community peer.CommunityID
}

// PongReceived: a ping was answered.
type PongReceived struct {
	Peer    peer.Mid
	Address netip.AddrPort
	RTT     time.Duration
}

// PingLost: a ping was not answered within its 5 s.
type PingLost struct {
	Peer    peer.Mid
	Address netip.AddrPort
	// SentAt is the wall-clock time of the ping.
	SentAt time.Time
	// Isolated marks a loss that is ours: the observer reached nobody.
	Isolated bool
}

// CommunityAppeared: an id that the observer had not seen since its start.
type CommunityAppeared struct {
	Community peer.CommunityID
	// Peer is who named it first.
	Peer peer.Mid
}

// PacketRejected: a packet was dropped. These are samples, at most ten a
// second; the counters of [Snapshot] are exact.
type PacketRejected struct {
	Address netip.AddrPort
	Reason  string
}

// BootstrapAnswered: a bootstrap server answered.
type BootstrapAnswered struct {
	Address netip.AddrPort
	RTT     time.Duration
}

// BootstrapSilent: a bootstrap server did not answer in time.
type BootstrapSilent struct {
	Address netip.AddrPort
}

// ObserverIsolated: no bootstrap server and no peer answers any more.
type ObserverIsolated struct {
	// Since is the wall-clock time of the last answer: samples lost after it
	// say nothing about the peers.
	Since time.Time
}

// ObserverBack: the first answer after an isolation.
type ObserverBack struct {
	// Since is when the isolation began.
	Since time.Time
}

// Type names the event.
func (PeerVerified) Type() string { return "PeerVerified" }

// Type names the event.
func (PeerRemoved) Type() string { return "PeerRemoved" }

// Type names the event.
func (AddressChanged) Type() string { return "AddressChanged" }

// Type names the event.
func (CommunitiesLearned) Type() string { return "CommunitiesLearned" }

// Type names the event.
func (Introduced) Type() string { return "Introduced" }

// Type names the event.
func (PongReceived) Type() string { return "PongReceived" }

// Type names the event.
func (PingLost) Type() string { return "PingLost" }

// Type names the event.
func (CommunityAppeared) Type() string { return "CommunityAppeared" }

// Type names the event.
func (PacketRejected) Type() string { return "PacketRejected" }

// Type names the event.
func (BootstrapAnswered) Type() string { return "BootstrapAnswered" }

// Type names the event.
func (BootstrapSilent) Type() string { return "BootstrapSilent" }

// Type names the event.
func (ObserverIsolated) Type() string { return "ObserverIsolated" }

// Type names the event.
func (ObserverBack) Type() string { return "ObserverBack" }
