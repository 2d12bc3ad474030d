//go:build linux

package engine

import (
	"errors"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"peerscope/engine/community"
	"peerscope/engine/keyvault"
	"peerscope/engine/udp"
	"peerscope/engine/wire"
)

// A fleet is many honest peers behind one socket. Each has a key and an address
// of 127.1.0.0/16 of its own, answers what the engine asks, and asks it once a
// second: a ping, an introduction request and a similarity request.
type fleet struct {
	conn    *udp.Conn
	target  netip.AddrPort
	members []*member
	byAddr  map[netip.Addr]*member

	sent  atomic.Uint64 // packets to the engine that the kernel took
	stop  chan struct{}
	tasks sync.WaitGroup
	fault atomic.Pointer[error] // what ended a task before its time
}

// exchanged is what a fleet did.
type exchanged struct {
	Sent        uint64 // packets that the kernel took
	KernelDrops uint64 // of the engine's packets
	// Answers counts since the flood began, by the answer's name.
	Answers map[string]exchange
}

// A member is one honest peer.
type member struct {
	key  keyvault.PrivateKey
	addr netip.Addr

	mu       sync.Mutex
	silent   bool
	asked    map[wire.MessageID]map[uint16]bool // answers that are waited for, by identifier
	exchange map[wire.MessageID]*exchange       // by the answer's id
	clock    uint64
}

// exchange counts questions and their answers.
type exchange struct{ Asked, Answered int }

// memberAsks is how often a member asks the engine each of its questions.
const memberAsks = time.Second

func newFleet(n int, target netip.AddrPort) (*fleet, error) {
	conn, err := udp.Listen("udp4", netip.AddrPortFrom(netip.IPv4Unspecified(), 0), udp.Config{Device: "lo"})
	if err != nil {
		return nil, err
	}
	f := &fleet{conn: conn, target: target, byAddr: make(map[netip.Addr]*member), stop: make(chan struct{})}
	for i := range n {
		m := &member{
			key: memberKey(i), addr: netip.AddrFrom4([4]byte{127, 1, byte(i >> 8), byte(i)}),
			asked: make(map[wire.MessageID]map[uint16]bool), exchange: make(map[wire.MessageID]*exchange),
		}
		for _, id := range fleetAnswers {
			m.asked[id], m.exchange[id] = make(map[uint16]bool), new(exchange)
		}
		f.members, f.byAddr[m.addr] = append(f.members, m), m
	}
	f.tasks.Go(f.read)
	f.tasks.Go(f.ask)
	return f, nil
}

// memberKey is the key of the i-th member.
func memberKey(i int) keyvault.PrivateKey {
	key, err := keyvault.GenerateKey(rand.NewChaCha8([32]byte{byte(i), byte(i >> 8), 'h'}))
	if err != nil {
		panic(err) // such a source does not end
	}
	return key
}

// fleetAnswers are the answers that a member waits for.
var fleetAnswers = [...]wire.MessageID{wire.PongID, wire.IntroductionResponseID, wire.SimilarityResponseID}

// close ends asking and answering.
func (f *fleet) close() (r exchanged, err error) {
	close(f.stop)
	f.conn.Close()
	f.tasks.Wait()
	if fault := f.fault.Load(); fault != nil {
		return r, *fault
	}
	r = exchanged{Sent: f.sent.Load(), KernelDrops: f.conn.KernelDrops(), Answers: make(map[string]exchange)}
	for _, id := range fleetAnswers {
		r.Answers[id.String()] = f.total(id)
	}
	return r, nil
}

// failed keeps an error, unless it is the end.
func (f *fleet) failed(err error) {
	if err != nil && !errors.Is(err, net.ErrClosed) {
		f.fault.Store(&err)
	}
}

// send sends packets of one or more members.
func (f *fleet) send(packets []udp.Datagram) {
	if len(packets) == 0 {
		return
	}
	n, err := f.conn.WriteBatch(packets)
	f.sent.Add(uint64(n))
	f.failed(err)
}

