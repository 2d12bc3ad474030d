package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"peerscope/engine/exchange"
	"peerscope/engine/keyvault"
	"peerscope/engine/simnet"
	"peerscope/engine/udp"
	"peerscope/engine/wire"
)

// A remote is a peer on a simulated network, 10 ms from the program that runs in
// the same bubble.
type remote struct {
	t    *testing.T
	conn *simnet.Conn
	key  keyvault.PrivateKey
}

// withRemote runs story in a bubble in which 10.0.0.2:2000, also known as
// peer.test, answers what answer returns.
func withRemote(t *testing.T, answer func(r *remote, d udp.Datagram) [][]byte, story func(*sandbox)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		lan := simnet.New(simnet.Config{})
		defer lan.Close()
		r := &remote{t: t}
		var err error
		if r.key, err = keyvault.ParsePrivateKey(unhex(t, exampleKey)); err != nil {
			t.Fatal(err)
		}
		if r.conn, err = lan.Listen(netip.MustParseAddrPort("10.0.0.2:2000")); err != nil {
			t.Fatal(err)
		}
		go r.serve(answer)
		s := newSandbox(t)
		s.change = func(a *app) {
			a.exchange = exchange.Config{
				Listen: func(netip.AddrPort) (exchange.Socket, error) {
					return lan.Listen(netip.MustParseAddrPort("10.0.0.1:1000"))
				},
				Lookup: func(_ context.Context, host string) ([]netip.Addr, error) {
					if host != "peer.test" {
						return nil, fmt.Errorf("lookup %s: no such host", host)
					}
					return []netip.Addr{netip.MustParseAddr("10.0.0.2")}, nil
				},
			}
		}
		story(s)
		r.conn.Close()
	})
}

func (r *remote) serve(answer func(*remote, udp.Datagram) [][]byte) {
	for {
		batch := []udp.Datagram{{Data: make([]byte, 2048)}}
		if _, err := r.conn.ReadBatch(batch); err != nil {
			return
		}
		for _, packet := range answer(r, batch[0]) {
			r.conn.WriteBatch([]udp.Datagram{{Data: packet, Addr: batch[0].Addr}})
		}
	}
}

// sign makes a signed packet of the remote's.
func (r *remote) sign(community [20]byte, p wire.Payload) []byte {
	b := wire.AppendSignedHeader(nil, community, p.ID(), r.key.Public().Bytes(), 1)
	b, err := p.AppendBinary(b)
	if err != nil {
		r.t.Error(err)
	}
	return r.key.AppendSignature(b, b)
}

// request is the payload of what we sent, whose offset depends on the message.
func (r *remote) request(d udp.Datagram) wire.Payload {
	_, id, err := wire.ParseHeader(d.Data)
	if err != nil {
		r.t.Error(err)
	}
	body := d.Data[31:]
	if id.Signed() {
		body = d.Data[107 : len(d.Data)-64]
	}
	p, err := wire.Parse(id, body)
	if err != nil {
		r.t.Error(err)
	}
	return p
}

// answerAll answers the three questions, and says something else first.
func answerAll(r *remote, d udp.Datagram) [][]byte {
	noise := []byte("noise")
	community, _, _ := wire.ParseHeader(d.Data)
	switch p := r.request(d).(type) {
	case wire.Ping:
		pong := wire.AppendUnsignedHeader(nil, community, wire.PongID, 1)
		pong, _ = wire.Pong(p).AppendBinary(pong)
		return [][]byte{noise, pong}
	case wire.IntroductionRequest:
		return [][]byte{r.sign(community, wire.IntroductionResponse{
			DestinationAddress: d.Addr, WANIntroductionAddress: netip.MustParseAddrPort("10.0.0.3:3000"), Identifier: p.Identifier,
		})}
	case wire.NewIntroductionRequest:
		return [][]byte{r.sign(community, wire.NewIntroductionResponse{DestinationAddress: d.Addr, Identifier: p.Identifier})}
	case wire.SimilarityRequest:
		return [][]byte{r.sign(community, wire.SimilarityResponse{
			Identifier: p.Identifier, PreferenceList: [][20]byte{wire.DiscoveryCommunityID, {1}},
		})}
	}
	return nil
}

func silent(*remote, udp.Datagram) [][]byte { return nil }

// identifiers are random: the tests read over them, and over keys made for one request.
var random = regexp.MustCompile(`(identifier"?:?"? *)[0-9]+|[0-9a-f]{40}(, made)`)

func (r result) wantSteps(t *testing.T, code int, want string) {
	t.Helper()
	got := random.ReplaceAllString(r.stdout, "${1}N$2")
	if want = strings.TrimPrefix(want, "\n"); got != want || r.code != code || r.stderr != "" {
		t.Errorf("exit code %d (want %d), stderr %q, got\n%s\nwant\n%s", r.code, code, r.stderr, got, want)
	}
}

