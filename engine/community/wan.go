package community

import "net/netip"

// wanVoters bounds how many responders the estimate listens to at once.
const wanVoters = 64

// wanEstimate is our address as others see it: the one that most distinct
// responders named, the latest winning a tie. py-ipv8 takes the last response's
// word for it (IPv8 reference, Q17). Responders count by their /24 or /48, so
// that one host cannot vote twice.
type wanEstimate struct {
	votes   map[netip.Prefix]netip.AddrPort
	order   []netip.Prefix // of voting; the oldest makes room
	count   map[netip.AddrPort]int
	current netip.AddrPort
}

// vote records what a responder said and returns whether the estimate changed.
func (w *wanEstimate) vote(from netip.Addr, ours netip.AddrPort) bool {
	if w.votes == nil {
		w.votes = make(map[netip.Prefix]netip.AddrPort, wanVoters)
		w.count = make(map[netip.AddrPort]int)
	}
	voter := voterOf(from)
	if old, voted := w.votes[voter]; voted {
		w.withdraw(old)
	} else {
		if len(w.order) == wanVoters {
			w.withdraw(w.votes[w.order[0]])
			delete(w.votes, w.order[0])
			w.order = append(w.order[:0], w.order[1:]...)
		}
		w.order = append(w.order, voter)
	}
	w.votes[voter] = ours
	w.count[ours]++
	if w.count[ours] < w.count[w.current] || ours == w.current {
		return false
	}
	w.current = ours
	return true
}

func (w *wanEstimate) withdraw(a netip.AddrPort) {
	if w.count[a]--; w.count[a] <= 0 {
		delete(w.count, a)
	}
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
