package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"peerscope/engine/exchange"
	"peerscope/engine/keyvault"
	"peerscope/engine/peer"
	"peerscope/engine/wire"
)

// A narrator writes the steps of an exchange: lines to read, or a JSON object
// per line. What peers sent appears as hex, numbers and addresses only.
type narrator struct {
	out  io.Writer
	json bool
	name string // of the target, as it was given
	err  error  // of the first write that failed
}

// told is a step as JSON. What a step does not have is left out.
type told struct {
	Step        string             `json:"step"`
	Elapsed     float64            `json:"elapsed_ms"`
	Name        string             `json:"name,omitempty"`
	Address     string             `json:"address,omitempty"`
	Message     string             `json:"message,omitempty"`
	Bytes       int                `json:"bytes,omitempty"`
	RTT         *float64           `json:"rtt_ms,omitempty"`
	Mid         *peer.Mid          `json:"mid,omitempty"`
	KeyType     string             `json:"key_type,omitempty"`
	PublicKey   string             `json:"public_key,omitempty"`
	File        string             `json:"file,omitempty"`
	Communities []peer.CommunityID `json:"communities,omitempty"`
	Fields      map[string]string  `json:"fields,omitempty"`
	Reason      string             `json:"reason,omitempty"`
	Pings       *toldPings         `json:"pings,omitempty"`
	Ignored     *int               `json:"ignored,omitempty"`

	lines []string // below the line for people
}

// toldPings is the summary of a series of pings; without an answer there are no times.
type toldPings struct {
	Sent     int      `json:"sent"`
	Received int      `json:"received"`
	Loss     float64  `json:"loss_pct"`
	Min      *float64 `json:"min_ms,omitempty"`
	Median   *float64 `json:"median_ms,omitempty"`
	Max      *float64 `json:"max_ms,omitempty"`
}

// milliseconds has three decimals, as in the events.
func milliseconds(d time.Duration) float64 {
	return math.Round(float64(d)/float64(time.Microsecond)) / 1000
}

// step tells a step of the session.
func (n *narrator) step(s exchange.Step) {
	t := told{Step: string(s.Kind), Elapsed: milliseconds(s.Elapsed), Address: s.Address.String()}
	text := t.Address
	switch s.Kind {
	case exchange.Resolved:
		t.Name = n.name
		if t.Name != t.Address {
			text = fmt.Sprintf("%s is %s", t.Name, t.Address)
		}
	case exchange.Sent, exchange.Ignored, exchange.Received:
		t.packet(s.Packet)
		text = t.answer(s)
	case exchange.TimedOut:
		t.Reason = s.Reason.Error()
		text = fmt.Sprintf("%s from %s", t.Reason, t.Address)
	}
	n.tell(t, text)
}

// framing are fields that say nothing to a reader who has the message's name and
// its signer.
var framing = map[string]bool{
	"version": true, "message_id": true, "key_length": true, "public_key": true, "signature": true,
}

// packet adds a packet's fields.
func (t *told) packet(d wire.Description) {
	t.Message, t.Bytes = d.Name, d.Size
	t.Fields = make(map[string]string, len(d.Fields))
	for _, f := range d.Fields {
		if !framing[f.Name] {
			t.Fields[f.Name] = f.Value
		}
	}
}

// answer adds what is known of a packet beyond its fields, and returns the line
// for people.
func (t *told) answer(s exchange.Step) string {
	switch s.Kind {
	case exchange.Sent:
		return fmt.Sprintf("%s to %s, %d bytes", t.Message, t.Address, t.Bytes)
	case exchange.Ignored:
		t.Reason = s.Reason.Error()
		return fmt.Sprintf("%s from %s, %d bytes: %s", t.Message, t.Address, t.Bytes, t.Reason)
	}
	rtt := milliseconds(s.Answer.RTT)
	t.RTT = &rtt
	if mid, signed := s.Answer.Mid(); signed {
		t.Mid, t.KeyType = &mid, s.Answer.Key.Type().String()
		t.PublicKey = hex.EncodeToString(s.Answer.Key.Bytes())
		t.line("signer", fmt.Sprintf("%v (%s)", mid, t.KeyType))
	}
	if p, ok := s.Answer.Payload.(wire.SimilarityResponse); ok {
		for _, id := range p.PreferenceList {
			t.Communities = append(t.Communities, peer.CommunityID(id))
		}
	}
	t.describe(s.Packet.Fields)
	return fmt.Sprintf("%s from %s, %d bytes, round trip %.3f ms", t.Message, t.Address, t.Bytes, rtt)
}

