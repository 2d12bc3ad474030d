package config

import (
	"strings"
	"testing"
	"time"
)

func TestParseRate(t *testing.T) {
	good := map[string]Rate{
		"500/s":            {500, time.Second, 500},
		"600/min":          {600, time.Minute, 600},
		"1/h":              {1, time.Hour, 1},
		"50/s, burst 200":  {50, time.Second, 200},
		"600/min, burst 1": {600, time.Minute, 1},
		"10000000/s":       {10_000_000, time.Second, 10_000_000},
	}
	for text, want := range good {
		if got, err := ParseRate(text); got != want || err != nil {
			t.Errorf("%q: got %+v, %v; want %+v", text, got, err, want)
		}
	}
	bad := []string{
		"", "500", "/s", "500/", "500/sec", "500/ s", " 500/s", "500/s ", "5e2/s", "-1/s", "+1/s", "1.5/s",
		"0/s", "10000001/s", "99999999999/s", "50/s,burst 200", "50/s, burst", "50/s, burst 0", "50/s, burst -1", "off", "500/S",
	}
	for _, text := range bad {
		if got, err := ParseRate(text); err == nil {
			t.Errorf("%q: got %+v, want an error", text, got)
		}
	}
}

func TestRatePerSecond(t *testing.T) {
	if got := (Rate{Count: 600, Per: time.Minute}).PerSecond(); got != 10 {
		t.Errorf("600/min: got %v a second, want 10", got)
	}
	if got := (Rate{}).PerSecond(); got != 0 || !(Rate{}).Off() {
		t.Errorf("off: got %v", got)
	}
}

// Every value that a setting takes or refuses; a refusal says what would do.
func TestValues(t *testing.T) {
	const id = "8d0be1845d74d175f178197cad001591d04d73cc"
	cases := []struct{ name, text, want string }{
		{"data-dir", "", "the value is empty"},
		{"udp", "127.0.0.1:0", ""},
		{"udp", "[::1]:1", "want an IPv4 address and a port"},
		{"udp", "localhost:1", "want an IPv4 address and a port"},
		{"udp", "127.0.0.1:65536", "want an IPv4 address and a port"},
		{"udp6", "[::]:0", ""},
		{"udp6", "", ""},
		{"udp6", "[::ffff:127.0.0.1]:1", "want an IPv6 address and a port"},
		{"bootstrap", "127.0.0.1:8470,[::1]:8470,tracker.example.org:8470", ""},
		{"bootstrap", "127.0.0.1", "the port is missing"},
		{"bootstrap", "127.0.0.1:8470,127.0.0.1:0", `"127.0.0.1:0" is not a bootstrap server (want HOST:PORT)`},
		{"network", "tribler", ""},
		{"network", "", ""},
		{"network", "triblre", `unknown network "triblre"; known: tribler`},
		{"community", id, ""},
		{"community", strings.ToUpper(id) + "=DHT", ""},
		{"community", id[:38], "want a community id of 40 hex digits, not the 38 of"},
		{"community", id[:38] + "xy", "want a community id of 40 hex digits that are not all 0"},
		{"community", strings.Repeat("0", 40), "want a community id of 40 hex digits that are not all 0"},
		{"community", id + "=", "want a name of 1 to 64 bytes"},
		{"community", id + "=a\x1b[2J", "want a name of 1 to 64 bytes"},
		{"community", id + "=" + strings.Repeat("a", 65), "want a name of 1 to 64 bytes"},
		{"community", id + "," + id, "is given twice"},
		{"max-peers", "1", ""},
		{"max-peers", "0", "want a number of peers from 1"},
		{"max-peers", "-2", "want a number of peers from 1"},
		{"max-peers", "1e3", "want a number of peers from 1"},
		{"ping-interval", "100ms", ""},
		{"ping-interval", "99ms", "want a duration from 100ms to 24h0m0s"},
		{"ping-interval", "25h", "want a duration from 100ms to 24h0m0s"},
		{"max-packets", "500/s, burst 3", "a burst cannot be set here"},
		{"max-packets", "off", "want a rate"},
		{"max-packets", "60/min", ""},
		{"max-packets", "59/min", "want at least 1/s"},
		{"new-flows", "1/min", ""},
		{"new-flows", "59/h", "want at least 1/min"},
		{"new-flows", "1", "want a rate"},
		{"source-rate", "off", ""},
		{"source-rate", "OFF", "; or off"},
		{"log-level", "debug", ""},
		{"log-level", "", `unknown log level ""`},
		{"log-level", "info+1", "unknown log level"},
		{"log-format", "xml", "unknown log format"},
	}
	for _, tc := range cases {
		s, _ := find(tc.name)
		_, err := Load(Sources{Environ: []string{s.Variable() + "=" + tc.text}})
		switch {
		case tc.want == "" && err != nil:
			t.Errorf("%s %q: got %v, want no error", tc.name, tc.text, err)
		case tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)):
			t.Errorf("%s %q: got %v, want %q", tc.name, tc.text, err, tc.want)
		}
	}
}

func TestNearest(t *testing.T) {
	known := []string{"udp", "udp6", "ping-interval", "max-packets"}
	for word, want := range map[string]string{
		"upd": "udp", "udp66": "udp6", "ping_interval": "ping-interval", "packets": "max-packets", "": "udp",
	} {
		if got := Nearest(word, known); got != want {
			t.Errorf("%q: got %q, want %q", word, got, want)
		}
	}
	if got := Nearest("x", nil); got != "" {
		t.Errorf("no candidates: got %q", got)
	}
}
