package keyvault

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
)

func TestParsePublicKeyForms(t *testing.T) {
	nacl := testKey(t, 1).Public().Bytes()
	sect := sectCurve(Sect163K1).publicKey(t, Sect163K1, newReference(Sect163K1).base).Bytes()
	tests := []struct {
		name string
		blob []byte
		want KeyType
	}{
		{"curve25519", nacl, Curve25519},
		{"sect163k1", sect, Sect163K1},
		{"nil", nil, 0},
		{"shorter", nacl[:73], 0},
		{"longer", append(bytes.Clone(nacl), 0), 0},
		{"prefix only", []byte(publicPrefix), 0},
		{"private prefix", append([]byte(privatePrefix), nacl[10:]...), 0},
		{"legacy shorter", sect[:len(sect)-1], 0},
		{"legacy longer", append(bytes.Clone(sect), 0), 0},
		{"legacy compressed", flip(sect, 23, 0x04^0x02), 0},
		{"legacy hybrid", flip(sect, 23, 0x04^0x06), 0},
		{"legacy of an unknown curve", flip(sect, 19, 0x01^0x0f), 0},
	}
	for _, tt := range tests {
		key, err := ParsePublicKey(tt.blob)
		if tt.want == 0 {
			if !errors.Is(err, ErrMalformed) || !key.IsZero() {
				t.Errorf("%s: ParsePublicKey = %v, %v, want ErrMalformed", tt.name, key, err)
			}
			continue
		}
		if err != nil || key.Type() != tt.want || !bytes.Equal(key.Bytes(), tt.blob) || key.Len() != len(tt.blob) {
			t.Errorf("%s: ParsePublicKey = %x of type %v, %v, want %x", tt.name, key.Bytes(), key.Type(), err, tt.blob)
		}
	}
}

// TestParsePublicKeyCopies: a packet buffer is used again for the next packet.
func TestParsePublicKeyCopies(t *testing.T) {
	blob := testKey(t, 1).Public().Bytes()
	key, err := ParsePublicKey(blob)
	if err != nil {
		t.Fatal(err)
	}
	clear(blob)
	if got, want := key, testKey(t, 1).Public(); got != want {
		t.Errorf("key after its buffer was cleared = %x, want %x", got.Bytes(), want.Bytes())
	}
}

func TestZeroKeys(t *testing.T) {
	var public PublicKey
	if public.Type() != 0 || public.SignatureLen() != 0 || public.Legacy() || len(public.Bytes()) != 0 {
		t.Errorf("zero PublicKey has type %v, signature length %d", public.Type(), public.SignatureLen())
	}
	if err := public.Validate(); !errors.Is(err, ErrKey) {
		t.Errorf("Validate = %v, want ErrKey", err)
	}
	var private PrivateKey
	if !private.IsZero() || private.CanSign() || private.Bytes() != nil || !private.Public().IsZero() {
		t.Errorf("zero PrivateKey = %v, CanSign %v, Bytes %x", private, private.CanSign(), private.Bytes())
	}
}

func TestKeyTypes(t *testing.T) {
	tests := []struct {
		typ          KeyType
		name         string
		signatureLen int
		publicLen    int
	}{
		{0, "none", 0, 0},
		{Curve25519, "curve25519", 64, 74},
		{Sect163K1, "sect163k1", 42, 66},
		{Sect233K1, "sect233k1", 60, 84},
		{Sect409K1, "sect409k1", 104, 128},
		{Sect571R1, "sect571r1", 144, 170},
		{Sect571K1, "sect571k1", 144, 170},
		{Sect571K1 + 1, "none", 0, 0},
	}
	for _, tt := range tests {
		if got := tt.typ.String(); got != tt.name {
			t.Errorf("KeyType(%d).String() = %q, want %q", tt.typ, got, tt.name)
		}
		if got := tt.typ.SignatureLen(); got != tt.signatureLen {
			t.Errorf("%v: SignatureLen = %d, want %d", tt.typ, got, tt.signatureLen)
		}
		if !tt.typ.Legacy() {
			continue
		}
		form := sectForms[tt.typ-Sect163K1]
		if got := len(form.spkiPrefix) + 2*form.fieldLen; got != tt.publicLen {
			t.Errorf("%v: public key of %d bytes, want %d", tt.typ, got, tt.publicLen)
		}
		if c := sectCurve(tt.typ); form.fieldLen != c.bytes || form.scalarLen != (c.n.BitLen()+7)/8 {
			t.Errorf("%v: field of %d and scalar of %d bytes, want %d and %d", tt.typ, form.fieldLen, form.scalarLen, c.bytes, (c.n.BitLen()+7)/8)
		}
	}
}

func TestGenerateKey(t *testing.T) {
	a, err := GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	if a.Public() == b.Public() || bytes.Equal(a.Bytes()[10:42], b.Bytes()[10:42]) {
		t.Error("two generated keys have a half in common")
	}
	if err := a.Public().Validate(); err != nil || a.Public().Type() != Curve25519 {
		t.Errorf("generated key of type %v: Validate = %v", a.Public().Type(), err)
	}
	if _, err := GenerateKey(strings.NewReader("not 64 bytes")); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("GenerateKey with too little randomness = %v, want ErrUnexpectedEOF", err)
	}
}

// TestPrivateKeyIsNotPrinted: no way of printing a key, or a struct around one, shows its secret.
func TestPrivateKeyIsNotPrinted(t *testing.T) {
	key := testKey(t, 7)
	holder := struct {
		key PrivateKey
		Key PrivateKey
	}{key, key}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("key", "key", key, "holder", holder)
	texts := []string{log.String()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		texts = append(texts, fmt.Sprintf(verb, key), fmt.Sprintf(verb, holder), fmt.Sprintf(verb, &holder))
	}
	secret := key.Bytes()[10:]
	for _, text := range texts {
		for _, shown := range []string{string(secret), fmt.Sprintf("%x", secret), privatePrefix, fmt.Sprintf("%x", privatePrefix)} {
			if strings.Contains(text, shown) {
				t.Errorf("the secret is in %q", text)
			}
		}
	}
}

func TestLogValues(t *testing.T) {
	key := testKey(t, 1)
	mid := key.Public().Mid()
	want := fmt.Sprintf("curve25519 %x", mid[:4])
	if got := key.Public().LogValue().String(); got != want {
		t.Errorf("LogValue of the public key = %q, want %q", got, want)
	}
	if got := key.LogValue().String(); got != want {
		t.Errorf("LogValue of the private key = %q, want %q", got, want)
	}
}
