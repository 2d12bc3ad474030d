package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"peerscope/engine/exchange"
)

// exchangeFlags are the flags that ping, walk and similarity share.
type exchangeFlags struct {
	timeout *time.Duration
	json    *bool
}

func addExchangeFlags(cmd *cobra.Command) exchangeFlags {
	return exchangeFlags{
		timeout: cmd.Flags().Duration("timeout", exchange.DefaultTimeout, "how long an answer may take"),
		json:    cmd.Flags().Bool("json", false, "print a JSON object per step"),
	}
}

// targetArg wants exactly one argument, an address.
func targetArg(cmd *cobra.Command, args []string) error {
	if err := cobra.ExactArgs(1)(cmd, args); err != nil {
		return err
	}
	_, err := exchange.ParseTarget(args[0])
	return err
}

// exchangeWith opens a session with the target for talk, and tells its steps.
func (a *app) exchangeWith(cmd *cobra.Command, text string, flags exchangeFlags, talk func(*exchange.Session, *narrator) error) error {
	target, err := exchange.ParseTarget(text)
	if err != nil {
		return err
	}
	if *flags.timeout <= 0 {
		return usageError{cmd.CommandPath(), fmt.Errorf("--timeout: want a time above 0, not %v", *flags.timeout)}
	}
	n := &narrator{out: a.stdout, json: *flags.json, name: text}
	cfg := a.exchange
	cfg.Timeout, cfg.Report = *flags.timeout, n.step
	s, err := exchange.Open(cmd.Context(), cfg, target)
	if err != nil {
		return err
	}
	err = talk(s, n)
	s.Close() // the exchange is over: nothing that this could report matters
	if n.err != nil {
		return n.err
	}
	return err
}