// read answers the engine.
func (f *fleet) read() {
	in, out := make([]udp.Datagram, udp.BatchSize), make([]udp.Datagram, 0, udp.BatchSize)
	for i := range in {
		in[i].Data = make([]byte, 2048)
	}
	for {
		n, err := f.conn.ReadBatch(in)
		if err != nil {
			f.failed(err)
			return
		}
		out = out[:0]
		for _, d := range in[:n] {
			m := f.byAddr[d.Local]
			if m == nil || d.Addr != f.target {
				continue
			}
			if answer := m.receive(f.target, d.Data); answer != nil {
				out = append(out, udp.Datagram{Data: answer, Addr: f.target, Local: m.addr})
			}
		}
		f.send(out)
	}
}

// ask has each member ask in turn.
func (f *fleet) ask() {
	ticks := time.NewTicker(memberAsks / time.Duration(len(f.members)))
	defer ticks.Stop()
	for i := 0; ; i++ {
		select {
		case <-f.stop:
			return
		case <-ticks.C:
		}
		m := f.members[i%len(f.members)]
		var out []udp.Datagram
		for _, question := range m.questions() {
			out = append(out, udp.Datagram{Data: question, Addr: f.target, Local: m.addr})
		}
		f.send(out)
	}
}

// questions are one of each.
func (m *member) questions() [][]byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.silent {
		return nil
	}
	m.clock++
	identifier := uint16(m.clock)
	for _, id := range fleetAnswers {
		m.asked[id][identifier] = true
		m.exchange[id].Asked++
	}
	return [][]byte{
		unsigned(m.clock, wire.Ping{Identifier: identifier}),
		signed(m.key, m.clock, askIntroduction(m.addr, identifier)),
		signed(m.key, m.clock, askSimilarity(m.addr, identifier)),
	}
}

// receive takes a packet of the engine and returns the answer, nil for none.
func (m *member) receive(engine netip.AddrPort, packet []byte) []byte {
	payload, err := readPacket(packet)
	if err != nil {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.silent {
		return nil
	}
	switch p := payload.(type) {
	case wire.Pong:
		m.answered(p.ID(), p.Identifier)
	case wire.IntroductionResponse:
		m.answered(p.ID(), p.Identifier)
	case wire.SimilarityResponse:
		m.answered(p.ID(), p.Identifier)
	case wire.Ping:
		return unsigned(m.clock, wire.Pong(p))
	case wire.IntroductionRequest:
		none := netip.AddrPortFrom(netip.IPv4Unspecified(), 0)
		own := netip.AddrPortFrom(m.addr, floodPort)
		return signed(m.key, m.clock, wire.IntroductionResponse{
			DestinationAddress: engine, SourceLANAddress: own, SourceWANAddress: own,
			LANIntroductionAddress: none, WANIntroductionAddress: none, Identifier: p.Identifier,
		})
	case wire.SimilarityRequest:
		return signed(m.key, m.clock, wire.SimilarityResponse{
			Identifier: p.Identifier, PreferenceList: [][20]byte{community.DiscoveryCommunityID},
		})
	}
	return nil
}

// answered notes an answer of the engine's; the caller holds the lock.
func (m *member) answered(id wire.MessageID, identifier uint16) {
	if m.asked[id][identifier] {
		delete(m.asked[id], identifier)
		m.exchange[id].Answered++
	}
}

// fallSilent makes a member neither ask nor answer any more.
func (m *member) fallSilent() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.silent = true
}

// restart starts the counts again.
func (f *fleet) restart() {
	for _, m := range f.members {
		m.mu.Lock()
		for _, id := range fleetAnswers {
			clear(m.asked[id])
			*m.exchange[id] = exchange{}
		}
		m.mu.Unlock()
	}
}

// total are the counts of all members.
func (f *fleet) total(id wire.MessageID) (all exchange) {
	for _, m := range f.members {
		m.mu.Lock()
		all.Asked += m.exchange[id].Asked
		all.Answered += m.exchange[id].Answered
		m.mu.Unlock()
	}
	return all
}