func TestPing(t *testing.T) {
	withRemote(t, answerAll, func(s *sandbox) {
		s.run(nil, "ping", "peer.test:2000", "--count", "2").wantSteps(s.t, exitDone, `
      0.000 ms  resolved   peer.test:2000 is 10.0.0.2:2000
      0.000 ms  opened     10.0.0.1:1000
      0.000 ms  sent       ping to 10.0.0.2:2000, 33 bytes
     20.000 ms  ignored    not IPv8 from 10.0.0.2:2000, 5 bytes: shorter than a packet header
     20.000 ms  received   pong from 10.0.0.2:2000, 33 bytes, round trip 20.000 ms
                           global_time               1
                           identifier                N
   1000.000 ms  sent       ping to 10.0.0.2:2000, 33 bytes
   1020.000 ms  ignored    not IPv8 from 10.0.0.2:2000, 5 bytes: shorter than a packet header
   1020.000 ms  received   pong from 10.0.0.2:2000, 33 bytes, round trip 20.000 ms
                           global_time               1
                           identifier                N
   1020.000 ms  done       2 sent, 2 received, 0 % lost; round trip min 20.000 ms, median 20.000 ms, max 20.000 ms; 2 datagrams ignored
`)
	})
}

// One of three pings is lost: the summary says so, and it is no failure.
func TestPingLoss(t *testing.T) {
	n := 0
	lossy := func(r *remote, d udp.Datagram) [][]byte {
		if n++; n == 2 {
			return nil
		}
		return answerAll(r, d)[1:]
	}
	withRemote(t, lossy, func(s *sandbox) {
		got := s.run(nil, "ping", "10.0.0.2:2000", "--count", "3", "--json", "--timeout", "2s", "--interval", "100ms")
		want := `{"step":"done","elapsed_ms":2120,"pings":{"sent":3,"received":2,"loss_pct":33.3,"min_ms":20,"median_ms":20,"max_ms":20},"ignored":0}`
		lines := strings.Split(strings.TrimSpace(got.stdout), "\n")
		if last := lines[len(lines)-1]; last != want || got.code != exitDone {
			t.Errorf("exit code %d, got\n%s\nwant\n%s", got.code, last, want)
		}
		for _, line := range lines {
			if !json.Valid([]byte(line)) {
				t.Errorf("not JSON: %s", line)
			}
		}
	})
}

func TestPingTimesOut(t *testing.T) {
	withRemote(t, silent, func(s *sandbox) {
		s.run(nil, "ping", "10.0.0.2:2000").wantSteps(s.t, exitFailure, `
      0.000 ms  resolved   10.0.0.2:2000
      0.000 ms  opened     10.0.0.1:1000
      0.000 ms  sent       ping to 10.0.0.2:2000, 33 bytes
   5000.000 ms  timed-out  no answer within 5s from 10.0.0.2:2000
   5000.000 ms  done       1 sent, 0 received, 100 % lost
`)
	})
}

// An interrupt ends a series with the summary of what there is; the ping that it
// cut short counts for nothing.
func TestPingInterrupted(t *testing.T) {
	n := 0
	twice := func(r *remote, d udp.Datagram) [][]byte {
		if n++; n > 2 {
			return nil
		}
		return answerAll(r, d)[1:]
	}
	for _, tc := range []struct {
		after time.Duration
		code  int
		want  string
	}{
		{1500 * time.Millisecond, exitDone, "2 sent, 2 received, 0 % lost; round trip"},
		{2500 * time.Millisecond, exitDone, "2 sent, 2 received, 0 % lost; round trip"},
		{10 * time.Millisecond, exitFailure, "0 sent, 0 received, 0 % lost\n"},
	} {
		n = 0
		withRemote(t, twice, func(s *sandbox) {
			ctx, cancel := context.WithTimeout(s.t.Context(), tc.after)
			defer cancel()
			var stdout, stderr bytes.Buffer
			code := s.app(&stdout, &stderr).run(ctx, []string{"ping", "10.0.0.2:2000", "--count", "5"})
			if code != tc.code || !strings.Contains(stdout.String(), tc.want) || stderr.Len() > 0 {
				t.Errorf("after %v: exit code %d, want %d and %q in\n%s%s", tc.after, code, tc.code, tc.want, &stdout, &stderr)
			}
		})
	}
}

func TestWalk(t *testing.T) {
	withRemote(t, answerAll, func(s *sandbox) {
		s.run(nil, "walk", "10.0.0.2:2000").wantSteps(s.t, exitDone, `
      0.000 ms  resolved   10.0.0.2:2000
      0.000 ms  opened     10.0.0.1:1000
      0.000 ms  identity   N, made for this request
      0.000 ms  sent       introduction-request to 10.0.0.2:2000, 192 bytes
     20.000 ms  received   introduction-response from 10.0.0.2:2000, 204 bytes, round trip 20.000 ms
                           signer                    `+exampleMid+` (curve25519)
                           global_time               1
                           destination_address       10.0.0.1:1000
                           source_lan_address        0.0.0.0:0
                           source_wan_address        0.0.0.0:0
                           lan_introduction_address  0.0.0.0:0
                           wan_introduction_address  10.0.0.3:3000
                           flags                     0x00
                           identifier                N
     20.000 ms  done       nothing ignored
`)
		got := s.run(nil, "walk", "10.0.0.2:2000", "--style", "new", "--community", "0100000000000000000000000000000000000000")
		for _, want := range []string{"new-introduction-request to", "new-introduction-response from"} {
			if got.code != exitDone || !strings.Contains(got.stdout, want) {
				t.Errorf("exit code %d, no %q in\n%s", got.code, want, got.stdout)
			}
		}
	})
}

