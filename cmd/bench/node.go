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
	// Met checks that the node knows n peers, each verified and in two communities.
	Met(ctx context.Context, n int) error
	// Player is the socket that the node knows the senders by.
	Player() *player
	// Stop ends it.
	Stop()
}

const (
	// meetStep is how many senders are introduced at a time: few enough that their
	// events fit the ring which `watch` prints from.
	meetStep = 4096
	// meetWindow is how many of their requests are under way.
	meetWindow = 32
)

// meet makes the senders up to n known to a node that knows the first of them, in
// the way that peers are met: each sends an introduction request, which verifies
// it, and a similarity request, which names its two communities. It tells
// progress how many are known so far.
func meet(ctx context.Context, to node, known, n int, progress func(int)) error {
	for known < n {
		senders := make([]int, min(meetStep, n-known))
		for i := range senders {
			senders[i] = known + i
		}
		for _, k := range []kind{introduction, similarity} {
			l, err := newLoad(to.Player(), to.Address(), k, meetWindow, senders)
			if err != nil {
				return err
			}
			l.progress = func(answers int) {
				if k == introduction {
					progress(known + answers)
				}
			}
			if err := l.askAll(ctx); err != nil {
				return err
			}
		}
		known += len(senders)
		if err := to.Met(ctx, known); err != nil {
			return err
		}
	}
	return nil
}
