package wire

import (
	"bytes"
	"errors"
	"testing"
)

func TestMessageID(t *testing.T) {
	for _, tt := range []struct {
		id                        MessageID
		name                      string
		known, signed, deprecated bool
	}{
		{246, "introduction-request", true, true, false},
		{245, "introduction-response", true, true, false},
		{250, "puncture-request", true, false, false},
		{249, "puncture", true, true, false},
		{234, "new-introduction-request", true, true, false},
		{233, "new-introduction-response", true, true, false},
		{232, "new-puncture-request", true, false, false},
		{231, "new-puncture", true, true, false},
		{1, "similarity-request", true, true, false},
		{2, "similarity-response", true, true, false},
		{3, "ping", true, false, false},
		{4, "pong", true, false, false},
		{235, "missing-last-message", false, false, true},
		{248, "on-identity", false, false, true},
		{255, "reserved", false, false, true},
		{0, "message-0", false, false, false},
		{130, "message-130", false, false, false},
		{230, "message-230", false, false, false},
	} {
		checkFlag(t, "name", tt.id.String(), tt.name)
		checkFlag(t, tt.name+" known", tt.id.Known(), tt.known)
		checkFlag(t, tt.name+" signed", tt.id.Signed(), tt.signed)
		checkFlag(t, tt.name+" deprecated", tt.id.Deprecated(), tt.deprecated)
		checkFlag(t, tt.name+" deprecated name", tt.id.DeprecatedName() != "", tt.deprecated)
	}
}

func TestDeprecatedCount(t *testing.T) {
	n := 0
	for id := range 256 {
		if MessageID(id).Deprecated() {
			n++
		}
	}
	if want := 10 + 2 + 5; n != want {
		t.Errorf("got %d deprecated ids, want %d: 235 to 244, 247, 248, 251 to 255", n, want)
	}
}

func TestSplitSignature(t *testing.T) {
	rest := []byte("bodysig")
	body, signature, err := SplitSignature(rest, 3)
	if err != nil || string(body) != "body" || string(signature) != "sig" {
		t.Errorf("got %q, %q and %v, want body and sig", body, signature, err)
	}
	if cap(body) != len(body) {
		t.Error("an append to the body would overwrite the signature")
	}
	for _, n := range []int{-1, 8} {
		if _, _, err := SplitSignature(rest, n); !errors.Is(err, ErrTruncated) {
			t.Errorf("%d bytes: got %v, want %v", n, err, ErrTruncated)
		}
	}
}

func TestSplitSignedBoundsKey(t *testing.T) {
	key, _, err := SplitSigned(append(make([]byte, HeaderLen), 0, 2, 'a', 'b', 'c'))
	if err != nil || string(key) != "ab" || cap(key) != 2 {
		t.Errorf("got %q of capacity %d and %v, want ab alone", key, cap(key), err)
	}
	if _, _, err := SplitSigned(make([]byte, 22)); !errors.Is(err, ErrShort) {
		t.Errorf("got %v, want %v", err, ErrShort)
	}
}

func TestAppendSignedHeaderPanicsOnLongKey(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("got no panic, want one: the length would not be the key's")
		}
	}()
	AppendSignedHeader(nil, [20]byte{}, PunctureID, bytes.Repeat([]byte{1}, 65536), 1)
}

func TestFlagStrings(t *testing.T) {
	checkFlag(t, "246", IntroductionRequestFlags(0xa7).String(), "0xa7 connection_type=public supports_new_style tunnel sync advice")
	checkFlag(t, "245", IntroductionResponseFlags(0x5c).String(), "0x5c connection_type=N/A supports_new_style intro_supports_new_style peer_limit_reached")
	checkFlag(t, "233", NewIntroductionResponseFlags(0xc0).String(), "0xc0 intro_supports_new_style")
	checkFlag(t, "1", SimilarityRequestFlags(0xc1).String(), "0xc1 connection_type=symmetric-NAT")
	checkFlag(t, "none", IntroductionRequestFlags(0).String(), "0x00")
	checkFlag(t, "not a type", ConnectionType(1).String(), "invalid")
}
