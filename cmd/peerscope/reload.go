package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
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
}

// reloadHelp is what the help of a service with these flags says about SIGHUP.
func reloadHelp(flags *config.Flags) string {
	var names []string
	for _, s := range config.Settings() {
		if s.Reload && flags.Has(s.Name) {
			names = append(names, s.Name)
		}
	}
	return fmt.Sprintf(`

On SIGHUP the settings are read again, and nothing changes if there is a mistake in them.
These change at once, the others at the next start: %s.`, strings.Join(names, ", "))
}

// attend runs a service, and reloads its settings on every SIGHUP meanwhile: from
// before the service says that it is there, since SIGHUP would end it otherwise.
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
			r.reload()
		case <-ctx.Done():
			return
		}
	}
}

// reload takes what can change now from the settings as they are, and says what
// cannot. With any mistake in them nothing changes.
func (r *reloader) reload() {
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
	r.current = r.current.Reloaded(next)
	r.level.Set(r.current.LogLevel)
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
