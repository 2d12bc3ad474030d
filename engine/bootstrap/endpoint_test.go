package bootstrap

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
)

func TestParseEndpoint(t *testing.T) {
	label63 := strings.Repeat("a", 63)
	for _, test := range []struct {
		in      string
		want    Endpoint
		literal bool
		text    string // of String, if not in
	}{
		{in: "127.0.0.1:8090", want: Endpoint{"127.0.0.1", 8090}, literal: true},
		{in: "127.0.0.1:1", want: Endpoint{"127.0.0.1", 1}, literal: true},
		{in: "127.0.0.1:65535", want: Endpoint{"127.0.0.1", 65535}, literal: true},
		{in: "127.0.0.1:08090", want: Endpoint{"127.0.0.1", 8090}, literal: true, text: "127.0.0.1:8090"},
		{in: "[::1]:8090", want: Endpoint{"::1", 8090}, literal: true},
		{in: "[0:0:0:0:0:0:0:1]:8090", want: Endpoint{"::1", 8090}, literal: true, text: "[::1]:8090"},
		{in: "[2001:DB8::1]:6421", want: Endpoint{"2001:db8::1", 6421}, literal: true, text: "[2001:db8::1]:6421"},
		{in: "[::ffff:127.0.0.1]:80", want: Endpoint{"127.0.0.1", 80}, literal: true, text: "127.0.0.1:80"},
		{in: "localhost:8090", want: Endpoint{"localhost", 8090}},
		{in: "Tracker.Example:6421", want: Endpoint{"tracker.example", 6421}, text: "tracker.example:6421"},
		{in: "tracker.example.:6421", want: Endpoint{"tracker.example", 6421}, text: "tracker.example:6421"},
		{in: "my_tracker-1.2x.invalid:6421", want: Endpoint{"my_tracker-1.2x.invalid", 6421}},
		{in: label63 + ".invalid:1", want: Endpoint{label63 + ".invalid", 1}},
	} {
		got, err := ParseEndpoint(test.in)
		if err != nil || got != test.want {
			t.Errorf("ParseEndpoint(%q) = %+v, %v; want %+v", test.in, got, err, test.want)
			continue
		}
		text := test.text
		if text == "" {
			text = test.in
		}
		if got := got.String(); got != text {
			t.Errorf("%q: String %q, want %q", test.in, got, text)
		}
		addr, ok := got.Literal()
		if ok != test.literal || ok && addr != netip.MustParseAddrPort(text) {
			t.Errorf("%q: Literal = %v, %v; want literal: %v", test.in, addr, ok, test.literal)
		}
	}
}

func TestParseEndpointErrors(t *testing.T) {
	for _, test := range []struct{ in, says string }{
		{"", "empty"},
		{"127.0.0.1", "port is missing"},
		{"127.0.0.1:", "port is missing"},
		{"[::1]", "port is missing"},
		{"[::1]:", "port is missing"},
		{"[::1]8090", "port is missing"},
		{"tracker.example", "port is missing"},
		{"127.0.0.1:0", "not between 1 and 65535"},
		{"127.0.0.1:65536", "not between 1 and 65535"},
		{"127.0.0.1:99999999999999999999", "not between 1 and 65535"},
		{"127.0.0.1:-1", "not a number"},
		{"127.0.0.1:+80", "not a number"},
		{"127.0.0.1:0x50", "not a number"},
		{"127.0.0.1:http", "not a number"},
		{":8090", "host is missing"},
		{"[]:8090", "host is missing"},
		{".:8090", "neither an address nor a valid name"},
		{" 127.0.0.1:8090", "space"},
		{"127.0.0.1:8090 ", "space"},
		{"127.0.0.1: 8090", "space"},
		{"tracker example:8090", "space"},
		{"tracker.example:8090\n", "space"},
		{"tr\x00cker:8090", "space"},
		{"tråcker.example:8090", "not ASCII"},
		{"::1:8090", "needs brackets"},
		{"2001:db8::1", "needs brackets"},
		{"[::1:8090", "closing bracket"},
		{"[tracker.example]:8090", "not an IPv6 address"},
		{"[127.0.0.1]:8090", "IPv4 address has no brackets"},
		{"[fe80::1%eth0]:8090", "zone"},
		{"256.0.0.1:8090", "not a valid IPv4 address"},
		{"127.0.0:8090", "not a valid IPv4 address"},
		{"127.0.0.01:8090", "not a valid IPv4 address"},
		{"0.0.0.0:8090", "nobody can be reached"},
		{"[::]:8090", "nobody can be reached"},
		{"224.0.0.1:8090", "nobody can be reached"},
		{"255.255.255.255:8090", "nobody can be reached"},
		{"[ff02::1]:8090", "nobody can be reached"},
		{"[::ffff:0.0.0.0]:8090", "nobody can be reached"},
		{"-tracker.example:8090", "neither an address nor a valid name"},
		{"tracker-.example:8090", "neither an address nor a valid name"},
		{"tracker..example:8090", "neither an address nor a valid name"},
		{"track/er.example:8090", "neither an address nor a valid name"},
		{"udp://tracker.example:8090", "needs brackets"},
		{strings.Repeat("a", 64) + ".invalid:1", "neither an address nor a valid name"},
		{strings.Repeat("a.", 126) + "ab:1", "longer than 253"},
	} {
		got, err := ParseEndpoint(test.in)
		if !errors.Is(err, ErrEndpoint) {
			t.Errorf("ParseEndpoint(%q) = %v, %v; want %v", test.in, got, err, ErrEndpoint)
			continue
		}
		if !strings.Contains(err.Error(), test.says) {
			t.Errorf("ParseEndpoint(%q): %q does not say %q", test.in, err, test.says)
		}
		if got != (Endpoint{}) {
			t.Errorf("ParseEndpoint(%q) = %v with an error", test.in, got)
		}
	}
}

func FuzzParseEndpoint(f *testing.F) {
	for _, seed := range []string{"127.0.0.1:8090", "[::1]:8090", "tracker.example:1", "[::ffff:1.2.3.4]:5", "a.b.:65535",
		"", ":", "[", "]", "[]:1", "[%]:1", "::1", "1.2.3:4", "a:0", "a b:1", "é:1", "[fe80::1%a]:1", "0.0.0.0:1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		e, err := ParseEndpoint(s)
		if err != nil {
			if !errors.Is(err, ErrEndpoint) || e != (Endpoint{}) {
				t.Errorf("ParseEndpoint(%q) = %v, %v; want nothing and %v", s, e, err, ErrEndpoint)
			}
			return
		}
		if e.Port == 0 || e.Host == "" || len(e.Host) > 253 || strings.ContainsAny(e.Host, " []%/") {
			t.Errorf("ParseEndpoint(%q) = %+v", s, e)
		}
		if again, err := ParseEndpoint(e.String()); err != nil || again != e {
			t.Errorf("%q gives %+v, which is read again as %+v, %v", s, e, again, err)
		}
		if addr, ok := e.Literal(); ok && !usable(addr.Addr()) {
			t.Errorf("%q gives %v, where nobody can be", s, addr)
		}
	})
}
