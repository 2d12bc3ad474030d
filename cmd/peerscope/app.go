package main

import (
	"context"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"peerscope/cmd/peerscope/internal/config"
	"peerscope/engine/exchange"
)

// An app is the outside world as the commands see it. Tests replace parts of it.
type app struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	// environ is the environment as os.Environ has it.
	environ []string
	// hangups delivers each SIGHUP until stop is called.
	hangups func() (hangups <-chan os.Signal, stop func())
	// exchange is how ping, walk and similarity reach the network.
	exchange exchange.Config
	// observe and serve start what watch and tracker run.
	observe func(observerConfig) (observer, error)
	track   func(trackerConfig) (tracker, error)
}

func newApp(stdin io.Reader, stdout, stderr io.Writer) *app {
	return &app{
		stdin: stdin, stdout: stdout, stderr: stderr,
		environ: os.Environ(),
		hangups: notifyHangups,
		observe: startObserver,
		track:   startTracker,
	}
}

// notifyHangups asks the system for SIGHUP. One that comes while the last is
// still worked on is kept; more than that say nothing new.
func notifyHangups() (<-chan os.Signal, func()) {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGHUP)
	return c, func() { signal.Stop(c) }
}

// run executes args and returns the exit code.
func (a *app) run(ctx context.Context, args []string) int {
	root := a.root()
	root.SetArgs(args)
	return a.report(root.ExecuteContext(ctx))
}

// load reads the settings for a command with these flags.
func (a *app) load(flags *config.Flags) (config.Config, error) {
	return config.Load(config.Sources{Flags: flags, Environ: a.environ})
}

// logger writes to stderr as the settings say. The level can be changed later.
func (a *app) logger(c config.Config) (*slog.Logger, *slog.LevelVar) {
	level := new(slog.LevelVar)
	level.Set(c.LogLevel)
	return newLogger(a.stderr, c.LogFormat, level), level
}
