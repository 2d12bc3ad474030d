package requestcache

import (
	"testing"
	"time"

	"peerscope/engine/keyvault"
	"peerscope/engine/peer"
)

func TestPingRoundTrip(t *testing.T) {
	var sent time.Time
	ping := &PingRequestCache{SentAt: at(1), Sent: func() time.Time { return sent }}
	if got := ping.Finish(at(1.25)); got != 250*time.Millisecond {
		t.Errorf("before the socket reported: %v, want 250ms", got)
	}
	sent = at(1.05)
	if got := ping.Finish(at(1.25)); got != 200*time.Millisecond {
		t.Errorf("after the socket reported: %v, want 200ms", got)
	}
	if got := ping.Finish(at(1.01)); got != 0 {
		t.Errorf("a pong before its ping: %v, want 0", got)
	}
}

func TestLostPing(t *testing.T) {
	p := peer.NewPeer(keyvault.PublicKey{}, address(1), at(0))
	c := New(0)
	var lost []*PingRequestCache
	ping := &PingRequestCache{Peer: p, Address: address(1), Identifier: 9, SentAt: at(0),
		OnLost: func(now time.Time, l *PingRequestCache) { lost = append(lost, l) }}
	mustAdd(t, c, at(0), ping)
	mustAdd(t, c, at(0), &PingRequestCache{Address: address(2)}) // nobody wants to know about this one

	c.Advance(at(4.999))
	if len(lost) != 0 {
		t.Fatalf("lost before 5 s: %v", lost)
	}
	c.Advance(at(5))
	if len(lost) != 1 || lost[0] != ping || c.Len() != 0 {
		t.Errorf("lost %v with %d pending, want exactly the ping", lost, c.Len())
	}
}

func TestTimeouts(t *testing.T) {
	for _, test := range []struct {
		request Request
		kind    Kind
		delay   time.Duration
	}{
		{&PingRequestCache{Address: address(1), Identifier: 3}, KindPing, 5 * time.Second},
		{&IntroductionRequestCache{Address: address(1), Identifier: 3}, KindIntroduction, 10 * time.Second},
		{&IntroductionRequestCache{Address: address(1), Identifier: 3, Timeout: 5 * time.Second}, KindIntroduction, 5 * time.Second},
		{&SimilarityRequestCache{Address: address(1), Identifier: 3}, KindSimilarity, 10 * time.Second},
	} {
		if got, want := test.request.Key(), (Key{test.kind, address(1), 3}); got != want {
			t.Errorf("%T: Key %v, want %v", test.request, got, want)
		}
		if got := test.request.TimeoutDelay(); got != test.delay {
			t.Errorf("%T: TimeoutDelay %v, want %v", test.request, got, test.delay)
		}
	}
}

func TestLostAnswers(t *testing.T) {
	c, lost := New(0), 0
	mustAdd(t, c, at(0), &IntroductionRequestCache{Address: address(1),
		OnLost: func(time.Time, *IntroductionRequestCache) { lost++ }})
	mustAdd(t, c, at(0), &SimilarityRequestCache{Address: address(1),
		OnLost: func(time.Time, *SimilarityRequestCache) { lost++ }})
	mustAdd(t, c, at(0), &IntroductionRequestCache{Address: address(2)})
	mustAdd(t, c, at(0), &SimilarityRequestCache{Address: address(2)})
	if c.Advance(at(10)); lost != 2 || c.Len() != 0 {
		t.Errorf("%d told of %d pending, want 2 of none", lost, c.Len())
	}
}
