package main

import (
	"context"
	"net/netip"
)

// A node is one of the two programs that are compared, running.
type node interface {
	// Name is what the report calls it.
	Name() string
	// Address is its UDP socket's.
	Address() netip.AddrPort
	// PID is its process.
	PID() int
	// Know makes it know the senders up to n, each verified at its address and in
	// two communities, and checks that it does. A number below the last one does
	// nothing. It tells progress how many are known so far.
	Know(ctx context.Context, n int, progress func(known int)) error
	// Player is the socket that the node knows the senders by.
	Player() *player
	// Stop ends it.
	Stop()
}

// introduceWindow is how many requests to a node that gets to know the senders
// are under way.
const introduceWindow = 32

// introduce has each sender ask the node for an introduction and for its
// communities, until it is answered.
func introduce(ctx context.Context, n node, senders []int) error {
	for _, k := range []kind{introduction, similarity} {
		l, err := newLoad(n.Player(), n.Address(), k, introduceWindow, senders)
		if err != nil {
			return err
		}
		if err := l.askAll(ctx); err != nil {
			return err
		}
	}
	return nil
}