// describe adds a line for each field, and one for each community of a list.
func (t *told) describe(fields []wire.Field) {
	for _, f := range fields {
		switch {
		case framing[f.Name], f.Name == "community_id":
		case f.Name == "preference_list":
			for _, id := range t.Communities {
				t.line("community", strings.TrimRight(fmt.Sprintf("%v %s", id, peer.Name(id)), " "))
			}
		default:
			t.line(f.Name, f.Value)
		}
	}
}

// line adds a line below the step's own; the longest name has 24 letters.
func (t *told) line(name, value string) {
	t.lines = append(t.lines, fmt.Sprintf("%-24s  %s", name, value))
}

// identity tells who signs; file is empty for a key made for the occasion.
func (n *narrator) identity(s *exchange.Session, key keyvault.PublicKey, file string) {
	mid := peer.Mid(key.Mid())
	t := told{Step: "identity", Elapsed: milliseconds(s.Elapsed()), Mid: &mid, KeyType: key.Type().String(), File: file}
	text := fmt.Sprintf("%v from %s", mid, file)
	if file == "" {
		text = fmt.Sprintf("%v, made for this request", mid)
	}
	n.tell(t, text)
}

// done tells the end.
func (n *narrator) done(s *exchange.Session) {
	ignored := s.Ignored()
	n.tell(told{Step: "done", Elapsed: milliseconds(s.Elapsed()), Ignored: &ignored}, ignoredText(ignored))
}

// pinged tells the end of a series of pings.
func (n *narrator) pinged(s *exchange.Session, p pings) {
	ignored := s.Ignored()
	sum := &toldPings{Sent: p.sent, Received: len(p.rtts), Loss: math.Round(10*p.loss()) / 10}
	text := fmt.Sprintf("%d sent, %d received, %g %% lost", sum.Sent, sum.Received, sum.Loss)
	if sum.Received > 0 {
		a, b, c := p.spread()
		least, median, greatest := milliseconds(a), milliseconds(b), milliseconds(c)
		sum.Min, sum.Median, sum.Max = &least, &median, &greatest
		text += fmt.Sprintf("; round trip min %.3f ms, median %.3f ms, max %.3f ms", least, median, greatest)
	}
	if ignored > 0 {
		text += "; " + ignoredText(ignored)
	}
	n.tell(told{Step: "done", Elapsed: milliseconds(s.Elapsed()), Pings: sum, Ignored: &ignored}, text)
}

func ignoredText(n int) string {
	switch n {
	case 0:
		return "nothing ignored"
	case 1:
		return "1 datagram ignored"
	}
	return fmt.Sprintf("%d datagrams ignored", n)
}

// tell writes a step in one write; after a failure it is silent.
func (n *narrator) tell(t told, text string) {
	if n.err != nil {
		return
	}
	var b bytes.Buffer
	if n.json {
		line, err := json.Marshal(t)
		if err != nil {
			n.err = err
			return
		}
		b.Write(append(line, '\n'))
	} else {
		fmt.Fprintf(&b, "%11.3f ms  %-9s  %s\n", t.Elapsed, t.Step, text)
		for _, line := range t.lines {
			fmt.Fprintf(&b, "%27s%s\n", "", line)
		}
	}
	_, n.err = n.out.Write(b.Bytes())
}
