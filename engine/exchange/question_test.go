package exchange

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"peerscope/engine/keyvault"
	"peerscope/engine/wire"
)

var (
	here  = netip.MustParseAddrPort("127.0.0.1:1000")
	there = netip.MustParseAddrPort("127.0.0.1:2000")
	here6 = netip.MustParseAddrPort("[::1]:1000")
	far6  = netip.MustParseAddrPort("[::1]:2000")
	now   = time.Unix(1_700_000_000, 0)
)

// key makes the private key whose 64 random bytes are all seed.
func key(t *testing.T, seed byte) keyvault.PrivateKey {
	t.Helper()
	k, err := keyvault.GenerateKey(strings.NewReader(strings.Repeat(string(rune(seed)), 64)))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// sign makes a signed packet as a peer would.
func sign(t *testing.T, k keyvault.PrivateKey, community [20]byte, p wire.Payload) []byte {
	t.Helper()
	b := wire.AppendSignedHeader(nil, community, p.ID(), k.Public().Bytes(), 1)
	b, err := p.AppendBinary(b)
	if err != nil {
		t.Fatal(err)
	}
	return k.AppendSignature(b, b)
}

func pong(identifier uint16) []byte {
	b := wire.AppendUnsignedHeader(nil, wire.DiscoveryCommunityID, wire.PongID, 1)
	b, _ = wire.Pong{Identifier: identifier}.AppendBinary(b)
	return b
}

// open checks a request of ours as its receiver would and returns the payload.
func open(t *testing.T, q Question) wire.Payload {
	t.Helper()
	community, id, err := wire.ParseHeader(q.Packet)
	if err != nil || community != q.Community || id != q.Message {
		t.Fatalf("header: got %x, %v, %v; want %x, %v", community, id, err, q.Community, q.Message)
	}
	body := q.Packet[wire.HeaderLen:]
	if id.Signed() {
		var signer keyvault.PublicKey
		if signer, body, err = verify(now, keyvault.NewVerifier(keyvault.VerifierConfig{}), q.Packet); err != nil {
			t.Fatalf("signature: %v", err)
		}
		if want := key(t, 'a').Public(); signer != want {
			t.Errorf("signed by %x, want %x", signer.Mid(), want.Mid())
		}
	}
	p, err := parse(id, body)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPingQuestion(t *testing.T) {
	q := Ping(there, 4711)
	if p := open(t, q); p != (wire.Ping{Identifier: 4711}) {
		t.Errorf("got %+v", p)
	}
	if len(q.Packet) != 33 {
		t.Errorf("got %d bytes, want 33", len(q.Packet))
	}
}

func TestWalkQuestion(t *testing.T) {
	other := [20]byte{1, 2, 3}
	cases := []struct {
		name      string
		to, local netip.AddrPort
		style     Style
		size      int
		want      wire.MessageID
	}{
		{"old", there, here, OldStyle, 192, wire.IntroductionRequestID},
		{"new", there, here, NewStyle, 195, wire.NewIntroductionRequestID},
		{"new to IPv6", far6, here6, NewStyle, 195 + 12 + 12, wire.NewIntroductionRequestID},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			q, err := Self{tc.local, key(t, 'a')}.Walk(tc.to, other, tc.style, 4711)
			if err != nil {
				t.Fatal(err)
			}
			if len(q.Packet) != tc.size || q.Message != tc.want {
				t.Errorf("got %d bytes of %v, want %d of %v", len(q.Packet), q.Message, tc.size, tc.want)
			}
			var to, local netip.AddrPort
			var id uint16
			switch p := open(t, q).(type) {
			case wire.IntroductionRequest:
				to, local, id = p.DestinationAddress, p.SourceLANAddress, p.Identifier
				if p.Flags != wire.RequestAdvice {
					t.Errorf("flags: got %v, want those of py-ipv8", p.Flags)
				}
			case wire.NewIntroductionRequest:
				to, local, id = p.DestinationAddress, p.SourceLANAddress, p.Identifier
			}
			if to != tc.to || local != tc.local || id != 4711 {
				t.Errorf("got %v from %v, identifier %d", to, local, id)
			}
		})
	}
	if _, err := (Self{here6, key(t, 'a')}).Walk(far6, other, OldStyle, 1); !errors.Is(err, wire.ErrAddressFamily) {
		t.Errorf("old style to IPv6: got %v, want %v", err, wire.ErrAddressFamily)
	}
}

func TestSimilarityQuestion(t *testing.T) {
	for _, tc := range []struct{ local, lan netip.AddrPort }{
		{here, here},
		{here6, netip.MustParseAddrPort("0.0.0.0:0")},
	} {
		q, err := Self{tc.local, key(t, 'a')}.Similarity(there, 4711)
		if err != nil {
			t.Fatal(err)
		}
		p := open(t, q).(wire.SimilarityRequest)
		if p.Identifier != 4711 || p.LANAddress != tc.lan || len(p.PreferenceList) != 1 || p.PreferenceList[0] != wire.DiscoveryCommunityID {
			t.Errorf("from %v: got %+v", tc.local, p)
		}
	}
}

