package main_test

import (
	"strings"
	"testing"
	"time"
)

const peerA = "4b94a6e22045d021746750829df7caf699ad0981"

// TestObserverLine reads streams as `peerscope watch` writes them, right and wrong ones: the scenarios rely on the wrong
// ones being seen.
func TestObserverLine(t *testing.T) {
	line := func(seq, rest string) string {
		return `{"seq":` + seq + `,"time":"2026-11-22T15:02:11.482193Z",` + rest + `}`
	}
	pong := `"type":"PongReceived","mid":"` + peerA + `","address":"127.0.0.1:7001","rtt_ms":`
	tests := []struct {
		name  string
		lines []string
		want  string // part of the error; none if empty
	}{
		{"in order", []string{line("7", pong+"38.412"), line("8", pong+"0")}, ""},
		{"a gap", []string{line("7", pong+"1"), line("9", pong+"1")}, "seq 9 after 7"},
		{"again", []string{line("7", pong+"1"), line("7", pong+"1")}, "seq 7 after 7"},
		{"no RTT", []string{line("7", `"type":"PongReceived","mid":"`+peerA+`"`)}, "rtt_ms"},
		{"late pong", []string{line("7", pong+"5001")}, "rtt_ms"},
		{"negative RTT", []string{line("7", pong+"-0.1")}, "rtt_ms"},
		{"no time", []string{`{"seq":7,"type":"ObserverIsolated"}`}, "no time"},
		{"not JSON", []string{"listening on 127.0.0.1:8470"}, "invalid character"},
		{"two in a line", []string{line("7", pong+"1") + line("8", pong+"1")}, "after top-level value"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			o := &observer{peers: map[string]seen{}, rejected: map[string]int{}}
			var err error
			for _, text := range test.lines {
				if err = o.line([]byte(text + "\n")); err != nil {
					break
				}
			}
			switch {
			case test.want == "" && err != nil:
				t.Errorf("got %v, want no error", err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

// TestSeenShows tells a node apart from what watch showed of it, one difference at a time.
func TestSeenShows(t *testing.T) {
	node := pyNode{
		Mid: peerA, KeyType: "sect163k1", Address: "127.0.0.1:7001", Communities: []string{discoveryCommunity, nobodys},
	}
	rtt := 1.5
	events := []event{
		{Type: "PeerVerified", KeyType: "sect163k1", Address: "127.0.0.1:7002"},
		{Type: "AddressChanged", Address: "127.0.0.1:7001"},
		{Type: "CommunitiesLearned", Communities: []string{nobodys, discoveryCommunity}},
		{Type: "PongReceived", RTT: &rtt},
	}
	for skipped := range len(events) + 1 {
		var s seen
		for i, e := range events {
			if i == skipped {
				continue
			}
			if err := s.apply(e); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.shows(node); (err == nil) != (skipped == len(events)) {
			t.Errorf("without event %d: got %v", skipped, err)
		}
	}
}

// TestSeenDropped follows a peer that falls silent.
func TestSeenDropped(t *testing.T) {
	rtt := 1.5
	start := time.Date(2026, 11, 22, 15, 0, 0, 0, time.UTC)
	o := &observer{peers: map[string]seen{}}
	var s seen
	for _, e := range []event{
		{Type: "PeerVerified", Time: start},
		{Type: "PingLost", Time: start.Add(time.Second)},
		{Type: "PongReceived", Time: start.Add(2 * time.Second), RTT: &rtt},
		{Type: "PingLost", Time: start.Add(20 * time.Second)},
	} {
		if err := s.apply(e); err != nil {
			t.Fatal(err)
		}
	}
	o.peers[peerA] = s
	if err := o.dropped(peerA); err == nil {
		t.Errorf("dropped without PeerRemoved")
	}
	if got, want := s.lost, 1; got != want {
		t.Errorf("lost since the last pong: got %d, want %d", got, want)
	}
	if err := s.apply(event{Type: "PeerRemoved", Reason: "silent", Time: start.Add(62 * time.Second)}); err != nil {
		t.Fatal(err)
	}
	o.peers[peerA] = s
	if err := o.dropped(peerA); err != nil {
		t.Errorf("not dropped: %v", err)
	}
	if got, want := s.removed.Time.Sub(s.lastPong), time.Minute; got != want {
		t.Errorf("silence: got %v, want %v", got, want)
	}
}
