package exchange

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"peerscope/engine/keyvault"
	"peerscope/engine/simnet"
	"peerscope/engine/udp"
	"peerscope/engine/wire"
)

// A scene is a session and a peer on a simulated network, 10 ms apart, in a
// bubble with its own clock.
type scene struct {
	t       *testing.T
	peer    *simnet.Conn
	session *Session
	steps   []Step
}

// play runs story in a bubble; answer is what the peer sends back for a datagram.
func play(t *testing.T, answer func(*scene, udp.Datagram), story func(*scene)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		lan := simnet.New(simnet.Config{})
		defer lan.Close()
		c := &scene{t: t}
		c.peer = c.listen(lan, "10.0.0.2:2000")
		go c.serve(answer)
		var err error
		c.session, err = Open(t.Context(), Config{
			Report: func(s Step) { c.steps = append(c.steps, s) },
			Listen: func(netip.AddrPort) (Socket, error) { return c.listen(lan, "10.0.0.1:1000"), nil },
			Lookup: func(_ context.Context, host string) ([]netip.Addr, error) {
				if host != "peer.test" {
					return nil, errors.New("no such name")
				}
				return []netip.Addr{netip.IPv6Loopback(), netip.MustParseAddr("::ffff:10.0.0.2"), netip.MustParseAddr("10.0.0.3")}, nil
			},
		}, Target{"peer.test", 2000})
		if err != nil {
			t.Fatal(err)
		}
		story(c)
		if err := c.session.Close(); err != nil && !errors.Is(err, net.ErrClosed) { // a story may have closed the socket
			t.Errorf("close: %v", err)
		}
		c.peer.Close()
	})
}

func (c *scene) listen(lan *simnet.Net, addr string) *simnet.Conn {
	conn, err := lan.Listen(netip.MustParseAddrPort(addr))
	if err != nil {
		c.t.Fatal(err)
	}
	return conn
}

// serve answers until the peer's socket is closed.
func (c *scene) serve(answer func(*scene, udp.Datagram)) {
	for {
		batch := []udp.Datagram{{Data: make([]byte, 2048)}}
		if _, err := c.peer.ReadBatch(batch); err != nil {
			return
		}
		answer(c, batch[0])
	}
}

// send sends packets from the peer.
func (c *scene) send(to netip.AddrPort, packets ...[]byte) {
	for _, p := range packets {
		c.peer.WriteBatch([]udp.Datagram{{Data: p, Addr: to}})
	}
}