// A key that only other programs can sign with is an error, not a panic.
func TestKeyThatCannotSign(t *testing.T) {
	if _, err := (Self{here, keyvault.PrivateKey{}}).Similarity(there, 1); !errors.Is(err, ErrCannotSign) {
		t.Errorf("got %v, want %v", err, ErrCannotSign)
	}
}

// Every way in which a datagram fails to be the answer.
func TestJudge(t *testing.T) {
	self, responder := Self{here, key(t, 'a')}, key(t, 'b')
	walk, err := self.Walk(there, wire.DiscoveryCommunityID, OldStyle, 4711)
	if err != nil {
		t.Fatal(err)
	}
	similarity, err := self.Similarity(there, 4711)
	if err != nil {
		t.Fatal(err)
	}
	ping := Ping(there, 4711)
	response := sign(t, responder, wire.DiscoveryCommunityID, wire.IntroductionResponse{Identifier: 4711})
	forged := append([]byte(nil), response...)
	forged[len(forged)-1] ^= 1
	cases := []struct {
		name   string
		q      Question
		from   netip.AddrPort
		packet []byte
		want   error
	}{
		{"pong", ping, there, pong(4711), nil},
		{"response", walk, there, response, nil},
		{"new response to an old request", walk, there, sign(t, responder, wire.DiscoveryCommunityID, wire.NewIntroductionResponse{Identifier: 4711}), nil},
		{"similarity response", similarity, there, sign(t, responder, wire.DiscoveryCommunityID, wire.SimilarityResponse{Identifier: 4711}), nil},
		{"another port", ping, netip.MustParseAddrPort("127.0.0.1:2001"), pong(4711), ErrSource},
		{"nothing", ping, there, nil, wire.ErrShort},
		{"not IPv8", ping, there, make([]byte, 33), wire.ErrPrefix},
		{"another community", walk, there, sign(t, responder, [20]byte{1}, wire.IntroductionResponse{Identifier: 4711}), ErrCommunity},
		{"a request", ping, there, Ping(here, 4711).Packet, ErrMessage},
		{"another identifier", ping, there, pong(4712), ErrIdentifier},
		{"another identifier, signed", walk, there, sign(t, responder, wire.DiscoveryCommunityID, wire.IntroductionResponse{Identifier: 1}), ErrIdentifier},
		{"longer pong", ping, there, append(pong(4711), 0), wire.ErrTrailing},
		{"cut pong", ping, there, pong(4711)[:32], wire.ErrTruncated},
		{"forged signature", walk, there, forged, keyvault.ErrSignature},
		{"unknown key", walk, there, wire.AppendSignedHeader(nil, wire.DiscoveryCommunityID, wire.IntroductionResponseID, []byte("key"), 1), keyvault.ErrMalformed},
		{"cut signature", walk, there, response[:110], wire.ErrTruncated},
	}
	verifier := keyvault.NewVerifier(keyvault.VerifierConfig{})
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			a, err := tc.q.Judge(now, verifier, tc.from, tc.packet)
			if !errors.Is(err, tc.want) {
				t.Fatalf("got %v, want %v", err, tc.want)
			}
			if err != nil {
				return
			}
			mid, signed := a.Mid()
			if signed != a.Message.Signed() || signed && mid != responder.Public().Mid() {
				t.Errorf("signer: got %v, %v", mid, signed)
			}
		})
	}
}

// No prefix of an answer is one, and none makes the judge fail.
func TestJudgeTruncated(t *testing.T) {
	q, err := Self{here, key(t, 'a')}.Walk(there, wire.DiscoveryCommunityID, OldStyle, 4711)
	if err != nil {
		t.Fatal(err)
	}
	packet := sign(t, key(t, 'b'), wire.DiscoveryCommunityID, wire.IntroductionResponse{Identifier: 4711})
	verifier := keyvault.NewVerifier(keyvault.VerifierConfig{})
	for n := range packet {
		if a, err := q.Judge(now, verifier, there, packet[:n]); err == nil {
			t.Errorf("the first %d bytes: got %+v, want an error", n, a)
		}
	}
}

func TestParseTarget(t *testing.T) {
	for text, want := range map[string]Target{
		"127.0.0.1:8470":  {"127.0.0.1", 8470},
		"[::1]:8470":      {"::1", 8470},
		"localhost:65535": {"localhost", 65535},
	} {
		got, err := ParseTarget(text)
		if got != want || err != nil || got.String() != text {
			t.Errorf("%s: got %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{
		"", "127.0.0.1", "::1:8470", ":8470", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:x",
		"0.0.0.0:1", "[::]:1", "224.0.0.1:1", "[ff02::1]:1", "255.255.255.255:1", "[::ffff:255.255.255.255]:1",
	} {
		if got, err := ParseTarget(text); !errors.Is(err, ErrTarget) {
			t.Errorf("%q: got %+v, %v; want %v", text, got, err, ErrTarget)
		}
	}
}
