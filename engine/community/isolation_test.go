package community

import (
	"testing"
	"time"

	"peerscope/engine/event"
	"peerscope/engine/requestcache"
	"peerscope/engine/wire"
)

// When nobody answers it is our outage: it is reported with the time of the last
// answer, and what is lost meanwhile is marked and held against nobody.
func TestIsolation(t *testing.T) {
	o := newObserver(t, observerConfig{})
	first, second := o.meet(9, "192.0.2.9:9000"), o.meet(10, "192.0.2.10:9000")
	p, q := first.introduce(), second.introduce()
	sent := o.ping(first, p)
	first.wantSay(wire.Pong{Identifier: identifier(sent)}, Accepted)
	since := o.now

	for range 4 { // both are pinged every 6 s, and lost 5 s later
		o.advance(6 * time.Second)
		o.ping(first, p)
		o.ping(second, q)
	}
	o.advance(requestcache.PingTimeout)
	wantEvents(o, event.ObserverIsolated{Since: since})
	if !o.Isolated() {
		t.Fatal("not isolated after 29 s without an answer")
	}
	lost := happened[event.PingLost](o)
	for i, l := range lost {
		if want := i >= 4; l.Isolated != want { // the third round's time ran out after 24 s
			t.Errorf("ping %d of %d lost: got isolated %t, want %t", i, len(lost), l.Isolated, want)
		}
	}
	before := p.LastLost
	o.ping(first, p)
	o.advance(requestcache.PingTimeout)
	if l := happened[event.PingLost](o); len(l) != 1 || !l[0].Isolated || !p.LastLost.Equal(before) {
		t.Errorf("got %+v, last lost %v", l, p.LastLost)
	}

	sent = o.ping(second, q)
	second.wantSay(wire.Pong{Identifier: identifier(sent)}, Accepted)
	wantEvents(o, event.ObserverBack{Since: since})
	o.ping(first, p)
	o.advance(requestcache.PingTimeout)
	if l := happened[event.PingLost](o); len(l) != 1 || l[0].Isolated {
		t.Errorf("after the isolation: got %+v", l)
	}
	wantEvents[event.ObserverIsolated](o)
}

// Addresses that others introduced often do not answer. That is no outage.
func TestDeadAddressesDoNotIsolate(t *testing.T) {
	o := newObserver(t, observerConfig{})
	o.meet(9, "192.0.2.9:9000").introduce()
	server := o.meet(8, "192.0.2.8:6421")
	o.network.Blacklist(server.address)
	for i := range 12 {
		o.discovery.WalkTo(o.now, o.meet(1, "203.0.113.7:7").address)
		if i == 0 { // the tracker answers, but knows nothing of similarity
			o.sent = nil
			o.discovery.WalkTo(o.now, server.address)
			asked := o.want(server.address, wire.IntroductionRequestID)
			server.wantSay(wire.IntroductionResponse{Identifier: uint16(asked.time)}, Accepted)
		}
		o.discovery.SendSimilarityRequest(o.now, server.address)
		o.advance(5 * time.Second)
	}
	if o.Isolated() {
		t.Error("isolated without having asked anybody who answers")
	}
	for range 4 { // whereas a bootstrap server that falls silent counts
		o.discovery.WalkTo(o.now, server.address)
	}
	o.advance(requestcache.AnswerTimeout)
	if !o.Isolated() {
		t.Error("not isolated although the bootstrap server is silent")
	}
}

// Few losses, or a short silence, say nothing.
func TestIsolationTakesTime(t *testing.T) {
	start := vectorTime
	i := isolation{heard: start}
	for n := range 10 {
		at := start.Add(time.Duration(n) * time.Second)
		if i.lost(at.Add(5*time.Second), at) {
			t.Errorf("isolated after %d s", n+5)
		}
	}
	if i.lost(start.Add(30*time.Second), start.Add(-time.Second)) {
		t.Error("isolated by a request from before the last answer")
	}
	j := isolation{heard: start}
	for n := range isolatedLosses {
		if got, want := j.lost(start.Add(time.Minute), start), n == isolatedLosses-1; got != want {
			t.Errorf("loss %d: got isolated %t, want %t", n+1, got, want)
		}
	}
}

// A ping that was under way while the machine slept is not the peer's loss.
func TestExcuse(t *testing.T) {
	o := newObserver(t, observerConfig{})
	s := o.meet(9, "192.0.2.9:9000")
	p := s.introduce()
	o.ping(s, p)
	o.advance(time.Second)
	o.Excuse(o.now)
	sent := o.now
	second := o.ping(s, p)
	s.wantSay(wire.Pong{Identifier: identifier(second)}, Accepted) // which takes nothing of the excuse
	o.ping(s, p)
	o.advance(time.Minute)
	lost := happened[event.PingLost](o)
	if len(lost) != 2 || !lost[0].Isolated || lost[1].Isolated || !p.LastLost.Equal(sent) {
		t.Errorf("got %+v, last lost %v", lost, p.LastLost)
	}
}

// Every kind of answer ends a silence, and what was answered is no loss, also
// when it stays pending for further identities.
func TestAnswersAreNoLosses(t *testing.T) {
	o := newObserver(t, observerConfig{})
	s := o.meet(9, "192.0.2.9:9000")
	s.introduce()
	for _, answer := range []struct {
		ask    func()
		answer func(identifier uint16) wire.Payload
	}{
		{func() { o.discovery.WalkTo(o.now, s.address) },
			func(id uint16) wire.Payload { return wire.IntroductionResponse{Identifier: id} }},
		{func() { o.discovery.SendSimilarityRequest(o.now, s.address) },
			func(id uint16) wire.Payload { return wire.SimilarityResponse{Identifier: id} }},
	} {
		o.isolation = isolation{heard: o.now}
		o.advance(time.Minute)
		before := o.now
		for range isolatedLosses {
			answer.ask()
			r := read(t, o.sent[0])
			s.wantSay(answer.answer(uint16(r.time)), Accepted)
			o.sent = nil
		}
		if !o.isolation.heard.Equal(before) {
			t.Errorf("last answer %v, want %v", o.isolation.heard, before)
		}
		o.advance(requestcache.AnswerTimeout)
		want := 0
		if _, similar := answer.answer(0).(wire.IntroductionResponse); similar {
			want = isolatedLosses // of the similarity requests that followed, unanswered
		}
		if o.isolation.losses != want {
			t.Errorf("%T: got %d losses, want %d", answer.answer(0), o.isolation.losses, want)
		}
	}
}
