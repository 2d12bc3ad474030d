package community

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"reflect"
	"slices"
	"testing"

	"peerscope/engine/internal/vectors"
	"peerscope/engine/peer"
)

// nodeState is what a packet can change.
type nodeState struct {
	verified  map[string]bool
	services  map[string][]string
	known     map[netip.AddrPort]bool
	addresses map[string][]string
	wan       netip.AddrPort
	records   int
}

func (n *vectorNode) state() *nodeState {
	s := &nodeState{
		verified: map[string]bool{}, services: map[string][]string{}, addresses: map[string][]string{},
		known: map[netip.AddrPort]bool{}, wan: n.o.MyWAN(), records: n.o.network.Stats().Addresses,
	}
	for _, mid := range n.mids {
		for _, id := range n.o.network.ServicesOf(mid) {
			s.services[mid.String()] = append(s.services[mid.String()], id.String())
		}
	}
	for i := range n.o.network.Len() {
		p := n.o.network.At(i)
		s.verified[p.Mid.String()] = true
		for _, a := range p.Addresses() {
			s.addresses[p.Mid.String()] = append(s.addresses[p.Mid.String()], a.String())
		}
	}
	for _, a := range n.candidates {
		s.known[a] = n.o.network.Listed(a)
	}
	return s
}

// An effect is what a packet changed, as the vectors record it.
type effect struct {
	verified  []string
	services  map[string][]string
	addresses []string
	moved     map[string][]string
	myWAN     string
	sent      []sentPacket
	own       peer.Mid // whose node it is
	lan       string   // of a requester, as it says
}

type sentPacket struct {
	to     string
	id     int
	fields fields
	signer string
	time   any
}

// effect is what changed since the state s.
func (s *nodeState) effect(n *vectorNode) *effect {
	now := n.state()
	e := &effect{services: map[string][]string{}, moved: map[string][]string{}}
	for mid := range now.verified {
		if !s.verified[mid] {
			e.verified = append(e.verified, mid)
		} else if added := missing(now.addresses[mid], s.addresses[mid]); added != nil {
			e.moved[mid] = added
		}
	}
	for mid, ids := range now.services {
		if added := missing(ids, s.services[mid]); added != nil {
			e.services[mid] = added
		}
	}
	listed := 0
	for a := range now.known {
		if !now.known[a] || s.known[a] {
			continue
		}
		listed++
		// A peer that moved has its new address listed in place of the former
		// one, where py-ipv8 keeps the former and does not list the new one.
		if !slices.ContainsFunc(slices.Collect(maps.Values(e.moved)), func(to []string) bool {
			return slices.Contains(to, a.String())
		}) {
			e.addresses = append(e.addresses, a.String())
		}
	}
	if got, want := now.records-s.records, listed-len(e.moved); got != want {
		n.t.Errorf("got %d more address records, want %d", got, want)
	}
	if now.wan != s.wan {
		e.myWAN = now.wan.String()
	}
	for _, p := range n.o.sent {
		e.sent = append(e.sent, describe(n.t, p))
	}
	return e
}

func describe(t testing.TB, p Packet) sentPacket {
	t.Helper()
	r := read(t, p)
	s := sentPacket{r.to.String(), int(r.id), fieldsOf(r.payload), "", float64(r.time)}
	if !r.signer.IsZero() {
		s.signer = r.signer.String()
	}
	return s
}

