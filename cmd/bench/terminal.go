package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// A terminal gets what goes on while it takes long: lines, and between them a
// progress bar, if it is a terminal indeed.
type terminal struct {
	out         io.Writer
	interactive bool
	drawn       int // length of the bar that is on the screen
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb"
}

// say writes a line.
func (t *terminal) say(format string, args ...any) {
	t.erase()
	fmt.Fprintf(t.out, format+"\n", args...)
}

func (t *terminal) erase() {
	if t.drawn > 0 {
		fmt.Fprintf(t.out, "\r%s\r", strings.Repeat(" ", t.drawn))
		t.drawn = 0
	}
}

// bar returns a function that draws how much of total is done.
func (t *terminal) bar(what string, total int) func(done int) {
	if !t.interactive {
		return func(int) {}
	}
	begin, drawn := time.Now(), time.Time{}
	return func(done int) {
		if time.Since(drawn) < drawEvery {
			return
		}
		drawn = time.Now()
		line := barLine(what, done, total, time.Since(begin))
		t.erase()
		fmt.Fprint(t.out, line)
		t.drawn = len([]rune(line))
	}
}

// drawEvery is how often a bar moves.
const drawEvery = 100 * time.Millisecond

// barWidth is the characters between the brackets.
const barWidth = 24

// barLine is such as "filling [######------------------] 25 %, 1,200/s, 3 s left".
func barLine(what string, done, total int, elapsed time.Duration) string {
	full := barWidth * done / total
	rate := float64(done) / max(elapsed.Seconds(), 0.001)
	left := time.Duration(float64(total-done) / max(rate, 0.001) * float64(time.Second))
	return fmt.Sprintf("%s [%s%s] %d %%, %s/s, %v left", what, strings.Repeat("#", full),
		strings.Repeat("-", barWidth-full), 100*done/total, thousands(int(rate)), left.Round(time.Second))
}
