package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// samplesOf cost so many microseconds an answer, at 1,000 answers a second.
func samplesOf(costs ...int) (list []sample) {
	for _, c := range costs {
		list = append(list, sample{answers: 1000, elapsed: time.Second, processor: time.Duration(c) * time.Millisecond})
	}
	return list
}

func exampleResults() results {
	return results{
		comparisons: []comparison{
			{ping, 200, samplesOf(8, 6, 7), samplesOf(42, 40, 43)},
			{similarity, 200, samplesOf(80), samplesOf(160)},
			{ping, 2000, samplesOf(7), samplesOf(420)},
		},
		growths: []growth{
			{ping, 100_000, 20_000, samplesOf(8)},
			{ping, 1_000_000, 20_000, samplesOf(9)},
			{similarity, 1_000_000, 20_000, samplesOf(120)},
			{introduction, 1_000_000, 20_000, samplesOf(120)},
		},
		memories: []memory{{100_000, 10 << 20, 110 << 20}, {1_000_000, 10 << 20, 990 << 20}},
		pyipv8:   "3.0.0",
	}
}

const exampleReport = "Machine: Z80, 2 cores, linux 7, go1, Python 3. Date: 2026-11-22. Command: `bench -x`.\n" + `
Beside py-ipv8 3.0.0. A time is the node's processor time per answer (least to greatest of the rounds).

| request | senders | ours/s | theirs/s | ours, µs | theirs, µs | ratio | target |  |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
| ping | 200 | 1,000 | 1,000 | 7 (6–8) | 42 (40–43) | 1/6 | 1/5 | met |
| similarity | 200 | 1,000 | 1,000 | 80 (80–80) | 160 (160–160) | 1/2 | 1/2.5 | **missed** |
| ping | 2,000 | 1,000 | 1,000 | 7 (7–7) | 420 (420–420) | 1/60 |  |  |

With many known peers, ours alone. Growth is relative to 200 senders above.

| request | known peers | of them sending | answers/s | µs | growth | target |  |
| --- | --- | --- | --- | --- | --- | --- | --- |
| ping | 100,000 | 20,000 | 1,000 | 8 (8–8) | 1.14× |  |  |
| ping | 1,000,000 | 20,000 | 1,000 | 9 (9–9) | 1.29× | 1.3× | met |
| similarity | 1,000,000 | 20,000 | 1,000 | 120 (120–120) | 1.50× | 1.3× | **missed** |
| introduction | 1,000,000 | 20,000 | 1,000 | 120 (120–120) |  |  |  |

Memory in use (resident), ours.

| known peers | at start, MiB | now, MiB | bytes per peer | target |  |
| --- | --- | --- | --- | --- | --- |
| 100,000 | 10.0 | 110.0 | 1,048 |  |  |
| 1,000,000 | 10.0 | 990.0 | 1,027 | 1,024 | **missed** |

2 targets met, 3 missed.
`

func TestReport(t *testing.T) {
	r := exampleResults()
	m := machine{"Z80", 2, "linux 7", "go1", "3"}
	at := time.Date(2026, 11, 21, 23, 30, 0, 0, time.FixedZone("", -3600))
	if got := r.report(m, "bench -x ", at); got != exampleReport {
		t.Errorf("got:\n%s\nwant:\n%s", got, exampleReport)
	}
}

func TestReportTellsLosses(t *testing.T) {
	r := exampleResults()
	r.comparisons[0].ours[1].lost = 2
	r.comparisons[1].theirs[0].lost = 3
	r.growths[0].samples[0].lost = 4
	if got, want := r.summary(), "2 targets met, 3 missed. 9 requests were never answered."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestSignificant(t *testing.T) {
	for x, want := range map[float64]string{0: "0", 0.5: "0.5", 3.14159: "3.14", 5: "5", 9.996: "10", 42.06: "42.1", 100: "100", 6600.4: "6,600", 1e6: "1,000,000"} {
		if got := significant(x); got != want {
			t.Errorf("significant(%v) = %q, want %q", x, got, want)
		}
	}
}

func TestPublish(t *testing.T) {
	file := filepath.Join(t.TempDir(), "benchmarks.md")
	for _, text := range []string{"first\n", "second\n"} {
		if err := publish(file, text); err != nil {
			t.Fatal(err)
		}
		if got, want := read(t, file), publishBegin+text+publishEnd; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	page := "# Title\n\n" + publishBegin + "old\n" + publishEnd + "\nMore.\n"
	write(t, file, page)
	if err := publish(file, "new\n"); err != nil {
		t.Fatal(err)
	}
	if got, want := read(t, file), strings.Replace(page, "old", "new", 1); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	write(t, file, "no place for it\n")
	if err := publish(file, "new\n"); err == nil {
		t.Error("a page without marks: no error")
	}
	if got, want := read(t, file), "no place for it\n"; got != want {
		t.Errorf("the page became %q", got)
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestBarLine(t *testing.T) {
	got := barLine("filling", 250_000, 1_000_000, 25*time.Second)
	if want := "filling [######------------------] 25 %, 10,000/s, 1m15s left"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
