package event

import (
	"encoding/hex"
	"encoding/json"
	"math"
	"net/netip"
	"time"

	"peerscope/engine/peer"
)

// flat is an event as JSON: one object, ids and keys in lower-case hex, times
// RFC 3339 in UTC, durations in milliseconds with three decimals; what an event
// does not have is left out.
type flat struct {
	Seq         uint64              `json:"seq"`
	Time        string              `json:"time"`
	Type        string              `json:"type"`
	Mid         *peer.Mid           `json:"mid,omitempty"`
	By          *peer.Mid           `json:"by,omitempty"`
	PublicKey   string              `json:"public_key,omitempty"`
	KeyType     string              `json:"key_type,omitempty"`
	Address     *netip.AddrPort     `json:"address,omitempty"`
	Previous    *netip.AddrPort     `json:"previous,omitempty"`
	Community   *peer.CommunityID   `json:"community,omitempty"`
	New         *[]peer.CommunityID `json:"new,omitempty"`
	Communities *[]peer.CommunityID `json:"communities,omitempty"`
	Overlap     *[]peer.CommunityID `json:"overlap,omitempty"`
	RTT         *float64            `json:"rtt_ms,omitempty"`
	SentAt      string              `json:"sent_at,omitempty"`
	Since       string              `json:"since,omitempty"`
	Isolated    bool                `json:"isolated,omitempty"`
	Reason      string              `json:"reason,omitempty"`
}

// MarshalJSON gives the flat form that `peerscope watch` prints.
func (e Event) MarshalJSON() ([]byte, error) {
	f := flat{Seq: e.Seq, Time: rfc3339(e.Time), Type: e.Data.Type()}
	e.Data.fill(&f)
	return json.Marshal(f)
}

// rfc3339 formats in UTC with microseconds, the resolution of all our times.
func rfc3339(t time.Time) string {
	return t.UTC().Format("2006-01-02T15:04:05.000000Z")
}

// address leaves out what is none.
func address(a netip.AddrPort) *netip.AddrPort {
	if !a.IsValid() {
		return nil
	}
	return &a
}

func milliseconds(d time.Duration) *float64 {
	return new(math.Round(float64(d)/float64(time.Microsecond)) / 1000)
}

// list keeps an empty list an empty list: left out would read as unknown.
func list(ids []peer.CommunityID) *[]peer.CommunityID {
	if ids == nil {
		ids = []peer.CommunityID{}
	}
	return &ids
}

func (d PeerVerified) fill(f *flat) {
	f.Mid, f.Address = &d.Peer, address(d.Address)
	f.PublicKey, f.KeyType = hex.EncodeToString(d.PublicKey), d.KeyType
}

func (d PeerRemoved) fill(f *flat) {
	f.Mid, f.Address, f.Reason = &d.Peer, address(d.Address), string(d.Reason)
}

func (d AddressChanged) fill(f *flat) {
	f.Mid, f.Address, f.Previous = &d.Peer, address(d.Address), address(d.Previous)
}

func (d CommunitiesLearned) fill(f *flat) {
	f.Mid = &d.Peer
	f.New, f.Communities, f.Overlap = list(d.New), list(d.All), list(d.Overlap)
}

func (d Introduced) fill(f *flat) {
	f.By, f.Address, f.Community = &d.By, address(d.Address), &d.Community
}

func (d PongReceived) fill(f *flat) {
	f.Mid, f.Address, f.RTT = &d.Peer, address(d.Address), milliseconds(d.RTT)
}

func (d PingLost) fill(f *flat) {
	f.Mid, f.Address, f.SentAt, f.Isolated = &d.Peer, address(d.Address), rfc3339(d.SentAt), d.Isolated
}

func (d CommunityAppeared) fill(f *flat) {
	f.Community, f.Mid = &d.Community, &d.Peer
}

func (d PacketRejected) fill(f *flat) {
	f.Address, f.Reason = address(d.Address), d.Reason
}

func (d BootstrapAnswered) fill(f *flat) {
	f.Address, f.RTT = address(d.Address), milliseconds(d.RTT)
}

func (d BootstrapSilent) fill(f *flat) { f.Address = address(d.Address) }

func (d ObserverIsolated) fill(f *flat) { f.Since = rfc3339(d.Since) }

func (d ObserverBack) fill(f *flat) { f.Since = rfc3339(d.Since) }
