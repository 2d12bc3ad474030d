package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/netip"
	"time"

	"github.com/spf13/cobra"

	"peerscope/cmd/peerscope/internal/config"
	"peerscope/engine/event"
	"peerscope/engine/keyvault"
	"peerscope/engine/peer"
)

// drainTime is how long the last events may take to be read after the end. A
// reader that has stopped reading does not keep the program alive.
const drainTime = 5 * time.Second

// An observer is the engine as watch needs it.
type observer interface {
	// Run takes part in the network until ctx ends.
	Run(ctx context.Context) error
	// Events is what happens, numbered.
	Events() *event.Log
	// Addresses are those of its sockets.
	Addresses() []netip.AddrPort
}

// observerConfig is what an observer starts from.
type observerConfig struct {
	settings config.Config
	key      keyvault.PrivateKey
	log      *slog.Logger
}

func (a *app) watchCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "watch",
		Short: "Join the network and print what happens, a JSON object per line",
		Long: `Join the network as a peer and print every event as one line of JSON on standard output
until interrupted. An identity is made where there is none. Without --bootstrap or
--network it contacts nobody and waits for peers to come.

The addresses that it listens on are logged to standard error.`,
		Example: `  peerscope watch --udp 127.0.0.1:0 --bootstrap 127.0.0.1:8470
  peerscope watch --bootstrap 127.0.0.1:8470 | jq 'select(.type == "PongReceived")'`,
		Args: cobra.NoArgs,
	}
	flags := settingFlags(cmd)
	cmd.Long += reloadHelp(flags)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return a.watch(cmd.Context(), flags) }
	return cmd
}

func (a *app) watch(ctx context.Context, flags *config.Flags) error {
	c, err := a.load(flags)
	if err != nil {
		return err
	}
	key, created, err := identity(c)
	if err != nil {
		return err
	}
	log, level := a.logger(c)
	mid := peer.Mid(key.Public().Mid()).String()
	if created {
		log.Info("identity made", "mid", mid, "dir", c.DataDir)
	}
	o, err := a.observe(observerConfig{settings: c, key: key, log: log})
	if err != nil {
		return err
	}
	return a.attend(ctx, reloader{app: a, flags: flags, current: c, level: level, log: log}, func(ctx context.Context) error {
		log.Info("listening", append(addressAttrs(o.Addresses()), "mid", mid)...)
		if len(c.Bootstrap) == 0 && c.Network == "" {
			log.Info("no bootstrap server is set; waiting for peers to come")
		}
		return follow(ctx, o, a.stdout, log)
	})
}

// addressAttrs are the sockets' addresses as log attributes, udp and udp6.
func addressAttrs(addrs []netip.AddrPort) []any {
	var attrs []any
	for _, addr := range addrs {
		name := "udp6"
		if addr.Addr().Is4() {
			name = "udp"
		}
		attrs = append(attrs, name, addr.String())
	}
	return attrs
}

// follow runs the observer and prints its events until ctx ends or nobody reads
// them any more.
func follow(ctx context.Context, o observer, out io.Writer, log *slog.Logger) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ran, printed := make(chan error, 1), make(chan error, 1)
	go func() {
		err := o.Run(ctx)
		o.Events().Close()
		ran <- err
	}()
	// The events of the end are printed too: only the closed log ends the printing.
	go func() { printed <- printEvents(context.WithoutCancel(ctx), o.Events(), out, log) }()
	select {
	case err := <-printed:
		cancel()
		return errors.Join(<-ran, err)
	case err := <-ran:
		select {
		case failed := <-printed:
			return errors.Join(err, failed)
		case <-time.After(drainTime):
			log.Warn("standard output is not read; the last events are lost")
			return err
		}
	}
}

// printEvents writes each event as a line, with one write, until the log is
// closed and empty. Nothing is held back: a line is out as soon as it is there.
func printEvents(ctx context.Context, events *event.Log, out io.Writer, log *slog.Logger) error {
	var after uint64
	batch := make([]event.Event, 256)
	for events.Wait(ctx, after) {
		n, missed := events.Read(after, batch)
		if missed > 0 {
			log.Warn("standard output is read too slowly; events are lost", "events", missed)
		}
		for _, e := range batch[:n] {
			line, err := json.Marshal(e)
			if err != nil {
				return err
			}
			if _, err := out.Write(append(line, '\n')); err != nil {
				return err
			}
			after = e.Seq
		}
	}
	return nil
}
