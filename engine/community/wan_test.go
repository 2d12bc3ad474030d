package community

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"

	"peerscope/engine/wire"
)

func TestWANVote(t *testing.T) {
	a, b := netip.MustParseAddrPort("203.0.113.1:1"), netip.MustParseAddrPort("203.0.113.2:2")
	for _, test := range []struct {
		name  string
		votes string // of a and b, by the network of the voter
		want  netip.AddrPort
	}{
		{"nobody", "", netip.AddrPort{}},
		{"the only one", "a1", a},
		{"the latest of two", "a1 b2", b},
		{"one network votes once", "a1 a2 b3 b3 b3", a},
		{"the majority", "b1 a2 a3 b4 a5", a},
		{"a change of mind", "a1 a2 b3 b1", b},
		{"back again", "a1 b1 a1", a},
		{"a tie for the latest voter", "b1 b2 a3 a4 b1", b},
	} {
		t.Run(test.name, func(t *testing.T) {
			var w wanEstimate
			for i := 0; i+1 < len(test.votes); i += 3 {
				ours := a
				if test.votes[i] == 'b' {
					ours = b
				}
				host := netip.AddrFrom4([4]byte{192, 0, test.votes[i+1], byte(i)})
				w.vote(host, ours)
			}
			if w.current != test.want {
				t.Errorf("got %v, want %v", w.current, test.want)
			}
		})
	}
}

func TestWANVoteIPv6(t *testing.T) {
	a, b := netip.MustParseAddrPort("203.0.113.1:1"), netip.MustParseAddrPort("203.0.113.2:2")
	var w wanEstimate
	w.vote(netip.MustParseAddr("2001:db8:1::1"), a)
	w.vote(netip.MustParseAddr("2001:db8:2::1"), a)
	w.vote(netip.MustParseAddr("2001:db8:3::1"), b)
	w.vote(netip.MustParseAddr("2001:db8:3:ffff::1"), b) // the same /48
	if w.current != a {
		t.Errorf("got %v, want %v", w.current, a)
	}
}

// The estimate is always one with the most votes of the latest 64 voters.
func TestWANVoteModel(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var w wanEstimate
	type vote struct{ voter, ours byte }
	var model []vote
	for range 3000 {
		v := vote{byte(r.IntN(100)), byte(r.IntN(6))}
		kept := model[:0:0]
		for _, old := range model {
			if old.voter != v.voter {
				kept = append(kept, old)
			}
		}
		model = append(kept, v)
		model = model[max(0, len(model)-wanVoters):]
		w.vote(netip.AddrFrom4([4]byte{192, 0, v.voter, byte(r.IntN(256))}), modelAddress(v.ours))
		count, most := map[byte]int{}, 0
		for _, old := range model {
			count[old.ours]++
			most = max(most, count[old.ours])
		}
		if got := count[byte(w.current.Port())-1]; got != most {
			t.Fatalf("got %v with %d votes, want %d", w.current, got, most)
		}
	}
}

func modelAddress(n byte) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{203, 0, 113, n}), uint16(n)+1)
}

// Responders vote with the answers to our requests, and not for addresses that
// cannot be ours.
func TestWANFromResponses(t *testing.T) {
	o := newObserver(t, observerConfig{})
	respond := func(n byte, ours string) {
		t.Helper()
		s := o.meet(n, fmt.Sprintf("192.0.%d.1:9000", n))
		o.discovery.WalkTo(o.now, s.address)
		asked := o.want(s.address, wire.IntroductionRequestID)
		s.wantSay(wire.IntroductionResponse{
			Identifier: uint16(asked.time), DestinationAddress: netip.MustParseAddrPort(ours),
		}, Accepted)
		o.sent = nil
	}
	for i, bad := range []string{"0.0.0.0:0", "0.0.0.0:5", "203.0.113.1:0", "10.1.1.1:5", "172.16.1.1:5", "192.168.1.1:5", "224.0.0.1:5"} {
		respond(byte(10+i), bad)
		if got := o.MyWAN(); !isNone(got) {
			t.Errorf("got %v after an answer to %s", got, bad)
		}
	}
	for i, fine := range []string{"127.0.0.1:5", "100.64.0.1:5", "172.32.0.1:5", "203.0.113.1:5"} {
		respond(byte(30+i), fine) // one vote each, so the latest wins
		if got := o.MyWAN().String(); got != fine {
			t.Errorf("got %s after an answer to %s", got, fine)
		}
	}
	respond(40, "203.0.113.1:5")
	respond(41, "203.0.113.66:6")
	if got := o.MyWAN().String(); got != "203.0.113.1:5" {
		t.Errorf("got %s, want what two of three said", got)
	}
	if got := o.myPreferred(); got != o.MyWAN() {
		t.Errorf("got %v announced in new style, want %v", got, o.MyWAN())
	}
}
