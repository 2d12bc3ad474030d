package main

import (
	"fmt"
	"os"
	"strings"
	"time"
)

// report is the run in Markdown.
func (r *results) report(m machine, command string, at time.Time) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Machine: %v. Date: %s. Command: `%s`.\n", m, at.UTC().Format(time.DateOnly), strings.TrimSpace(command))
	if len(r.comparisons) > 0 {
		fmt.Fprintf(&b, "\nBeside py-ipv8 %s. A time is the node's processor time per answer (least to greatest of the rounds).\n\n", r.pyipv8)
		b.WriteString(table("request|senders|ours/s|theirs/s|ours, µs|theirs, µs|ratio|target|", r.comparisonRows()))
	}
	if len(r.growths) > 0 {
		b.WriteString("\nWith many known peers, ours alone. Growth is relative to 200 senders above.\n\n")
		b.WriteString(table("request|known peers|of them sending|answers/s|µs|growth|target|", r.growthRows()))
		b.WriteString("\nMemory in use (resident), ours.\n\n")
		b.WriteString(table("known peers|at start, MiB|now, MiB|bytes per peer|target|", r.memoryRows()))
	}
	b.WriteString("\n" + r.summary() + "\n")
	return b.String()
}

// table is a Markdown table; the last column of its heading has no text.
func table(heading string, rows [][]string) string {
	var b strings.Builder
	columns := strings.Split(heading, "|")
	fmt.Fprintf(&b, "| %s |\n|%s\n", strings.Join(columns, " | "), strings.Repeat(" --- |", len(columns)))
	for _, row := range rows {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(row, " | "))
	}
	return b.String()
}

func (r *results) comparisonRows() (rows [][]string) {
	for _, c := range r.comparisons {
		ours, theirs := over(c.ours, sample.cost), over(c.theirs, sample.cost)
		ratio, target, met := theirs.median/ours.median, "", ""
		if want, ok := ratioTargets[c.senders][c.kind]; ok {
			target, met = "1/"+significant(want), verdict(ratio >= want)
		}
		rows = append(rows, []string{
			c.kind.String(), thousands(c.senders),
			thousands(int(over(c.ours, sample.rate).median)), thousands(int(over(c.theirs, sample.rate).median)),
			ours.String(), theirs.String(), "1/" + significant(ratio), target, met,
		})
	}
	return rows
}

func (r *results) growthRows() (rows [][]string) {
	for _, g := range r.growths {
		cost := over(g.samples, sample.cost)
		times, target, met := "", "", ""
		if base, ok := r.base(g.kind); ok {
			times = fmt.Sprintf("%.2f×", cost.median/base)
			if g.known == growthKnown {
				target, met = fmt.Sprintf("%.1f×", growthTarget), verdict(cost.median/base <= growthTarget)
			}
		}
		rows = append(rows, []string{
			g.kind.String(), thousands(g.known), thousands(g.senders), thousands(int(over(g.samples, sample.rate).median)),
			cost.String(), times, target, met,
		})
	}
	return rows
}

// base is the cost that growth is relative to.
func (r *results) base(k kind) (float64, bool) {
	for _, c := range r.comparisons {
		if c.kind == k && c.senders == growthBase {
			return over(c.ours, sample.cost).median, true
		}
	}
	return 0, false
}

func (r *results) memoryRows() (rows [][]string) {
	for _, m := range r.memories {
		target, met := "", ""
		if m.known == memoryKnown {
			target, met = thousands(memoryTarget), verdict(m.perPeer() <= memoryTarget)
		}
		rows = append(rows, []string{
			thousands(m.known), mebibytes(m.before), mebibytes(m.after), thousands(int(m.perPeer())), target, met,
		})
	}
	return rows
}

func verdict(met bool) string {
	if met {
		return "met"
	}
	return "**missed**"
}

// summary counts what was met and missed, and the requests that were lost.
func (r *results) summary() string {
	rows := append(append(r.comparisonRows(), r.growthRows()...), r.memoryRows()...)
	met, missed := 0, 0
	for _, row := range rows {
		switch row[len(row)-1] {
		case verdict(true):
			met++
		case verdict(false):
			missed++
		}
	}
	text := fmt.Sprintf("%d targets met, %d missed.", met, missed)
	if lost := r.lost(); lost > 0 {
		text += fmt.Sprintf(" %d requests were never answered.", lost)
	}
	return text
}

func (r *results) lost() (lost int) {
	for _, c := range r.comparisons {
		for _, s := range append(c.ours[:len(c.ours):len(c.ours)], c.theirs...) {
			lost += s.lost
		}
	}
	for _, g := range r.growths {
		for _, s := range g.samples {
			lost += s.lost
		}
	}
	return lost
}

// String is the median with the range, such as "6.4 (6.1–6.9)".
func (s spread) String() string {
	return fmt.Sprintf("%s (%s–%s)", significant(s.median), significant(s.least), significant(s.greatest))
}

// significant has three digits that count, and no exponent.
func significant(x float64) string {
	switch {
	case x >= 100:
		return thousands(int(x + 0.5))
	case x >= 10:
		return trim(fmt.Sprintf("%.1f", x))
	}
	return trim(fmt.Sprintf("%.2f", x))
}

func trim(decimals string) string { return strings.TrimSuffix(strings.TrimRight(decimals, "0"), ".") }

// thousands writes 1000000 as 1,000,000.
func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}

func mebibytes(n int64) string { return fmt.Sprintf("%.1f", float64(n)/(1<<20)) }

// The report's place in a file that has other text too.
const (
	publishBegin = "<!-- begin of cmd/bench -->\n"
	publishEnd   = "<!-- end of cmd/bench -->\n"
)

// publish writes the report between the two marks of a file, or as a new file.
func publish(file, text string) error {
	old, err := os.ReadFile(file)
	if os.IsNotExist(err) {
		return os.WriteFile(file, []byte(publishBegin+text+publishEnd), 0o644)
	}
	if err != nil {
		return err
	}
	page, err := replaceReport(string(old), text)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return os.WriteFile(file, []byte(page), 0o644)
}

func replaceReport(page, text string) (string, error) {
	before, rest, begin := strings.Cut(page, publishBegin)
	_, after, end := strings.Cut(rest, publishEnd)
	if !begin || !end {
		return "", fmt.Errorf("no %q and %q to write between", strings.TrimSpace(publishBegin), strings.TrimSpace(publishEnd))
	}
	return before + publishBegin + text + publishEnd + after, nil
}
