package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"peerscope/engine/exchange"
)

// maxPings bounds --count, and with it the round trips that are remembered.
const maxPings = 100_000

func (a *app) pingCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "ping ADDR",
		Short: "Ping one address, step by step",
		Long: `Send a ping of the DiscoveryCommunity to one address and wait for the pong. Every step is
printed with its time since the start; what arrives and is no answer is listed with the
reason. Exit code 1 when no ping was answered.`,
		Example: `  peerscope ping 127.0.0.1:8470
  peerscope ping --count 10 --interval 200ms --json localhost:8470`,
		Args: targetArg,
	}
	flags := addExchangeFlags(cmd)
	count := cmd.Flags().Int("count", 1, "how many pings")
	interval := cmd.Flags().Duration("interval", time.Second, "time between two pings")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if *count < 1 || *count > maxPings {
			return usageError{cmd.CommandPath(), fmt.Errorf("--count: want 1 to %d, not %d", maxPings, *count)}
		}
		if *interval < 0 {
			return usageError{cmd.CommandPath(), fmt.Errorf("--interval: want no negative time, not %v", *interval)}
		}
		return a.exchangeWith(cmd, args[0], flags, func(s *exchange.Session, n *narrator) error {
			return pingSeries(cmd.Context(), s, n, *count, *interval)
		})
	}
	return cmd
}

// pingSeries pings count times. An interrupt ends it early, with the summary of
// what there is.
func pingSeries(ctx context.Context, s *exchange.Session, n *narrator, count int, interval time.Duration) error {
	var tally pings
	for i := range count {
		began := s.Elapsed()
		answer, err := s.Ask(ctx, exchange.Ping(s.Target(), s.Identifier()))
		switch {
		case err == nil:
			tally.rtts = append(tally.rtts, answer.RTT)
		case ctx.Err() != nil:
		case !errors.Is(err, exchange.ErrTimeout):
			return err
		}
		if ctx.Err() != nil {
			break
		}
		tally.sent++
		if i+1 < count {
			if err := s.Pause(ctx, interval-(s.Elapsed()-began)); err != nil && ctx.Err() == nil {
				return err
			}
		}
	}
	n.pinged(s, tally)
	if len(tally.rtts) == 0 {
		return errQuiet
	}
	return nil
}

// pings is the result of a series; a ping that an interrupt cut short is not in it.
type pings struct {
	sent int
	rtts []time.Duration
}

// loss is the share without an answer, in percent.
func (p pings) loss() float64 {
	if p.sent == 0 {
		return 0
	}
	return 100 * float64(p.sent-len(p.rtts)) / float64(p.sent)
}

// spread is the least, the median and the greatest round trip; of an even number
// the median is the mean of the two in the middle.
func (p pings) spread() (least, median, greatest time.Duration) {
	if len(p.rtts) == 0 {
		return 0, 0, 0
	}
	sorted := slices.Sorted(slices.Values(p.rtts))
	middle := len(sorted) / 2
	median = sorted[middle]
	if len(sorted)%2 == 0 {
		median = (sorted[middle-1] + sorted[middle]) / 2
	}
	return sorted[0], median, sorted[len(sorted)-1]
}
