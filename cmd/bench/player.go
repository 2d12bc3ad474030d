package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"peerscope/engine/udp"
)

const (
	// tick is how often a player that waits for answers looks up.
	tick = 50 * time.Millisecond
	// readSize is longer than any packet of the nodes.
	readSize = 2048
)

// A player plays all senders through one socket: one bound to no address hears
// what is sent to any of 127.0.0.0/8, and can send from any. It is tied to the
// loopback interface, so that nothing else reaches it or is reached by it.
type player struct {
	conn *udp.Conn
	self netip.AddrPort
	in   []udp.Datagram
	stop context.CancelFunc
}

func newPlayer() (*player, error) {
	conn, err := udp.Listen("udp4", netip.AddrPortFrom(netip.IPv4Unspecified(), 0), udp.Config{Device: "lo"})
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	p := &player{
		conn: conn, stop: stop, in: make([]udp.Datagram, udp.BatchSize),
		self: netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), conn.LocalAddr().Port()),
	}
	memory := make([]byte, len(p.in)*readSize)
	for i := range p.in {
		p.in[i].Data = memory[i*readSize : (i+1)*readSize : (i+1)*readSize]
	}
	go p.ticks(ctx)
	return p, nil
}

// ticks sends the player a datagram now and then, because reading has no timeout.
func (p *player) ticks(ctx context.Context) {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	wake := []udp.Datagram{{Data: []byte("tick"), Addr: p.self}}
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			p.conn.WriteBatch(wake) // when it fails, so does the read that it is for
		}
	}
}

func (p *player) close() {
	p.stop()
	p.conn.Close()
}

// port is that of all senders.
func (p *player) port() uint16 { return p.self.Port() }

// read waits for packets, or for a tick. They are the player's until the next read.
func (p *player) read() ([]udp.Datagram, error) {
	n, err := p.conn.ReadBatch(p.in)
	return p.in[:n], err
}

// write sends all of ds, or fails: a packet that does not leave would be taken
// for one that was not answered.
func (p *player) write(ds []udp.Datagram) error {
	n, err := p.conn.WriteBatch(ds)
	if err != nil {
		return err
	}
	if n != len(ds) {
		return fmt.Errorf("%d of %d packets not sent: %v", len(ds)-n, len(ds), p.conn.WriteErrors())
	}
	return nil
}

// errSilent means that a node stopped answering.
var errSilent = errors.New("the node stopped answering")
