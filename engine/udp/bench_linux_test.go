//go:build !portable

package udp

import (
	"bufio"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// pingerEnv makes the test binary a pinger instead; see runPinger.
const pingerEnv = "PEERSCOPE_UDP_PINGER"

// packetSize is about that of a ping of the DiscoveryCommunity.
const packetSize = 32

func TestMain(m *testing.M) {
	if args, ok := os.LookupEnv(pingerEnv); ok {
		if err := runPinger(strings.Fields(args)); err != nil {
			fmt.Fprintln(os.Stderr, "pinger:", err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// runPinger sends windows of datagrams to a target and waits for each to be answered,
// until its standard input ends. It is another process so that the processor time of
// the benchmark is that of the answering side alone.
func runPinger(args []string) error {
	target, err := netip.ParseAddrPort(args[0])
	if err != nil {
		return err
	}
	window, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	c, err := Listen("udp4", netip.MustParseAddrPort("127.0.0.1:0"), Config{})
	if err != nil {
		return err
	}
	go func() {
		bufio.NewReader(os.Stdin).ReadByte()
		c.Close()
	}()
	out, in := datagrams(window, packetSize), datagrams(window, packetSize)
	for i := range out {
		out[i].Data, out[i].Addr = out[i].Data[:packetSize], target
	}
	for {
		if _, err := c.WriteBatch(out); err != nil {
			return nil
		}
		for got := 0; got < window; {
			n, err := c.ReadBatch(in)
			if err != nil {
				return nil
			}
			got += n
		}
	}
}

// startPinger starts a pinger on target that ends with the benchmark.
func startPinger(b *testing.B, target netip.AddrPort, window int) {
	b.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%v %d", pingerEnv, target, window))
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		stdin.Close()
		cmd.Wait()
	})
}

// processorTime returns the user and system time of this process.
func processorTime(b *testing.B) time.Duration {
	var usage unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// BenchmarkEcho answers another process's datagrams: one op is one received and
// answered. cpu-ns/packet is what that costs in all, kernel included.
func BenchmarkEcho(b *testing.B) {
	for _, bind := range []string{"127.0.0.1:0", "0.0.0.0:0"} {
		for _, window := range []int{1, 8, 64} {
			b.Run(fmt.Sprintf("bind=%s/window=%d", strings.TrimSuffix(bind, ":0"), window), func(b *testing.B) {
				benchmarkEcho(b, netip.MustParseAddrPort(bind), window)
			})
		}
	}
}

func benchmarkEcho(b *testing.B, bind netip.AddrPort, window int) {
	c, err := Listen("udp4", bind, Config{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { c.Close() })
	startPinger(b, netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), c.LocalAddr().Port()), window)
	ds := datagrams(BatchSize, 2048)
	echo := func() int {
		n, err := c.ReadBatch(ds)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := c.WriteBatch(ds[:n]); err != nil {
			b.Fatal(err)
		}
		return n
	}
	echo()
	b.ReportAllocs()
	before, reads, packets := processorTime(b), 0, 0
	for b.Loop() {
		// One packet an op: a batch of n pays for n rounds of the loop.
		if packets <= 0 {
			packets += echo()
			reads++
		}
		packets--
	}
	b.ReportMetric(float64(processorTime(b)-before)/float64(b.N), "cpu-ns/packet")
	b.ReportMetric(float64(b.N)/float64(reads), "packets/read")
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "packets/s")
}
