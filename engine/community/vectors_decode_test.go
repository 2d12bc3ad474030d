package community

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"peerscope/engine/internal/vectors"
	"peerscope/engine/keyvault"
	"peerscope/engine/peer"
)

// messageKinds are the kinds of vectors that are one packet to this package.
var messageKinds = []string{
	"introduction-request", "introduction-request-2014", "introduction-response", "puncture-request", "puncture",
	"new-introduction-request", "new-introduction-response", "new-puncture-request", "new-puncture",
	"similarity-request", "similarity-response", "ping", "pong", "ignored", "short-packet", "beacon",
}

// vectorTime is when the packets of the vectors arrive.
var vectorTime = time.Date(2026, 11, 22, 15, 2, 11, 0, time.UTC)

// newTestDecoder understands the DiscoveryCommunity and whatever else is named.
func newTestDecoder(further ...peer.CommunityID) *Decoder {
	d := &Decoder{
		Communities: map[peer.CommunityID]bool{DiscoveryCommunityID: true},
		Discovery:   DiscoveryCommunityID,
		Verifier:    keyvault.NewVerifier(keyvault.VerifierConfig{}),
	}
	for _, id := range further {
		d.Communities[id] = true
	}
	return d
}

// decode takes a packet through both stages.
func (d *Decoder) decode(source string, t testing.TB, packet []byte) (Message, Reason) {
	t.Helper()
	from := address(t, source)
	if _, reason := d.Screen(from, packet); reason != Accepted {
		return Message{}, reason
	}
	buffer := bytes.Clone(packet)
	m, reason := d.Decode(vectorTime, from, buffer)
	clear(buffer) // a message that kept a part of it would show
	return m, reason
}

// refusals are the reasons under which a packet of an outcome may be dropped.
// Unlike py-ipv8 we check keys and signatures before the payload.
func refusals(v *vectors.Vector) []Reason {
	switch {
	case v.Outcome == "bad-signature":
		return []Reason{BadSignature, BadKey}
	case v.Outcome == "ignored":
		return []Reason{ShortPacket, UnknownCommunity, UnknownMessage, DeprecatedMessage}
	case strings.Contains(v.Name, "/signed-") || v.PublicKey == nil:
		return []Reason{ShortPacket, Malformed, BadKey} // nothing is wrong with the signature
	}
	return []Reason{Malformed, BadKey, BadSignature}
}

// eitherWay is what becomes here of the packets about which the vectors leave
// the choice. Those not listed are accepted with py-ipv8's fields.
var eitherWay = map[string]Reason{
	// A 2014 request that ends early is too long for today's layout to be meant.
	"introduction-request-2014/signed-short/22": Malformed,
	// One key has one spelling (IPv8 reference, 5.4).
	"introduction-request/wrong-key/nacl-75":         BadKey,
	"introduction-request/wrong-key/nacl-106":        BadKey,
	"introduction-request/wrong-key/der-plus-1":      BadKey,
	"introduction-request/wrong-key/compressed":      BadKey,
	"introduction-request/wrong-key/hybrid":          BadKey,
	"introduction-request/wrong-key/curve-secp256k1": BadKey,
	"introduction-request/wrong-key/curve-secp256r1": BadKey,
	"introduction-request/wrong-key/curve-sect283k1": BadKey,
	"introduction-request/wrong-key/curve-sect163r2": BadKey,
}

func TestDecodeVectors(t *testing.T) {
	unused := map[string]bool{}
	for name := range eitherWay {
		unused[name] = true
	}
	for _, kind := range messageKinds {
		t.Run(kind, func(t *testing.T) {
			for _, v := range vectors.ByKind(t, kind) {
				delete(unused, v.Name)
				t.Run(v.Name, func(t *testing.T) { checkDecoding(t, &v) })
			}
		})
	}
	if vectors.External() {
		return // the list is about our own file
	}
	for name := range unused {
		t.Errorf("%s: listed in eitherWay, and there is no such vector", name)
	}
}

func checkDecoding(t *testing.T, v *vectors.Vector) {
	d := newTestDecoder()
	if strings.HasPrefix(v.Name, "tracker/") { // trackers answer in any community
		d.Communities[peer.CommunityID(v.Packet[2:22])] = true
	}
	source := v.Source
	if source == "" { // beacons have none
		source = "192.0.2.1:8090"
	}
	m, reason := d.decode(source, t, v.Packet)
	choice, listed := eitherWay[v.Name]
	switch {
	case v.Kind == "beacon":
		if reason != UnknownCommunity {
			t.Errorf("got %v, want %v: a beacon is no packet", reason, UnknownCommunity)
		}
	case v.Policy == "either" && vectors.External() && reason != Accepted:
		if want := []Reason{Malformed, BadKey}; !slices.Contains(want, reason) {
			t.Errorf("got %v, want one of %v, or the recorded fields", reason, want)
		}
	case v.Policy == "accept", v.Policy == "either" && !listed:
		checkMessage(t, v, &m, reason)
	case v.Policy == "either":
		if reason != choice {
			t.Errorf("got %v, want %v", reason, choice)
		}
	case v.Policy == "reject":
		if want := refusals(v); !slices.Contains(want, reason) {
			t.Errorf("got %v, want one of %v", reason, want)
		}
	default:
		t.Errorf("policy %q: got %v and nothing to compare it with", v.Policy, reason)
	}
}

func checkMessage(t *testing.T, v *vectors.Vector, m *Message, reason Reason) {
	t.Helper()
	if reason != Accepted {
		t.Fatalf("got %v, want it accepted", reason)
	}
	want := readFields(t, v.Fields)
	for _, difference := range fieldsOf(m.Payload).diff(want) {
		t.Error(difference)
	}
	if got := float64(m.GlobalTime); got != want["global_time"] {
		t.Errorf("global_time: got %v, want %v", got, want["global_time"])
	}
	if int(m.ID) != *v.MessageID {
		t.Errorf("message id: got %d, want %d", m.ID, *v.MessageID)
	}
	if m.Source != address(t, v.Source) || m.At != vectorTime || m.Community != peer.CommunityID(v.Packet[2:22]) {
		t.Errorf("got a message from %v at %v in %v", m.Source, m.At, m.Community)
	}
	if !bytes.Equal(m.Key.Bytes(), v.PublicKey) && len(m.Key.Bytes())+len(v.PublicKey) > 0 {
		t.Errorf("key: got %x, want %s", m.Key.Bytes(), v.PublicKey)
	}
	if signed := v.PublicKey != nil; signed && !bytes.Equal(m.Mid[:], v.Mid) || !signed && !m.Mid.IsZero() {
		t.Errorf("mid: got %v, want %s", m.Mid, v.Mid)
	}
}
