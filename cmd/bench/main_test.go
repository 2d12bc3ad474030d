package main

import (
	"io"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestParseOptions(t *testing.T) {
	o, err := parseOptions(nil, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(o.senders, []int{200, 2000, 10_000}) || !slices.Equal(o.known, []int{100_000, 1_000_000}) || !slices.Equal(o.kinds, kinds) {
		t.Errorf("by default: %+v", o.plan)
	}
	o, err = parseOptions(strings.Fields("-senders 10,20 -known= -only introduction,ping -rounds 2 -out x.md"), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	want := options{fullPlan, "x.md"}
	want.kinds, want.senders, want.rounds = []kind{introduction, ping}, []int{10, 20}, 2
	if !reflect.DeepEqual(o, want) {
		t.Errorf("got %+v, want %+v", o, want)
	}
	o, err = parseOptions([]string{"-quick"}, io.Discard)
	if err != nil || !slices.Equal(o.senders, []int{200}) || o.rounds != 1 {
		t.Errorf("-quick: %+v, %v", o.plan, err)
	}
}

func TestParseOptionsRefuses(t *testing.T) {
	for _, args := range []string{
		"-senders x", "-senders 0", "-senders 20,10", "-senders 10,10", "-senders 17000000", "-known 1,,2",
		"-only pong", "-rounds 0", "-nonsense", "further",
	} {
		if o, err := parseOptions(strings.Fields(args), io.Discard); err == nil {
			t.Errorf("%s: got %+v, want an error", args, o)
		}
	}
}

func TestListeningLine(t *testing.T) {
	found := make(chan netip.AddrPort, 1)
	for _, line := range []string{
		"not JSON", `{"level":"INFO","msg":"identity made","mid":"00"}`,
		`{"level":"INFO","msg":"listening","udp":"127.0.0.1:4711","mid":"00"}`,
		`{"level":"INFO","msg":"listening","udp":"127.0.0.1:4712"}`,
	} {
		listeningLine([]byte(line), found)
	}
	if got, want := <-found, netip.MustParseAddrPort("127.0.0.1:4711"); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestEventCount(t *testing.T) {
	var e eventCount
	for _, line := range []string{
		`{"seq":1,"time":"t","type":"PeerVerified","mid":"00"}`,
		`{"seq":2,"time":"t","type":"CommunitiesLearned","mid":"00"}`,
		`{"seq":3,"time":"t","type":"PingLost","mid":"00"}`,
		`{"seq":9,"time":"t","type":"CommunitiesLearned","mid":"00"}`,
		`{"seq":10,"time":"t","type":"PeerVerified","mid":"00"}`,
	} {
		e.line([]byte(line))
	}
	if v, l, g := e.verified.Load(), e.learned.Load(), e.gaps.Load(); v != 2 || l != 2 || g != 1 {
		t.Errorf("%d verified, %d learned, %d gaps, want 2, 2 and 1", v, l, g)
	}
}

func TestForeignEnv(t *testing.T) {
	t.Setenv("PEERSCOPE_UDP", "127.0.0.1:1")
	t.Setenv("XDG_CONFIG_HOME", "/x")
	t.Setenv("STATE_DIRECTORY", "/y")
	t.Setenv("KEPT", "1")
	env := foreignEnv("/home")
	if got := env[len(env)-1]; got != "HOME=/home" || !slices.Contains(env, "KEPT=1") {
		t.Errorf("HOME or KEPT is missing in %q", env)
	}
	for _, variable := range env {
		for _, prefix := range []string{"PEERSCOPE_", "XDG_", "STATE_DIRECTORY"} {
			if strings.HasPrefix(variable, prefix) {
				t.Errorf("%s is left", variable)
			}
		}
	}
}
