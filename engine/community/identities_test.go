package community

import (
	"slices"
	"testing"

	"peerscope/engine/event"
	"peerscope/engine/peer"
	"peerscope/engine/wire"
)

// Communities other than the DiscoveryCommunity, for tests.
var (
	red   = peer.CommunityID{0xaa, 1}
	green = peer.CommunityID{0xbb, 2}
	blue  = peer.CommunityID{0xcc, 3}
)

// newTwoIdentities is an observer that is in red with its first key, and in green
// and blue with a second.
func newTwoIdentities(t *testing.T) (o *observer, second *Community) {
	t.Helper()
	o = newObserver(t, observerConfig{})
	o.join(red, newKey(t, 1))
	second = o.join(green, newKey(t, 2))
	o.join(blue, newKey(t, 2))
	return o, second
}

func TestEachIdentityIsAdvertisedWithItsOwnKey(t *testing.T) {
	o, _ := newTwoIdentities(t)
	s := o.meet(9, "192.0.2.9:9000")
	s.wantSay(wire.SimilarityRequest{Identifier: 77}, Accepted)

	first, second := o.want(s.address, wire.SimilarityResponseID), o.want(s.address, wire.SimilarityResponseID)
	o.wantSilence()
	checkResponse(t, first, o.keys[0].mid, 1, [][20]byte{DiscoveryCommunityID, red})
	checkResponse(t, second, o.keys[1].mid, 2, [][20]byte{green, blue})

	overlays := o.discovery.MyOverlays()
	if len(overlays) != 2 || !slices.Equal(overlays[1].Communities, []peer.CommunityID{green, blue}) {
		t.Errorf("got overlays %v", overlays)
	}
	o.wantVerified() // a similarity request verifies nobody
}

func checkResponse(t *testing.T, got packetRead, signer peer.Mid, globalTime uint64, list [][20]byte) {
	t.Helper()
	p := got.payload.(wire.SimilarityResponse)
	if got.signer != signer || !slices.Equal(p.PreferenceList, list) || p.Identifier != 77 {
		t.Errorf("got %+v by %v, want %v by %v", p, got.signer, list, signer)
	}
	if got.time != globalTime { // of the DiscoveryCommunity's key, for both
		t.Errorf("got global time %d, want %d", got.time, globalTime)
	}
}

func TestEachIdentityAsks(t *testing.T) {
	o, _ := newTwoIdentities(t)
	s := o.meet(9, "192.0.2.9:9000")
	if !o.discovery.SendSimilarityRequest(o.now, s.address) {
		t.Fatal("got false, want the requests sent")
	}
	first, second := o.want(s.address, wire.SimilarityRequestID), o.want(s.address, wire.SimilarityRequestID)
	if first.signer != o.keys[0].mid || second.signer != o.keys[1].mid {
		t.Errorf("got requests by %v and %v", first.signer, second.signer)
	}
	for _, asked := range []packetRead{first, second} {
		id := asked.payload.(wire.SimilarityRequest).Identifier
		s.wantSay(wire.SimilarityResponse{Identifier: id, PreferenceList: [][20]byte{green}}, Accepted)
		s.wantSay(wire.SimilarityResponse{Identifier: id}, DuplicateResponse)
	}
	o.wantVerified(s)
}

// A node with several keys answers one similarity request with each of them.
func TestPeersAtOneAddress(t *testing.T) {
	o := newObserver(t, observerConfig{})
	first := o.meet(7, "192.0.2.9:9000")
	second := o.meet(8, "192.0.2.9:9000")
	o.discovery.SendSimilarityRequest(o.now, first.address)
	id := o.want(first.address, wire.SimilarityRequestID).payload.(wire.SimilarityRequest).Identifier

	first.wantSay(wire.SimilarityResponse{Identifier: id, PreferenceList: [][20]byte{DiscoveryCommunityID, red}}, Accepted)
	second.wantSay(wire.SimilarityResponse{Identifier: id, PreferenceList: [][20]byte{DiscoveryCommunityID, blue}}, Accepted)
	o.wantVerified(first, second)
	for i := range byte(maxSigners) {
		further := o.meet(100+i, "192.0.2.9:9000")
		want := Accepted
		if i >= maxSigners-2 {
			want = DuplicateResponse
		}
		further.wantSay(wire.SimilarityResponse{Identifier: id}, want)
	}
	// Neither is introduced to the other, which would be to itself.
	first.wantSay(wire.IntroductionRequest{DestinationAddress: o.MyLAN(true)}, Accepted)
	if p := o.want(first.address, wire.IntroductionResponseID).payload.(wire.IntroductionResponse); !isNone(p.WANIntroductionAddress) {
		t.Errorf("got %v introduced, want nobody", p.WANIntroductionAddress)
	}
}

