package main

import (
	"net/netip"
	"testing"
	"time"

	"peerscope/engine/keyvault"
	"peerscope/engine/wire"
)

func TestSenderAddresses(t *testing.T) {
	loopback := netip.MustParsePrefix("127.0.0.0/8")
	for i, want := range map[int]string{0: "127.1.0.0", 255: "127.1.0.255", 1_000_000: "127.16.66.64", maxSenders - 1: "127.255.255.254"} {
		got := senderAddr(i)
		if got != netip.MustParseAddr(want) || !loopback.Contains(got) {
			t.Errorf("senderAddr(%d) = %v, want %v", i, got, want)
		}
		if back, ok := senderIndex(got); back != i || !ok {
			t.Errorf("senderIndex(%v) = %d, %v, want %d", got, back, ok, i)
		}
	}
	for _, a := range []string{"127.0.0.1", "127.0.255.255", "127.255.255.255", "128.0.0.0", "10.1.0.0", "::1", "::ffff:127.1.0.0"} {
		if i, ok := senderIndex(netip.MustParseAddr(a)); ok {
			t.Errorf("senderIndex(%v) = %d, want none", a, i)
		}
	}
}

// TestRequests reads each request back as a node does.
func TestRequests(t *testing.T) {
	to := netip.MustParseAddrPort("127.0.0.1:8090")
	verifier := keyvault.NewVerifier(keyvault.VerifierConfig{})
	for _, k := range kinds {
		for _, i := range []int{0, 1, 65_536, 999_999} {
			packet, err := request(k, i, 5000, to)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := wire.MessageID(packet[wire.PrefixLen]), [...]wire.MessageID{3, 1, 246}[k]; got != want {
				t.Errorf("%v of sender %d is message %d, want %d", k, i, got, want)
			}
			if err := verifyAnswer(verifier, k, packet); err != nil { // a request is signed as an answer is
				t.Errorf("%v of sender %d: %v", k, i, err)
			}
		}
	}
}

func TestIdentitiesDiffer(t *testing.T) {
	seen := make(map[string]int)
	for i := range 1000 {
		id := newIdentity(i)
		key, err := keyvault.ParsePublicKey(id.blob)
		if err != nil {
			t.Fatal(err)
		}
		if err := key.Validate(); err != nil {
			t.Errorf("key of sender %d: %v", i, err)
		}
		for _, half := range []string{string(id.blob[10:42]), string(id.blob[42:])} {
			if other, taken := seen[half]; taken {
				t.Errorf("senders %d and %d share half a key", i, other)
			}
			seen[half] = i
		}
	}
}

func TestCommunitiesOf(t *testing.T) {
	for i := range 200 {
		ids := communitiesOf(i)
		if len(ids) != 2 || ids[0] != wire.DiscoveryCommunityID || ids[1] == ids[0] {
			t.Fatalf("communities of sender %d: %x", i, ids)
		}
	}
}

func TestSpreadSenders(t *testing.T) {
	got := spreadSenders(1_000_000, 20_000)
	seen := make(map[int]bool)
	for _, i := range got {
		if i < 0 || i >= 1_000_000 || i%50 != 0 || seen[i] {
			t.Fatalf("sender %d", i)
		}
		seen[i] = true
	}
	if len(got) != 20_000 {
		t.Errorf("%d senders, want 20000", len(got))
	}
	if got[0] == 0 && got[1] == 50 && got[2] == 100 {
		t.Error("the senders are in order")
	}
}

// TestAnswered reads the answers of an imagined node.
func TestAnswered(t *testing.T) {
	const identifier = 777
	node, err := keyvault.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	packets := map[kind][]byte{
		ping:         answer(t, node, wire.Pong{Identifier: identifier}),
		similarity:   answer(t, node, wire.SimilarityResponse{Identifier: identifier, PreferenceList: communitiesOf(1)}),
		introduction: answer(t, node, wire.IntroductionResponse{Identifier: identifier}),
	}
	verifier := keyvault.NewVerifier(keyvault.VerifierConfig{})
	for k, packet := range packets {
		if got, err := answered(k, packet); err != nil || got != identifier {
			t.Errorf("%v: got %d, %v, want %d", k, got, err, identifier)
		}
		if err := verifyAnswer(verifier, k, packet); err != nil {
			t.Errorf("%v: %v", k, err)
		}
		for _, other := range kinds {
			if _, err := answered(other, packet); other != k && err != errOther {
				t.Errorf("answer to %v taken as %v: %v, want %v", k, other, err, errOther)
			}
		}
		if _, err := answered(k, packet[:len(packet)/2]); err == nil {
			t.Errorf("half an answer to %v: no error", k)
		}
	}
	forged := packets[similarity]
	forged[len(forged)-1] ^= 1
	if err := verifyAnswer(verifier, similarity, forged); err == nil {
		t.Error("a wrong signature: no error")
	}
}

// answer encodes a message of the node, signed if the message is.
func answer(t *testing.T, key keyvault.PrivateKey, p wire.Payload) []byte {
	t.Helper()
	var b []byte
	if p.ID().Signed() {
		b = wire.AppendSignedHeader(nil, wire.DiscoveryCommunityID, p.ID(), key.Public().Bytes(), uint64(time.Now().Unix()))
	} else {
		b = wire.AppendUnsignedHeader(nil, wire.DiscoveryCommunityID, p.ID(), 1)
	}
	b, err := p.AppendBinary(b)
	if err != nil {
		t.Fatal(err)
	}
	if p.ID().Signed() {
		b = key.AppendSignature(b, b)
	}
	return b
}
