package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"sync"

	"peerscope/cmd/peerscope/internal/config"
)

// A reloader reads the settings again while a service runs.
type reloader struct {
	app     *app
	flags   *config.Flags
	current config.Config
	level   *slog.LevelVar
	log     *slog.Logger
	// apply hands the service the settings that it can change.
	apply func(context.Context, config.Config) error
}

// attend runs a service, and reloads its settings on every SIGHUP meanwhile.
func (a *app) attend(ctx context.Context, r reloader, service func(context.Context) error) error {
	hangups, stop := a.hangups()
	defer stop()
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() { r.follow(ctx, hangups) })
	err := service(ctx)
	cancel()
	wg.Wait()
	return err
}

func (r *reloader) follow(ctx context.Context, hangups <-chan os.Signal) {
	for {
		select {
		case <-hangups:
			r.reload(ctx)
		case <-ctx.Done():
			return
		}
	}
}

// reload takes what can change now from the settings as they are, and says what
// cannot. With any mistake in them nothing changes.
func (r *reloader) reload(ctx context.Context) {
	next, err := r.app.load(r.flags)
	if err != nil {
		r.refuse(err)
		return
	}
	changed := []string{}
	for _, s := range config.Changed(r.current, next) {
		switch {
		case !r.flags.Has(s.Name):
		case s.Reload:
			changed = append(changed, s.Name)
		default:
			r.log.Warn("this setting changes at the next start", "setting", s.Name)
		}
	}
	taken := r.current.Reloaded(next)
	if err := r.apply(ctx, taken); err != nil {
		r.refuse(err)
		return
	}
	r.current = taken
	r.level.Set(taken.LogLevel)
	r.log.Info("settings read again", "changed", changed)
}

// refuse logs every mistake for itself.
func (r *reloader) refuse(err error) {
	const message = "settings refused; the old ones stay"
	invalid, ok := errors.AsType[*config.Invalid](err)
	if !ok {
		r.log.Error(message, "error", err)
		return
	}
	for _, p := range invalid.Problems {
		r.log.Error(message, "error", p)
	}
}
