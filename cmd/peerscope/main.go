// Peerscope is an observatory for IPv8 networks: it joins an overlay as a real
// peer and shows what it meets there.
//
// This package is the command line: it turns flags, environment and settings
// file into the Configs of the other packages, starts and stops them in order,
// and turns their errors into messages and exit codes. Nothing else imports it.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	// With SIGPIPE ignored, a closed pipe is the error EPIPE of a write, and the
	// program ends in order instead of at once.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// After the first signal a second one has its default effect: it ends us at once.
	context.AfterFunc(ctx, stop)
	limitGarbage(os.LookupEnv)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is the program: it does what args say and returns the exit code. The first
// signal is the end of ctx.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	return newApp(stdin, stdout, stderr).run(ctx, args)
}