// recorded reads the effect that py-ipv8 3.0 had.
func (n *vectorNode) recorded(v *vectors.Vector) *effect {
	n.t.Helper()
	var all struct {
		Effect struct {
			Verified  []string            `json:"verified"`
			Services  map[string][]string `json:"services"`
			Addresses []string            `json:"addresses"`
			Moved     map[string][]string `json:"moved"`
			MyWAN     string              `json:"my_wan"`
			Sent      []struct {
				To        string          `json:"to"`
				MessageID int             `json:"message_id"`
				Fields    json.RawMessage `json:"fields"`
				SignedBy  string          `json:"signed_by"`
			} `json:"sent"`
		} `json:"effect"`
	}
	v.Decode(n.t, v.PyIPv830, &all)
	r := all.Effect
	e := &effect{
		verified: r.Verified, services: r.Services, addresses: r.Addresses, moved: nonEmpty(r.Moved), myWAN: r.MyWAN,
		own: n.o.keys[0].mid,
	}
	e.lan, _ = readFields(n.t, v.Fields)["source_lan_address"].(string)
	for _, s := range r.Sent {
		f := fields{}
		if err := json.Unmarshal(s.Fields, &f); err != nil {
			n.t.Fatal(err)
		}
		e.sent = append(e.sent, sentPacket{s.To, s.MessageID, f, s.SignedBy, f["global_time"]})
	}
	return e
}

// diff compares our effect with the wanted one.
func (e *effect) diff(want *effect) (differences []string) {
	report := func(what string, got, want any) {
		differences = append(differences, fmt.Sprintf("%s: got %v, want %v", what, got, want))
	}
	if got, want := sorted(e.verified), sorted(want.verified); !slices.Equal(got, want) {
		report("verified", got, want)
	}
	if got, want := sortedValues(e.services), sortedValues(want.services); !reflect.DeepEqual(got, want) {
		report("services", got, want)
	}
	if got, want := sorted(e.addresses), sorted(want.addresses); !slices.Equal(got, want) {
		report("addresses", got, want)
	}
	if got, want := sortedValues(e.moved), sortedValues(want.moved); !reflect.DeepEqual(got, want) {
		report("moved", got, want)
	}
	if e.myWAN != want.myWAN {
		report("my_wan", e.myWAN, want.myWAN)
	}
	if len(e.sent) != len(want.sent) {
		report("sent", e.sent, want.sent)
		return differences
	}
	for i := range e.sent {
		differences = append(differences, e.sent[i].diff(&want.sent[i], want.lan)...)
	}
	return differences
}

// diff compares a sent packet with the wanted one. Two fields are compared
// loosely: what new-style messages carry as our WAN address is nothing to rely
// on (8.1), ours has to be the estimate or the LAN address; and lan_walker may be
// the requester's LAN address instead of our own (Q5).
func (s *sentPacket) diff(want *sentPacket, lan string) (differences []string) {
	if s.id != want.id || want.to != "random" && s.to != want.to || s.signer != want.signer {
		differences = append(differences, fmt.Sprintf("got %d to %s by %.8s, want %d to %s by %.8s",
			s.id, s.to, s.signer, want.id, want.to, want.signer))
	}
	if want.time != "any" && s.time != want.time {
		differences = append(differences, fmt.Sprintf("%d: global time: got %v, want %v", s.id, s.time, want.time))
	}
	var loose []string
	if walker, ok := s.fields["lan_walker_address"]; ok && walker == lan {
		loose = append(loose, "lan_walker_address")
	}
	if s.id == 233 || s.id == 234 {
		loose = append(loose, "source_wan_address")
		if wan := s.fields["source_wan_address"]; wan != "203.0.113.77:8090" && wan != "192.168.77.7:8090" {
			differences = append(differences, fmt.Sprintf("%d: source_wan_address: got %v", s.id, wan))
		}
	}
	for _, d := range s.fields.diff(want.fields, loose...) {
		differences = append(differences, fmt.Sprintf("%d: %s", s.id, d))
	}
	return differences
}

// missing is what list has and before has not.
func missing(list, before []string) (added []string) {
	for _, s := range list {
		if !slices.Contains(before, s) {
			added = append(added, s)
		}
	}
	return added
}

func nonEmpty(m map[string][]string) map[string][]string {
	maps.DeleteFunc(m, func(_ string, list []string) bool { return len(list) == 0 })
	return m
}

func sorted(list []string) []string { return slices.Sorted(slices.Values(list)) }

func sortedValues(m map[string][]string) map[string][]string {
	out := map[string][]string{}
	for k, list := range m {
		out[k] = sorted(list)
	}
	return out
}