// Our keys count apart, so their identifiers meet; both requests have to leave.
func TestIdentifiersOfTwoKeysMeet(t *testing.T) {
	o, second := newTwoIdentities(t)
	s := o.meet(9, "192.0.2.9:9000")
	if !o.discovery.WalkTo(o.now, s.address) || !second.WalkTo(o.now, s.address) {
		t.Fatal("got false, want both requests sent")
	}
	one := o.want(s.address, wire.IntroductionRequestID).payload.(wire.IntroductionRequest)
	two := o.want(s.address, wire.IntroductionRequestID).payload.(wire.IntroductionRequest)
	if one.Identifier == two.Identifier {
		t.Fatalf("both have identifier %d", one.Identifier)
	}
	// Each is answered in its own community only.
	s.wantSay(wire.IntroductionResponse{Identifier: two.Identifier}, UnaskedResponse)
	s.in(green).wantSay(wire.IntroductionResponse{Identifier: two.Identifier}, Accepted)
	s.wantSay(wire.IntroductionResponse{Identifier: one.Identifier}, Accepted)
}

func TestOwnKeysAreDropped(t *testing.T) {
	o, _ := newTwoIdentities(t)
	for n := range byte(2) {
		ourselves := o.meet(n+1, "192.0.2.9:9000")
		for _, p := range []wire.Payload{
			wire.IntroductionRequest{}, wire.NewIntroductionRequest{}, wire.IntroductionResponse{}, wire.NewIntroductionResponse{},
			wire.Puncture{}, wire.NewPuncture{}, wire.SimilarityRequest{}, wire.SimilarityResponse{},
		} {
			ourselves.wantSay(p, OwnKey)
		}
	}
	o.wantSilence()
	o.wantVerified()
}

// Ids that a stranger names are reported with it once it is verified, and a
// list that stays the same is reported once in a while.
func TestCommunitiesLearned(t *testing.T) {
	o := newObserver(t, observerConfig{})
	o.join(red, newKey(t, 1))
	s := o.meet(9, "192.0.2.9:9000")
	list := wire.SimilarityRequest{PreferenceList: [][20]byte{red, blue}}
	s.wantSay(list, Accepted)
	if got := happened[event.CommunitiesLearned](o); got != nil {
		t.Errorf("got %+v of a key that is not verified", got)
	}
	wantEvents(o, event.CommunityAppeared{Community: red, Peer: s.mid}, event.CommunityAppeared{Community: blue, Peer: s.mid})

	s.wantSay(wire.NewIntroductionRequest{}, Accepted)
	checkLearned(o, []peer.CommunityID{red, blue}, []peer.CommunityID{red, blue}, []peer.CommunityID{red})
	checkLearned(o, []peer.CommunityID{DiscoveryCommunityID}, []peer.CommunityID{red, blue, DiscoveryCommunityID},
		[]peer.CommunityID{DiscoveryCommunityID, red})

	all := []peer.CommunityID{red, blue, DiscoveryCommunityID}
	for range 20 {
		s.wantSay(list, Accepted) // nothing new, and just reported
	}
	o.advance(confirmInterval)
	for range 20 {
		s.wantSay(list, Accepted)
	}
	checkLearned(o, nil, all, []peer.CommunityID{DiscoveryCommunityID, red})
	if got := happened[event.CommunitiesLearned](o); got != nil {
		t.Errorf("got %d more events", len(got))
	}
}

// checkLearned takes the oldest CommunitiesLearned off the events.
func checkLearned(o *observer, added, all, overlap []peer.CommunityID) {
	o.t.Helper()
	i := slices.IndexFunc(o.events, func(d event.Data) bool { _, ok := d.(event.CommunitiesLearned); return ok })
	if i < 0 {
		o.t.Fatal("no communities were reported")
	}
	got := o.events[i].(event.CommunitiesLearned)
	o.events = slices.Delete(o.events, i, i+1)
	if !slices.Equal(got.New, added) || !slices.Equal(got.All, all) || !slices.Equal(got.Overlap, overlap) {
		o.t.Errorf("got %+v, want new %v, all %v, overlap %v", got, added, all, overlap)
	}
}

func TestLongListsAreCut(t *testing.T) {
	o := newObserver(t, observerConfig{})
	s := o.meet(9, "192.0.2.9:9000")
	var list [][20]byte
	for i := range 2000 {
		list = append(list, [20]byte{1, byte(i), byte(i >> 8)})
	}
	s.wantSay(wire.SimilarityRequest{PreferenceList: list}, Accepted)
	if got := len(o.network.ServicesOf(s.mid)); got != maxPreferences {
		t.Errorf("got %d communities of one key, want %d", got, maxPreferences)
	}
}
