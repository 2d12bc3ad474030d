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

// advertise adds an overlay to what its key advertises.
func advertise(list []Advertised, o Overlay) []Advertised {
	for i := range list {
		if list[i].Key.Public() == o.Key().Public() {
			list[i].Communities = append(list[i].Communities, o.CommunityID())
			return list
		}
	}
	return append(list, Advertised{o.Key(), []peer.CommunityID{o.CommunityID()}})
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
	h := d.host
	for _, mine := range d.MyOverlays() {
		if !h.mayRequest(now, to) {
			return false
		}
		t := d.claimGlobalTime()
		pending := &similarityRequest{SimilarityRequestCache: requestcache.SimilarityRequestCache{
			Address: to, Identifier: uint16(t), Community: d.id, SentAt: now, OnLost: d.onSimilarityLost,
		}}
		if h.requests.Add(now, pending) != nil {
			return false
		}
		if d.CustomPack(Packet{To: to}, mine.Key, t, d.CreateSimilarityRequest(uint16(t), mine.Communities)) != Accepted {
			return false
		}
	}
	return true
}

func (d *DiscoveryCommunity) onSimilarityLost(now time.Time, lost *requestcache.SimilarityRequestCache) {
	d.host.lost(now, lost.SentAt)
}

// CreateSimilarityRequest builds a similarity request.
func (d *DiscoveryCommunity) CreateSimilarityRequest(identifier uint16, ids []peer.CommunityID) wire.SimilarityRequest {
	lan, wan := d.myAddresses()
	return wire.SimilarityRequest{Identifier: identifier, LANAddress: lan, WANAddress: wan, PreferenceList: bytes20(ids)}
}

// CreateSimilarityResponse builds a similarity response. We never send overlap
// records; nobody reads them.
func (d *DiscoveryCommunity) CreateSimilarityResponse(identifier uint16, ids []peer.CommunityID) wire.SimilarityResponse {
	return wire.SimilarityResponse{Identifier: identifier, PreferenceList: bytes20(ids)}
}

// CustomPack sends a message signed with another key than the community's own.
func (d *DiscoveryCommunity) CustomPack(to Packet, key *keyvault.PrivateKey, globalTime uint64, p wire.Payload) Reason {
	return d.host.send(to, d.id, key, globalTime, p)
}

// OnSimilarityRequest notes which communities the sender is in, verified or
// not, and answers with ours: one response for each distinct key. It verifies
// nobody.
func (d *DiscoveryCommunity) OnSimilarityRequest(now time.Time, m *Message, p wire.SimilarityRequest) Reason {
	d.learn(now, m, p.PreferenceList)
	if known, ok := d.host.network.ByMid(m.Mid); ok && !known.HasAddress(m.Source) {
		d.probe(now, known, m.Source)
	}
	for _, mine := range d.MyOverlays() {
		to := Packet{To: m.Source, From: m.Local}
		t := d.claimGlobalTime()
		if r := d.CustomPack(to, mine.Key, t, d.CreateSimilarityResponse(p.Identifier, mine.Communities)); r != Accepted {
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
	if h.network.Blacklisted(m.Source) {
		return Accepted
	}
	known := h.verify(now, m)
	if known == nil {
		return Refused
	}
	if asked.Address == m.Source {
		h.moved(now, known, m.Source)
	}
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

func bytes20(ids []peer.CommunityID) [][20]byte {
	out := make([][20]byte, len(ids))
	for i, id := range ids {
		out[i] = id
	}
	return out
}

// OnTimeout counts the request as lost if nobody answered; an answered one stays
// pending until then, for the other identities of the peer.
func (r *similarityRequest) OnTimeout(now time.Time) {
	if len(r.signers) == 0 {
		r.SimilarityRequestCache.OnTimeout(now)
	}
}