// The identity signs, where there is one, unless a fresh key is asked for.
func TestWalkIdentity(t *testing.T) {
	withRemote(t, answerAll, func(s *sandbox) {
		path := s.file(".local/state/peerscope/identity.key", string(unhex(t, exampleKey)), 0o600)
		own := `"mid":"` + exampleMid + `","key_type":"curve25519","file":"` + path + `"}`
		if got := s.run(nil, "walk", "--json", "10.0.0.2:2000"); !strings.Contains(got.stdout, own) {
			t.Errorf("no %s in\n%s", own, got.stdout)
		}
		if got := s.run(nil, "walk", "--json", "--fresh-key", "10.0.0.2:2000"); strings.Contains(got.stdout, own) || got.code != exitDone {
			t.Errorf("exit code %d, the identity in\n%s", got.code, got.stdout)
		}
	})
}

func TestSimilarity(t *testing.T) {
	withRemote(t, answerAll, func(s *sandbox) {
		s.run(nil, "similarity", "10.0.0.2:2000").wantSteps(s.t, exitDone, `
      0.000 ms  resolved   10.0.0.2:2000
      0.000 ms  opened     10.0.0.1:1000
      0.000 ms  identity   N, made for this request
      0.000 ms  sent       similarity-request to 10.0.0.2:2000, 206 bytes
     20.000 ms  received   similarity-response from 10.0.0.2:2000, 215 bytes, round trip 20.000 ms
                           signer                    `+exampleMid+` (curve25519)
                           global_time               1
                           identifier                N
                           community                 7e313685c1912a141279f8248fc8db5899c5df5a DiscoveryCommunity
                           community                 0100000000000000000000000000000000000000
     20.000 ms  done       nothing ignored
`)
		got := s.run(nil, "similarity", "--json", "10.0.0.2:2000")
		var received told
		for line := range strings.Lines(got.stdout) {
			if strings.Contains(line, `"step":"received"`) {
				if err := json.Unmarshal([]byte(line), &received); err != nil {
					t.Fatal(err)
				}
			}
		}
		if len(received.Communities) != 2 || received.Mid == nil || received.Mid.String() != exampleMid || *received.RTT != 20 {
			t.Errorf("got %+v", received)
		}
	})
}

func TestSignedTimesOut(t *testing.T) {
	withRemote(t, silent, func(s *sandbox) {
		for _, command := range []string{"walk", "similarity"} {
			got := s.run(nil, command, "10.0.0.2:2000", "--timeout", "1s")
			if got.code != exitFailure || got.stderr != "" || !strings.Contains(got.stdout, "timed-out  no answer within 1s") {
				t.Errorf("%s: got %+v", command, got)
			}
		}
	})
}

// A name that does not resolve is a failure with the resolver's reason, and an
// IPv6 address cannot be asked in old style.
func TestUnreachable(t *testing.T) {
	withRemote(t, silent, func(s *sandbox) {
		got := s.run(nil, "ping", "elsewhere.test:1")
		if want := message([]string{"resolve elsewhere.test: lookup elsewhere.test: no such host"}); got.code != exitFailure || got.stderr != want {
			t.Errorf("got %d %q, want %q", got.code, got.stderr, want)
		}
		got = s.run(nil, "walk", "--style", "old", "[fe80::1]:1")
		if !strings.HasPrefix(got.stderr, "peerscope: --style old carries IPv4 addresses only") || got.code != exitUsage {
			t.Errorf("got %d %q", got.code, got.stderr)
		}
	})
}

// The program's own sockets, on loopback: a peer that is there and one that is not.
func TestPingLoopback(t *testing.T) {
	s := newSandbox(t)
	service := s.start("watch", "--udp", "127.0.0.1:0", "--data-dir", filepath.Join(s.home, "d"))
	addr := service.waitFor("listening")["udp"].(string)
	if got := s.run(nil, "ping", addr, "--timeout", "1m"); got.code != exitDone || !strings.Contains(got.stdout, "1 sent, 1 received") {
		t.Errorf("got %+v", got)
	}
	if got := s.run(nil, "similarity", addr, "--timeout", "1m", "--fresh-key"); got.code != exitDone {
		t.Errorf("got %+v", got)
	}
	service.stop(exitDone)
	if got := s.run(nil, "ping", addr, "--timeout", "1ms"); got.code != exitFailure {
		t.Errorf("after its end: got %+v", got)
	}
}
