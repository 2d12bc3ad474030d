package community

import (
	"errors"
	"net/netip"
	"testing"
	"time"

	"peerscope/engine/keyvault"
	"peerscope/engine/wire"
)

func TestScreen(t *testing.T) {
	packet := func(community [20]byte, id wire.MessageID) []byte {
		return wire.AppendUnsignedHeader(nil, community, id, 1)
	}
	const source = "192.0.2.9:9000"
	for _, test := range []struct {
		name   string
		source string
		packet []byte
		want   Reason
	}{
		{"a ping", source, packet(DiscoveryCommunityID, wire.PingID), Accepted},
		{"loopback", "127.0.0.1:9000", packet(DiscoveryCommunityID, wire.PingID), Accepted},
		{"nothing", source, nil, ShortPacket},
		{"no message id", source, packet(DiscoveryCommunityID, wire.PingID)[:22], ShortPacket},
		{"another protocol", source, make([]byte, 100), UnknownCommunity},
		{"another community", source, packet(blue, wire.PingID), UnknownCommunity},
		{"port 0", "192.0.2.9:0", packet(DiscoveryCommunityID, wire.PingID), BadSource},
		{"from nowhere", "0.0.0.0:9", packet(DiscoveryCommunityID, wire.PingID), BadSource},
		{"multicast", "224.0.0.1:9", packet(DiscoveryCommunityID, wire.PingID), BadSource},
		{"Dispersy", source, packet(DiscoveryCommunityID, 243), DeprecatedMessage},
		{"an id of nobody", source, packet(DiscoveryCommunityID, 130), UnknownMessage},
		{"a ping elsewhere", source, packet(red, wire.PingID), UnknownMessage},
		{"a puncture elsewhere", source, packet(red, wire.PunctureID), Accepted},
	} {
		d := newTestDecoder(red)
		if _, got := d.Screen(netip.MustParseAddrPort(test.source), test.packet); got != test.want {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}

// A tracker answers in any community, and handles two messages.
func TestScreenOfATracker(t *testing.T) {
	d := &Decoder{Handles: func(id wire.MessageID) bool { return id == wire.IntroductionRequestID }}
	for id, want := range map[wire.MessageID]Reason{
		wire.IntroductionRequestID: Accepted, wire.NewIntroductionRequestID: UnknownMessage, wire.PingID: UnknownMessage,
	} {
		packet := wire.AppendUnsignedHeader(nil, blue, id, 1)
		if _, got := d.Screen(netip.MustParseAddrPort("192.0.2.9:9000"), packet); got != want {
			t.Errorf("%v: got %v, want %v", id, got, want)
		}
	}
}

// Old keys are checked within a budget of their own; this one takes 24 units.
func TestLegacyBudget(t *testing.T) {
	v := vectorNamed(t, "introduction-request/basic/sect571r1")
	budget := keyvault.NewBudget(keyvault.BudgetConfig{PerSecond: 24, Burst: 24})
	d := newTestDecoder()
	d.Verifier = keyvault.NewVerifier(keyvault.VerifierConfig{Budget: budget})
	now, source := vectorTime, address(t, v.Source)
	for _, step := range []struct {
		wait time.Duration
		want Reason
	}{{0, Accepted}, {0, LegacyBudget}, {time.Second, Accepted}} {
		now = now.Add(step.wait)
		if _, got := d.Decode(now, source, v.Packet); got != step.want {
			t.Errorf("after %v: got %v, want %v", step.wait, got, step.want)
		}
	}
}

// Reasons are counters' labels, so each has a name of its own.
func TestReasonNames(t *testing.T) {
	seen := map[string]Reason{}
	for r := range Reason(Reasons) {
		name := r.String()
		if other, taken := seen[name]; taken || name == "" || name == "unknown" {
			t.Errorf("reason %d is %q, as is %d", r, name, other)
		}
		seen[name] = r
	}
	if got := Reason(Reasons).String(); got != "unknown" {
		t.Errorf("got %q for no reason", got)
	}
}

func TestStamp(t *testing.T) {
	s := NewStamp(vectorTime)
	if got := s.Time(); !got.Equal(vectorTime) {
		t.Errorf("before it was sent: got %v, want %v", got, vectorTime)
	}
	sent := vectorTime.Add(1500 * time.Microsecond)
	s.Set(sent)
	if got := s.Time(); !got.Equal(sent) {
		t.Errorf("got %v, want %v", got, sent)
	}
}

// What the layout cannot carry is not sent.
func TestUnanswerable(t *testing.T) {
	o := newObserver(t, observerConfig{})
	six := wire.Puncture{SourceLANAddress: netip.MustParseAddrPort("[2001:db8::1]:9")}
	if _, err := six.AppendBinary(nil); !errors.Is(err, wire.ErrAddressFamily) {
		t.Fatalf("got %v, want %v", err, wire.ErrAddressFamily)
	}
	to := Packet{To: netip.MustParseAddrPort("192.0.2.9:9000")}
	if got := o.discovery.pack(to, 1, six); got != Unanswerable {
		t.Errorf("got %v, want %v", got, Unanswerable)
	}
	o.wantSilence()
}
