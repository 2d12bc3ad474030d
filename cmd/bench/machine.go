package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"
)

// A machine is what figures were measured on.
type machine struct {
	processor string
	cores     int
	kernel    string
	golang    string
	python    string
}

// thisMachine asks the system; what it does not tell is "unknown".
func thisMachine(python string) machine {
	m := machine{processor: "unknown", cores: runtime.NumCPU(), kernel: "unknown", golang: runtime.Version(), python: python}
	if data, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		m.processor = modelName(string(data))
	}
	if data, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		m.kernel = runtime.GOOS + " " + strings.TrimSpace(string(data))
	}
	return m
}

// modelName finds the processor's name in /proc/cpuinfo.
func modelName(cpuinfo string) string {
	for line := range strings.Lines(cpuinfo) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}

// String is the machine in a line.
func (m machine) String() string {
	text := fmt.Sprintf("%s, %d cores, %s, %s", m.processor, m.cores, m.kernel, m.golang)
	if m.python != "" {
		text += ", Python " + m.python
	}
	return text
}