// wantSteps compares the steps so far, each as its kind and time.
func (c *scene) wantSteps(want ...string) {
	c.t.Helper()
	var got []string
	for _, s := range c.steps {
		text := fmt.Sprintf("%v %s", s.Elapsed, s.Kind)
		if s.Packet.Name != "" {
			text += " " + s.Packet.Name
		}
		if s.Reason != nil {
			text += ": " + s.Reason.Error()
		}
		got = append(got, text)
	}
	if !slices.Equal(got, want) {
		c.t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// pinged is the identifier of a ping.
func pinged(d udp.Datagram) uint16 {
	p, err := wire.ParsePing(d.Data[31:])
	if err != nil {
		panic(err)
	}
	return p.Identifier
}

func TestPingAnswered(t *testing.T) {
	play(t, func(c *scene, d udp.Datagram) { c.send(d.Addr, pong(pinged(d))) }, func(c *scene) {
		if got, want := c.session.Target().String(), "10.0.0.2:2000"; got != want {
			t.Errorf("resolved to %s, want the first IPv4 address %s", got, want)
		}
		a, err := c.session.Ask(c.t.Context(), Ping(c.session.Target(), c.session.Identifier()))
		if err != nil {
			t.Fatal(err)
		}
		if a.RTT != 20*time.Millisecond {
			t.Errorf("round trip: got %v, want 20ms", a.RTT)
		}
		c.wantSteps("0s resolved", "0s opened", "0s sent ping", "20ms received pong")
	})
}

// What is no answer is listed with its reason, and the wait goes on.
func TestIgnoredBeforeAnswer(t *testing.T) {
	play(t, func(c *scene, d udp.Datagram) {
		c.send(d.Addr, []byte("hello"), pong(pinged(d)+1), Ping(d.Addr, 7).Packet, pong(pinged(d)))
	}, func(c *scene) {
		if _, err := c.session.Ask(c.t.Context(), Ping(c.session.Target(), c.session.Identifier())); err != nil {
			t.Fatal(err)
		}
		c.wantSteps("0s resolved", "0s opened", "0s sent ping",
			"20ms ignored not IPv8: shorter than a packet header",
			"20ms ignored pong: the identifier is of no request of ours",
			"20ms ignored ping: another message: ping",
			"20ms received pong")
		if got := c.session.Ignored(); got != 3 {
			t.Errorf("ignored: got %d, want 3", got)
		}
	})
}

func TestTimeout(t *testing.T) {
	play(t, func(*scene, udp.Datagram) {}, func(c *scene) {
		_, err := c.session.Ask(c.t.Context(), Ping(c.session.Target(), c.session.Identifier()))
		if !errors.Is(err, ErrTimeout) {
			t.Errorf("got %v, want %v", err, ErrTimeout)
		}
		c.wantSteps("0s resolved", "0s opened", "0s sent ping", "5s timed-out: no answer within 5s")
	})
}

// The answer to a question that timed out, and a second answer, are told apart
// from foreign identifiers.
func TestLateAndDoubleAnswers(t *testing.T) {
	play(t, func(c *scene, d udp.Datagram) {
		if d.At.Sub(c.session.start) < time.Second { // the first ping
			time.Sleep(6 * time.Second)
		}
		c.send(d.Addr, pong(pinged(d)), pong(pinged(d)))
	}, func(c *scene) {
		to := c.session.Target()
		if _, err := c.session.Ask(c.t.Context(), Ping(to, c.session.Identifier())); !errors.Is(err, ErrTimeout) {
			t.Errorf("first: got %v, want %v", err, ErrTimeout)
		}
		if _, err := c.session.Ask(c.t.Context(), Ping(to, c.session.Identifier())); err != nil {
			t.Errorf("second: %v", err)
		}
		if err := c.session.Pause(c.t.Context(), time.Second); err != nil {
			t.Errorf("pause: %v", err)
		}
		c.wantSteps("0s resolved", "0s opened", "0s sent ping", "5s timed-out: no answer within 5s", "5s sent ping",
			"6.02s ignored pong: the identifier is of an earlier request",
			"6.02s ignored pong: the identifier is of an earlier request",
			"6.02s received pong",
			"6.02s ignored pong: the identifier is of an earlier request")
	})
}

// A flood is counted whole and reported up to the bound.
func TestIgnoredIsBounded(t *testing.T) {
	play(t, func(c *scene, d udp.Datagram) {
		for range 100 {
			c.send(d.Addr, []byte("flood"))
		}
	}, func(c *scene) {
		if _, err := c.session.Ask(c.t.Context(), Ping(c.session.Target(), 1)); !errors.Is(err, ErrTimeout) {
			t.Errorf("got %v, want %v", err, ErrTimeout)
		}
		reported := 0
		for _, s := range c.steps {
			if s.Kind == Ignored {
				reported++
			}
		}
		if reported != maxIgnored || c.session.Ignored() != 100 {
			t.Errorf("reported %d of %d, want %d of 100", reported, c.session.Ignored(), maxIgnored)
		}
	})
}

func TestCancelled(t *testing.T) {
	play(t, func(*scene, udp.Datagram) {}, func(c *scene) {
		cause := errors.New("enough")
		ctx, cancel := context.WithCancelCause(c.t.Context())
		time.AfterFunc(time.Second, func() { cancel(cause) })
		if _, err := c.session.Ask(ctx, Ping(c.session.Target(), 1)); !errors.Is(err, cause) {
			t.Errorf("ask: got %v, want %v", err, cause)
		}
		if err := c.session.Pause(ctx, time.Second); !errors.Is(err, cause) {
			t.Errorf("pause: got %v, want %v", err, cause)
		}
	})
}

// A socket that fails ends the wait at once.
func TestSocketClosed(t *testing.T) {
	play(t, func(*scene, udp.Datagram) {}, func(c *scene) {
		time.AfterFunc(time.Second, func() { c.session.socket.Close() })
		_, err := c.session.Ask(c.t.Context(), Ping(c.session.Target(), 1))
		if err == nil || errors.Is(err, ErrTimeout) || c.session.Elapsed() != time.Second {
			t.Errorf("after %v: got %v", c.session.Elapsed(), err)
		}
	})
}

func TestIdentifiersDiffer(t *testing.T) {
	s := &Session{}
	for range 200 {
		id := s.Identifier()
		if id == 0 || id == 65535 || slices.Contains(s.earlier, id) {
			t.Fatalf("got %d after %v", id, s.earlier)
		}
		s.remember(id)
		if len(s.earlier) > maxEarlier {
			t.Fatalf("remembers %d identifiers, want at most %d", len(s.earlier), maxEarlier)
		}
	}
}

func TestResolveFails(t *testing.T) {
	lost := errors.New("no such name")
	cases := []struct {
		name  string
		addrs []netip.Addr
		err   error
		want  error
	}{
		{"unknown", nil, lost, lost},
		{"no address", nil, nil, ErrTarget},
		{"no usable address", []netip.Addr{netip.IPv4Unspecified()}, nil, ErrTarget},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			_, err := Open(t.Context(), Config{
				Lookup: func(context.Context, string) ([]netip.Addr, error) { return tc.addrs, tc.err },
			}, Target{"peer.test", 1})
			if !errors.Is(err, tc.want) {
				t.Errorf("got %v, want %v", err, tc.want)
			}
		})
	}
}

