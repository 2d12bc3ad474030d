package community

import (
	"net/netip"
	"slices"
)

// wanVoters bounds how many responders the estimate listens to at once.
const wanVoters = 64

// wanEstimate is our address as others see it: the one that most distinct
// responders named, the latest winning a tie. py-ipv8 takes the last response's
// word for it (IPv8 reference, Q17). Responders count by their /24 or /48, so
// that one host cannot vote twice.
type wanEstimate struct {
	votes   []wanVote // the latest last; the oldest makes room
	current netip.AddrPort
}

type wanVote struct {
	voter netip.Prefix
	ours  netip.AddrPort
}

// vote records what a responder said and counts again.
func (w *wanEstimate) vote(from netip.Addr, ours netip.AddrPort) {
	v := wanVote{voterOf(from), ours}
	i := slices.IndexFunc(w.votes, func(old wanVote) bool { return old.voter == v.voter })
	if i < 0 && len(w.votes) == wanVoters {
		i = 0
	}
	if i >= 0 {
		w.votes = slices.Delete(w.votes, i, i+1)
	}
	w.votes = append(w.votes, v)
	w.current = w.count()
}

// count is the address with the most votes.
func (w *wanEstimate) count() (most netip.AddrPort) {
	votes := make(map[netip.AddrPort]int, 4)
	for _, v := range w.votes {
		votes[v.ours]++
	}
	for _, v := range slices.Backward(w.votes) {
		if votes[v.ours] > votes[most] {
			most = v.ours
		}
	}
	return most
}

// voterOf is the prefix whose hosts count as one source.
func voterOf(a netip.Addr) netip.Prefix {
	bits := 24
	if a.Is6() {
		bits = 48
	}
	p, _ := a.Prefix(bits) // fails only for lengths that the family does not have
	return p
}
