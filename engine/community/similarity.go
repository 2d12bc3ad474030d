package community

import (
	"net/netip"
	"slices"
	"time"

	"peerscope/engine/keyvault"
	"peerscope/engine/peer"
	"peerscope/engine/requestcache"
	"peerscope/engine/wire"
)

const (
	// maxPreferences bounds the ids taken from one message: sixty fit into an
	// unfragmented datagram.
	maxPreferences = 256
	// maxSigners bounds the identities that may answer one similarity request,
	// each once.
	maxSigners = 8
)

// Advertised is one identity of ours and the communities that it is in.
type Advertised struct {
	Key         *keyvault.PrivateKey
	Communities []peer.CommunityID
}

// similarityRequest is a request that waits for answers, one from each identity
// of the peer.
type similarityRequest struct {
	requestcache.SimilarityRequestCache
	signers []peer.Mid
}

// SendSimilarityRequest tells an address which communities we are in and asks
// for its: one request for each distinct key of ours, signed with that key. The
// global time is always that of this community's key (IPv8 reference, 9). False
// means that not all were sent.
func (d *DiscoveryCommunity) SendSimilarityRequest(now time.Time, to netip.AddrPort) bool {
	for _, k := range d.host.keys {
		if !d.sendSimilarityRequest(now, to, k) {
			return false
		}
	}
	return true
}

func (d *DiscoveryCommunity) sendSimilarityRequest(now time.Time, to netip.AddrPort, k *ownKey) bool {
	h := d.host
	if !h.mayRequest(now, to) {
		return false
	}
	pending := &similarityRequest{SimilarityRequestCache: requestcache.SimilarityRequestCache{
		Address: to, Community: d.id, SentAt: now, OnLost: d.onSimilarityLost,
	}}
	t, ok := h.expect(now, pending, d.key, &pending.Identifier)
	if !ok {
		return false
	}
	return h.sendRequest(Packet{To: to}, d.id, k, t, pending, d.CreateSimilarityRequest(pending.Identifier, k.preferences))
}

// CreateSimilarityRequest builds the payload of a similarity request, with our
// address estimates, IPv4 only.
func (d *DiscoveryCommunity) CreateSimilarityRequest(identifier uint16, preferences [][20]byte) wire.SimilarityRequest {
	return wire.SimilarityRequest{
		Identifier: identifier, LANAddress: d.host.MyLAN(true), WANAddress: d.host.MyWAN(), PreferenceList: preferences,
	}
}

// CreateSimilarityResponse builds the payload of a similarity response. We never
// send overlap records; nobody reads them.
func (d *DiscoveryCommunity) CreateSimilarityResponse(identifier uint16, preferences [][20]byte) wire.SimilarityResponse {
	return wire.SimilarityResponse{Identifier: identifier, PreferenceList: preferences}
}

// onSimilarityLost tells of an address that did not answer. Trackers never do,
// and of an address where nobody is known it is no surprise.
func (d *DiscoveryCommunity) onSimilarityLost(now time.Time, lost *requestcache.SimilarityRequestCache) {
	if d.Verified(lost.Address) {
		d.host.lost(now, lost.SentAt)
	}
}

// OnSimilarityRequest notes which communities the sender is in, verified or
// not, and answers with ours: one response for each distinct key. It verifies
// nobody.
func (d *DiscoveryCommunity) OnSimilarityRequest(now time.Time, m *Message, p wire.SimilarityRequest) Reason {
	d.learn(now, m, p.PreferenceList)
	h := d.host
	if known, ok := h.network.ByMid(m.Mid); ok {
		d.probe(now, known, m.Source)
	}
	for _, k := range h.keys {
		to := Packet{To: m.Source, From: m.Local}
		response := d.CreateSimilarityResponse(p.Identifier, k.preferences)
		if r := h.send(to, d.id, k, d.claimGlobalTime(), response); r != Accepted {
			return r
		}
	}
	return Accepted
}

// OnSimilarityResponse verifies the sender and notes its communities, if we
// asked (Q18). A node with several identities answers once with each.
func (d *DiscoveryCommunity) OnSimilarityResponse(now time.Time, m *Message, p wire.SimilarityResponse) Reason {
	h := d.host
	r, ok := h.pending(requestcache.KindSimilarity, m, p.Identifier)
	if !ok {
		return h.unasked(requestcache.KindSimilarity, m.Source, p.Identifier)
	}
	asked := r.(*similarityRequest)
	if slices.Contains(asked.signers, m.Mid) || len(asked.signers) == maxSigners {
		return DuplicateResponse
	}
	asked.signers = append(asked.signers, m.Mid)
	h.answered(now)
	if _, known := h.network.ByMid(m.Mid); d.full() && !known {
		return PeerLimit
	}
	known := h.verify(now, m, netip.AddrPort{})
	if known == nil {
		return Refused
	}
	d.locate(now, known, asked.Address, m.Source)
	d.learn(now, m, p.PreferenceList)
	return Accepted
}

// learn records the communities that a message lists.
func (d *DiscoveryCommunity) learn(now time.Time, m *Message, list [][20]byte) {
	list = list[:min(len(list), maxPreferences)]
	ids := make([]peer.CommunityID, len(list))
	for i, id := range list {
		ids[i] = id
	}
	d.host.discoverServices(now, m.Mid, ids, true)
}

// OnTimeout counts the request as lost if nobody answered; an answered one stays
// pending until then, for the other identities of the peer.
func (r *similarityRequest) OnTimeout(now time.Time) {
	if len(r.signers) == 0 {
		r.SimilarityRequestCache.OnTimeout(now)
	}
}
