package main

import (
	"os"
	"testing"
	"time"
)

// TestProc reads this process's own figures, which must have some plausible size.
func TestProc(t *testing.T) {
	begin, err := processorTime(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	for spin := time.Now(); time.Since(spin) < 100*time.Millisecond; {
	}
	if end, err := processorTime(os.Getpid()); err != nil || end <= begin || end > time.Hour {
		t.Errorf("processor time %v after %v, %v", end, begin, err)
	}
	if got, err := residentMemory(os.Getpid()); err != nil || got < 1<<20 || got > 1<<32 {
		t.Errorf("resident memory %d, %v", got, err)
	}
}
