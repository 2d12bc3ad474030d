// Command bench measures how much processor time Peerscope's engine takes per
// answer, beside py-ipv8 on the same machine in the same run, and how it grows
// with the number of known peers. `make bench` runs it; docs/benchmarks.md has
// the results.
//
// The nodes are processes of their own: `peerscope watch`, and a py-ipv8 node
// that only answers. What they use is read from /proc, so Linux is needed. All
// packets stay on loopback: the senders have addresses of 127.0.0.0/8, and the
// socket that plays them is tied to the loopback interface.
//
// Left out: nothing here tests that the answers are right beyond their
// identifiers and a sample of their signatures, and no other part of Peerscope
// is measured.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run carries out what args ask for. A target that is missed is no error.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parseOptions(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	if runtime.GOOS != "linux" {
		return errors.New("the processor time of the nodes is read from /proc, which needs Linux")
	}
	root, err := repository(ctx)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "peerscope-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b := &bench{plan: o.plan, root: root, terminal: &terminal{out: stderr, interactive: isTerminal(stderr)}}
	if b.exe, err = buildPeerscope(ctx, root, dir); err != nil {
		return err
	}
	if len(b.senders) > 0 {
		if err := installPyIPv8(ctx, root); err != nil {
			return err
		}
	}
	failed := b.run(ctx)
	text := b.report(thisMachine(b.python), "go run ./cmd/bench "+strings.Join(args, " "), time.Now())
	fmt.Fprint(stdout, text)
	if o.out != "" && failed == nil {
		failed = publish(o.out, text)
	}
	return failed
}

// repository is the directory of go.mod.
func repository(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("go env: %w", err)
	}
	file := strings.TrimSpace(string(out))
	if filepath.Base(file) != "go.mod" {
		return "", errors.New("run this in the repository of Peerscope")
	}
	return filepath.Dir(file), nil
}

// options are what the command line says.
type options struct {
	plan
	out string
}

func parseOptions(args []string, stderr io.Writer) (options, error) {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	quick := flags.Bool("quick", false, "200 senders and 20,000 known peers only, one short round each: to see that it works")
	senders := flags.String("senders", "200,2000,10000", "numbers of senders to compare the nodes with; empty for none")
	known := flags.String("known", "100000,1000000", "numbers of peers that ours alone knows, rising; empty for none")
	only := flags.String("only", "", "requests to measure: ping, similarity, introduction (default all)")
	out := flags.String("out", "", "write the report to this Markdown file too")
	rounds := flags.Int("rounds", 3, "rounds per row; the median counts")
	if err := flags.Parse(args); err != nil {
		return options{}, err
	}
	if flags.NArg() > 0 {
		return options{}, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	p := fullPlan
	p.rounds = *rounds
	var errs [3]error
	p.kinds, errs[0] = parseKinds(*only)
	p.senders, errs[1] = parseCounts(*senders)
	p.known, errs[2] = parseCounts(*known)
	if *quick {
		p = p.quick()
	}
	if p.rounds < 1 {
		errs[0] = errors.Join(errs[0], errors.New("-rounds must be at least 1"))
	}
	return options{p, *out}, errors.Join(errs[:]...)
}

// parseCounts reads rising numbers such as "200,2000".
func parseCounts(text string) ([]int, error) {
	var list []int
	if text == "" {
		return nil, nil
	}
	for field := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(field)
		if err != nil || n < 1 || n > maxSenders || len(list) > 0 && n <= list[len(list)-1] {
			return nil, fmt.Errorf("want rising numbers from 1 to %d, not %q", maxSenders, text)
		}
		list = append(list, n)
	}
	return list, nil
}
