//go:build linux

package engine

import (
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"testing"
	"time"
)

// floodEnv makes the test binary the process in which everybody else is: the
// flood's generator and the honest peers. What they cost is not the engine's, and
// they do not wait for its goroutines.
const floodEnv = "PEERSCOPE_FLOOD_PROCESS"

// TestMain turns the test binary into that process when it is told to.
func TestMain(m *testing.M) {
	if os.Getenv(floodEnv) != "" {
		if err := floodMain(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, "flood:", err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// floodOrder is what the process is told first.
type floodOrder struct {
	Target    netip.AddrPort
	Rate      int // packets a second
	For       time.Duration
	Strangers int // keys of the flood's valid packets
	Peers     int // that exchange; the last one does until the flood begins
	Seed      uint64
	OldCurve  [][]byte // packets signed with keys of the binary curves
}

// floodMain builds the flood's packets, starts the honest peers, and does what it
// is told, each time with a report, until its input ends.
func floodMain(in io.Reader, out io.Writer) error {
	var order floodOrder
	orders, reports := json.NewDecoder(in), json.NewEncoder(out)
	if err := orders.Decode(&order); err != nil {
		return err
	}
	g, err := newGenerator(order)
	if err != nil {
		return err
	}
	f, err := newFleet(order.Peers, order.Target)
	if err != nil {
		return err
	}
	var report any = "ready"
	for {
		if err := reports.Encode(report); err != nil {
			return err
		}
		var command string
		switch err := orders.Decode(&command); {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
		switch command {
		case "flood":
			f.restart()
			f.members[order.Peers-1].fallSilent()
			report, err = g.run(order.Rate, order.For)
		case "rest":
			report, err = f.close()
		default:
			err = fmt.Errorf("unknown command %q", command)
		}
		if err != nil {
			return err
		}
	}
}

// A floodProcess is that process as the test sees it.
type floodProcess struct {
	t       *testing.T
	cmd     *exec.Cmd
	in      io.WriteCloser
	orders  *json.Encoder
	reports *json.Decoder
}

// startFloodProcess starts it and waits until it is ready.
func startFloodProcess(t *testing.T, order floodOrder) *floodProcess {
	t.Helper()
	p := &floodProcess{t: t, cmd: exec.CommandContext(t.Context(), os.Args[0])}
	p.cmd.Env = append(os.Environ(), floodEnv+"=1")
	p.cmd.Stderr = os.Stderr
	in, err := p.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p.in, p.orders, p.reports = in, json.NewEncoder(in), json.NewDecoder(out)
	var ready string
	if err := p.do(order, &ready); err != nil {
		t.Fatal(err)
	}
	return p
}

// do gives an order and waits for the report.
func (p *floodProcess) do(order, report any) error {
	if err := p.orders.Encode(order); err != nil {
		return fmt.Errorf("the flood's process takes no orders: %w", err)
	}
	if err := p.reports.Decode(report); err != nil {
		return fmt.Errorf("the flood's process ended: %w", err)
	}
	return nil
}

// end ends the process.
func (p *floodProcess) end() {
	p.t.Helper()
	p.in.Close()
	if err := p.cmd.Wait(); err != nil {
		p.t.Errorf("the flood's process: %v", err)
	}
}