// The same over real sockets of loopback, both families: a signed question, the
// address of our socket in it, and the time of arrival from the kernel.
func TestLoopback(t *testing.T) {
	for _, host := range []string{"127.0.0.1", "::1"} {
		t.Run(host, func(t *testing.T) {
			responder := key(t, 'b')
			addr := answerOnLoopback(t, host, func(d udp.Datagram) []byte {
				_, body, err := verify(d.At, keyvault.NewVerifier(keyvault.VerifierConfig{}), d.Data)
				if err != nil {
					t.Error(err)
				}
				p, err := parse(wire.NewIntroductionRequestID, body)
				if err != nil {
					t.Error(err)
				}
				request := p.(wire.NewIntroductionRequest)
				if request.SourceLANAddress != d.Addr || request.DestinationAddress.Addr() != d.Addr.Addr() {
					t.Errorf("request from %v says %+v", d.Addr, request)
				}
				return sign(t, responder, [20]byte{1}, wire.NewIntroductionResponse{
					DestinationAddress: d.Addr, Identifier: request.Identifier,
				})
			})
			s, err := Open(t.Context(), Config{Timeout: time.Minute}, Target{addr.Addr().String(), addr.Port()})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			q, err := Self{s.Local(), key(t, 'a')}.Walk(s.Target(), [20]byte{1}, NewStyle, s.Identifier())
			if err != nil {
				t.Fatal(err)
			}
			a, err := s.Ask(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			if mid, _ := a.Mid(); mid != responder.Public().Mid() || a.RTT <= 0 {
				t.Errorf("got an answer of %v after %v", mid, a.RTT)
			}
			if p := a.Payload.(wire.NewIntroductionResponse); p.DestinationAddress != s.Local() {
				t.Errorf("seen as %v, want %v", p.DestinationAddress, s.Local())
			}
		})
	}
}

// answerOnLoopback answers every datagram to the address that it returns.
func answerOnLoopback(t *testing.T, host string, answer func(udp.Datagram) []byte) netip.AddrPort {
	t.Helper()
	addr := netip.AddrPortFrom(netip.MustParseAddr(host), 0)
	network := "udp6"
	if addr.Addr().Is4() {
		network = "udp4"
	}
	conn, err := udp.Listen(network, addr, udp.Config{})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { conn.Close(); <-done })
	go func() {
		defer close(done)
		for {
			batch := []udp.Datagram{{Data: make([]byte, 2048)}}
			if _, err := conn.ReadBatch(batch); err != nil {
				return
			}
			conn.WriteBatch([]udp.Datagram{{Data: answer(batch[0]), Addr: batch[0].Addr}})
		}
	}()
	return conn.LocalAddr()
}

// refusing is a socket that cannot send, as one without a route.
type refusing struct{ Socket }

func (refusing) WriteBatch([]udp.Datagram) (int, error) { return 0, nil }
func (refusing) WriteErrors() map[string]uint64         { return map[string]uint64{"ENETUNREACH": 1} }

// A request that the system does not take is an error at once, with its name.
func TestSendFails(t *testing.T) {
	_, err := send(refusing{}, there, []byte("request"))
	if want := "send to 127.0.0.1:2000: ENETUNREACH"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
