package main

import (
	"io"
	"log/slog"
	"os"
)

// newLogger makes the program's logger. Format auto is text on a terminal and
// JSON for programs.
func newLogger(w io.Writer, format string, level slog.Leveler) *slog.Logger {
	opts := &slog.HandlerOptions{Level: level}
	if asText(format, isTerminal(w)) {
		return slog.New(slog.NewTextHandler(w, opts))
	}
	return slog.New(slog.NewJSONHandler(w, opts))
}

func asText(format string, terminal bool) bool {
	return format == "text" || format == "auto" && terminal
}

// isTerminal takes every character device for one; of the others only /dev/null
// is ever met, and there the format does not matter.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
