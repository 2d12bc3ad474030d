package main

import (
	"context"
	"log/slog"
	"net/netip"

	"github.com/spf13/cobra"

	"peerscope/cmd/peerscope/internal/config"
)

// A tracker is a bootstrap server as the command needs it.
type tracker interface {
	// Run answers until ctx ends.
	Run(ctx context.Context) error
	// Address is that of its socket.
	Address() netip.AddrPort
}

// trackerConfig is what a tracker starts from.
type trackerConfig struct {
	settings config.Config
	log      *slog.Logger
}

func (a *app) trackerCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "tracker",
		Short: "Run a bootstrap server",
		Long: `Answer introduction requests for any community on one UDP port, as py-ipv8's tracker does,
until interrupted. Its key is a new one at every start: a tracker is known by its address.

The address that it listens on is logged to standard error.`,
		Example: `  peerscope tracker --udp 127.0.0.1:8470
  peerscope tracker --udp 127.0.0.1:0 --source-rate off`,
		Args: cobra.NoArgs,
	}
	flags := settingFlags(cmd, "udp", "source-rate", "log-level", "log-format", "config")
	cmd.Long += reloadHelp(flags)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return a.runTracker(cmd.Context(), flags) }
	return cmd
}

func (a *app) runTracker(ctx context.Context, flags *config.Flags) error {
	c, err := a.load(flags)
	if err != nil {
		return err
	}
	log, level := a.logger(c)
	t, err := a.track(trackerConfig{settings: c, log: log})
	if err != nil {
		return err
	}
	return a.attend(ctx, reloader{app: a, flags: flags, current: c, level: level, log: log}, func(ctx context.Context) error {
		log.Info("listening", addressAttrs([]netip.AddrPort{t.Address()})...)
		return t.Run(ctx)
	})
}
