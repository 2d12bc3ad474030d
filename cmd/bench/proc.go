package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// clockTick is the unit of the times in /proc/PID/stat: USER_HZ, which is 100 on
// every architecture that Go runs on (proc(5)).
const clockTick = 10 * time.Millisecond

// processorTime is what a process and its threads have used so far, in user mode
// and in the kernel.
func processorTime(pid int) (time.Duration, error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	return parseStat(data)
}

// parseStat reads fields 14 (utime) and 15 (stime). Field 2, the program's name,
// may hold anything, blanks and parentheses too; the last parenthesis ends it.
func parseStat(data []byte) (time.Duration, error) {
	_, rest, ok := cutLast(data, ")")
	fields := strings.Fields(string(rest))
	if !ok || len(fields) < 13 {
		return 0, fmt.Errorf("unexpected /proc/PID/stat: %q", data)
	}
	var ticks uint64
	for _, field := range fields[11:13] { // the first one is field 3
		n, err := strconv.ParseUint(field, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("unexpected /proc/PID/stat: %w", err)
		}
		ticks += n
	}
	return time.Duration(ticks) * clockTick, nil
}

func cutLast(data []byte, sep string) (before, after []byte, found bool) {
	i := bytes.LastIndex(data, []byte(sep))
	if i < 0 {
		return data, nil, false
	}
	return data[:i], data[i+len(sep):], true
}

// residentMemory is the bytes of a process that are in memory.
func residentMemory(pid int) (int64, error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	return parseStatus(data)
}

// parseStatus reads the line "VmRSS:	  1234 kB".
func parseStatus(data []byte) (int64, error) {
	for line := range strings.Lines(string(data)) {
		if value, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kB, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "kB")), 10, 64)
			if err != nil {
				return 0, fmt.Errorf("unexpected /proc/PID/status: %w", err)
			}
			return kB << 10, nil
		}
	}
	return 0, fmt.Errorf("no VmRSS in /proc/PID/status: %q", data)
}
