package udp

import (
	"net/netip"
	"testing"
)

func TestInterfaceAddress(t *testing.T) {
	for addr, want := range map[string]bool{
		"127.0.0.1":       false,
		"127.0.1.1":       false,
		"0.0.0.0":         false,
		"255.255.255.255": false,
		"::1":             false,
		"127.0.0.2":       true, // py-ipv8 excludes by value
		"10.0.0.1":        true,
		"192.0.2.1":       true,
		"fe80::1":         true,
		"2001:db8::1":     true,
	} {
		if got := interfaceAddress(netip.MustParseAddr(addr)); got != want {
			t.Errorf("interfaceAddress(%s) = %t, want %t", addr, got, want)
		}
	}
}

func TestInterfaces(t *testing.T) {
	addrs, err := Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	for _, addr := range addrs {
		if !interfaceAddress(addr) || addr.Is4In6() || addr.Zone() != "" {
			t.Errorf("Interfaces has %v", addr)
		}
	}
}
