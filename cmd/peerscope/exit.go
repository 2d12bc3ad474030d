package main

import (
	"errors"
	"fmt"
	"strings"
	"syscall"

	"peerscope/cmd/peerscope/internal/config"
	"peerscope/engine/udp"
)

// The exit codes; 4 is the database's.
const (
	exitDone    = 0
	exitFailure = 1
	exitUsage   = 2
	exitConfig  = 3
	exitInUse   = 5
)

// exitCodes is the text of them for the help.
const exitCodes = `Exit codes: 0 done, 1 failure while running, 2 usage, 3 bad configuration (settings
file, environment, key file), 5 address in use.`

// A usageError is a command line that cannot be run.
type usageError struct {
	command string // the path of the command it was given to
	err     error
}

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

// A setupError is something on this machine that has to be mended before the
// command can run: exit code 3, as for the settings.
type setupError struct{ err error }

func (e setupError) Error() string { return e.err.Error() }
func (e setupError) Unwrap() error { return e.err }

// errQuiet ends with exit code 1 after everything has been said already.
var errQuiet = errors.New("failed")

// exitCode says how err ends the program.
func exitCode(err error) int {
	invalid, isInvalid := errors.AsType[*config.Invalid](err)
	_, isUsage := errors.AsType[usageError](err)
	_, isSetup := errors.AsType[setupError](err)
	switch {
	case err == nil, errors.Is(err, syscall.EPIPE):
		// Whoever read our output has seen enough: that is no failure.
		return exitDone
	case isUsage, isInvalid && invalid.Usage():
		return exitUsage
	case isInvalid, isSetup:
		return exitConfig
	case errors.Is(err, udp.ErrAddressInUse):
		return exitInUse
	}
	return exitFailure
}

// report writes err to stderr, a line for each problem, and returns the exit code.
func (a *app) report(err error) int {
	code := exitCode(err)
	if code == exitDone || errors.Is(err, errQuiet) {
		return code
	}
	for line := range strings.SplitSeq(err.Error(), "\n") {
		fmt.Fprintln(a.stderr, "peerscope:", line)
	}
	if usage, ok := errors.AsType[usageError](err); ok {
		fmt.Fprintf(a.stderr, "See '%s --help'.\n", usage.command)
	}
	return code
}
