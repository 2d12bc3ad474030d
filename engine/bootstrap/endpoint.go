package bootstrap

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// ErrEndpoint is wrapped by every error of [ParseEndpoint].
var ErrEndpoint = errors.New("not a bootstrap server (want HOST:PORT)")

// Endpoint is a bootstrap server as the user names it: an address or a host name, and a port.
type Endpoint struct {
	// Host is an IPv4 or IPv6 address without brackets, or a host name in lower case.
	Host string
	// Port is never zero.
	Port uint16
}

// String returns host:port, with brackets around an IPv6 address, as [ParseEndpoint] reads it.
func (e Endpoint) String() string {
	port := strconv.Itoa(int(e.Port))
	if strings.Contains(e.Host, ":") {
		return "[" + e.Host + "]:" + port
	}
	return e.Host + ":" + port
}

// Literal returns the address if the host is one, and false if it is a name that has to be resolved.
func (e Endpoint) Literal() (netip.AddrPort, bool) {
	addr, err := netip.ParseAddr(e.Host)
	if err != nil {
		return netip.AddrPort{}, false
	}
	return netip.AddrPortFrom(addr, e.Port), true
}

// ParseEndpoint reads a server given as 127.0.0.1:8090, [::1]:8090 or tracker.example.org:8090. It resolves nothing.
// Errors wrap [ErrEndpoint] and say what is wrong.
func ParseEndpoint(s string) (Endpoint, error) {
	e, problem := parseEndpoint(s)
	if problem != "" {
		return Endpoint{}, fmt.Errorf("%q is %w: %s", s, ErrEndpoint, problem)
	}
	return e, nil
}

func parseEndpoint(s string) (e Endpoint, problem string) {
	host, port, problem := splitEndpoint(s)
	if problem != "" {
		return Endpoint{}, problem
	}
	bracketed := strings.HasPrefix(s, "[")
	if e.Port, problem = parsePort(port); problem == "" {
		e.Host, problem = parseHost(host, bracketed)
	}
	return e, problem
}

// splitEndpoint cuts s into host, without brackets, and port.
func splitEndpoint(s string) (host, port, problem string) {
	switch {
	case s == "":
		return "", "", "it is empty"
	case strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' }):
		return "", "", "it contains a space or a character that is not ASCII"
	}
	if rest, ok := strings.CutPrefix(s, "["); ok {
		host, after, closed := strings.Cut(rest, "]")
		if !closed {
			return "", "", "the closing bracket is missing"
		}
		port, ok := strings.CutPrefix(after, ":")
		if !ok {
			return "", "", "the port is missing"
		}
		return host, port, ""
	}
	switch strings.Count(s, ":") {
	case 0:
		return "", "", "the port is missing"
	case 1:
		host, port, _ = strings.Cut(s, ":")
		return host, port, ""
	}
	return "", "", "an IPv6 address needs brackets, as in [::1]:8090"
}

func parsePort(s string) (port uint16, problem string) {
	if s == "" {
		return 0, "the port is missing"
	}
	if strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' }) {
		return 0, "the port is not a number"
	}
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil || n == 0 {
		return 0, "the port is not between 1 and 65535"
	}
	return uint16(n), ""
}

func parseHost(s string, bracketed bool) (host, problem string) {
	if s == "" {
		return "", "the host is missing"
	}
	addr, err := netip.ParseAddr(s)
	switch {
	case err != nil && bracketed:
		return "", "what is in the brackets is not an IPv6 address"
	case err != nil:
		return parseName(s)
	case bracketed && addr.Is4():
		return "", "an IPv4 address has no brackets"
	case addr.Zone() != "":
		return "", "an address with a zone cannot be used"
	}
	addr = addr.Unmap()
	if !usable(addr) {
		return "", "nobody can be reached at this address"
	}
	return addr.String(), ""
}

// parseName checks the syntax of a host name (RFC 1123, and underscores, which some resolvers know).
func parseName(s string) (name, problem string) {
	name = strings.ToLower(strings.TrimSuffix(s, "."))
	if len(name) > 253 {
		return "", "the host name is longer than 253 characters"
	}
	last := ""
	for label := range strings.SplitSeq(name, ".") {
		if !validLabel(label) {
			return "", "the host is neither an address nor a valid name"
		}
		last = label
	}
	if strings.Trim(last, "0123456789") == "" {
		return "", "the host is not a valid IPv4 address"
	}
	return name, ""
}

func validLabel(s string) bool {
	if s == "" || len(s) > 63 || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	return strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-_") == ""
}

// usable reports whether a server can be at the address: not unspecified, multicast or broadcast (IPv8 reference, Q14).
func usable(addr netip.Addr) bool {
	broadcast := netip.AddrFrom4([4]byte{255, 255, 255, 255})
	return addr.IsValid() && !addr.IsUnspecified() && !addr.IsMulticast() && addr != broadcast
}
