package community

import (
	"strings"
	"testing"
	"time"

	"peerscope/engine/internal/vectors"
	"peerscope/engine/requestcache"
	"peerscope/engine/wire"
)

// TestBehaviourVectors delivers each packet to a node in the recorded state and
// compares what that changes and what is sent. Responses are delivered twice:
// unasked, when they must change nothing, and as the answer to a request.
func TestBehaviourVectors(t *testing.T) {
	unused := map[string]bool{}
	for name := range deviations {
		unused[name] = true
	}
	for _, v := range vectors.ByKind(t, "behaviour") {
		delete(unused, v.Name)
		t.Run(v.Name, func(t *testing.T) {
			if !isResponse(&v) {
				checkBehaviour(t, &v)
				return
			}
			t.Run("unasked", func(t *testing.T) { checkUnasked(t, &v) })
			t.Run("asked", func(t *testing.T) { checkBehaviour(t, &v) })
		})
	}
	if vectors.External() {
		return // the list is about our own file
	}
	for name := range unused {
		t.Errorf("%s: listed as a deviation, and there is no such vector", name)
	}
}

func isResponse(v *vectors.Vector) bool {
	switch wire.MessageID(*v.MessageID) {
	case wire.IntroductionResponseID, wire.NewIntroductionResponseID, wire.SimilarityResponseID:
		return true
	}
	return false
}

// checkUnasked wants a response that nobody asked for to change nothing (Q18).
func checkUnasked(t *testing.T, v *vectors.Vector) {
	n := newVectorNode(t, v, false)
	before := n.state()
	reason := n.o.deliver(address(t, v.Source), v.Packet)
	if own := strings.HasPrefix(v.Name, "behaviour/own-key/"); reason != UnaskedResponse && !own || own && reason != OwnKey {
		t.Errorf("got %v", reason)
	}
	for _, difference := range before.effect(n).diff(&effect{}) {
		t.Error(difference)
	}
}

// checkBehaviour compares the effect of a packet with the recorded one, or with
// what the table of deviations makes of it.
func checkBehaviour(t *testing.T, v *vectors.Vector) {
	if vectors.External() {
		checkForeign(t, v)
		return
	}
	d, deviates := deviations[v.Name]
	if v.EffectPolicy == "required" && deviates && !d.secondSocket {
		t.Errorf("deviates although the effect is required")
	}
	if d.secondSocket { // with an IPv6 socket there is no deviation
		got, recorded := runBehaviour(t, v, true)
		for _, difference := range got.diff(recorded) {
			t.Errorf("with an IPv6 socket: %s", difference)
		}
	}
	got, recorded := runBehaviour(t, v, false)
	if !deviates {
		for _, difference := range got.diff(recorded) {
			t.Error(difference)
		}
		return
	}
	if got.diff(recorded) == nil {
		t.Errorf("listed as a deviation (%s) and does not deviate", d.why)
	}
	d.apply(recorded)
	for _, difference := range got.diff(recorded) {
		t.Errorf("beyond the deviation (%s): %s", d.why, difference)
	}
}

// checkForeign compares with a vector of another file, which no list of ours
// knows: where the effect is not required ours may be any part of it. A node
// with an IPv6 socket does what the recorded one, which had none, would have
// liked to do.
func checkForeign(t *testing.T, v *vectors.Vector) {
	var differences []string
	for _, six := range []bool{false, true} {
		got, recorded := runBehaviour(t, v, six)
		differences = got.diff(recorded)
		if differences == nil || v.EffectPolicy != "required" && got.within(recorded) {
			return
		}
	}
	for _, difference := range differences {
		t.Error(difference)
	}
}

// within tells whether an effect changes no more of the state than another.
func (e *effect) within(other *effect) bool {
	for mid, ids := range e.services {
		if missing(ids, other.services[mid]) != nil {
			return false
		}
	}
	for mid, to := range e.moved {
		if missing(to, other.moved[mid]) != nil {
			return false
		}
	}
	return missing(e.verified, other.verified) == nil && missing(e.addresses, other.addresses) == nil &&
		(e.myWAN == "" || e.myWAN == other.myWAN)
}

// runBehaviour delivers a vector's packet, as an answer if it is a response.
func runBehaviour(t *testing.T, v *vectors.Vector, six bool) (got, recorded *effect) {
	t.Helper()
	n := newVectorNode(t, v, six)
	if isResponse(v) {
		n.expect(v)
	}
	before := n.state()
	n.o.deliver(address(t, v.Source), v.Packet)
	if pending := n.o.requests.Len(); isResponse(v) && pending > 0 && *v.MessageID != int(wire.SimilarityResponseID) {
		pending -= len(n.o.sent) // similarity requests of our own that follow it
		if pending > 0 && !strings.HasPrefix(v.Name, "behaviour/own-key/") {
			t.Errorf("%d requests are still pending", pending)
		}
	}
	return before.effect(n), n.recorded(v)
}

// expect has the node wait for the vector's response, as if it had asked.
func (n *vectorNode) expect(v *vectors.Vector) {
	n.t.Helper()
	f := readFields(n.t, v.Fields)
	identifier, to := uint16(f["identifier"].(float64)), address(n.t, v.Source)
	var r requestcache.Request = &requestcache.IntroductionRequestCache{
		Address: to, Identifier: identifier, Community: DiscoveryCommunityID, SentAt: n.o.now,
	}
	if wire.MessageID(*v.MessageID) == wire.SimilarityResponseID {
		r = &similarityRequest{SimilarityRequestCache: requestcache.SimilarityRequestCache{
			Address: to, Identifier: identifier, Community: DiscoveryCommunityID, SentAt: n.o.now,
		}}
	}
	if err := n.o.requests.Add(n.o.now, r); err != nil {
		n.t.Fatal(err)
	}
	n.o.now = n.o.now.Add(50 * time.Millisecond)
}
