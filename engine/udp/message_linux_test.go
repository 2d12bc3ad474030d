//go:build !portable

package udp

import (
	"encoding/binary"
	"net/netip"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestSockaddr(t *testing.T) {
	for _, test := range []struct {
		addr string
		size uint32
	}{
		{"127.0.0.1:1", unix.SizeofSockaddrInet4},
		{"255.254.253.252:65535", unix.SizeofSockaddrInet4},
		{"[::1]:258", unix.SizeofSockaddrInet6},
		{"[2001:db8:1:2:3:4:5:6]:8090", unix.SizeofSockaddrInet6},
		{"[fe80::1%7]:8090", unix.SizeofSockaddrInet6},
		{"[fe80::1]:8090", unix.SizeofSockaddrInet6}, // after a zone: none may be left over
	} {
		var s sockaddr
		for i := range s {
			s[i] = 0xff // what an earlier address left
		}
		clear(s[4:8]) // the flow info, which no address sets
		want := netip.MustParseAddrPort(test.addr)
		if got := s.put(want); got != test.size {
			t.Errorf("put(%v) = %d, want %d", want, got, test.size)
		}
		if got := s.addrPort(); got != want {
			t.Errorf("put(%v) reads back as %v", want, got)
		}
	}
}

func TestSockaddrMapped(t *testing.T) {
	var s sockaddr
	s.put(netip.MustParseAddrPort("[::ffff:127.0.0.1]:7"))
	if got, want := s.addrPort(), netip.MustParseAddrPort("127.0.0.1:7"); got != want {
		t.Errorf("addrPort = %v, want %v", got, want)
	}
}

func TestSockaddrUnknownFamily(t *testing.T) {
	if got := new(sockaddr).addrPort(); got.IsValid() {
		t.Errorf("addrPort without a family = %v", got)
	}
}

// controlMessage encodes one control message as the kernel does.
func controlMessage(level, kind int32, data []byte) []byte {
	b := make([]byte, unix.CmsgSpace(len(data)))
	if unix.SizeofCmsghdr == 16 {
		binary.NativeEndian.PutUint64(b, uint64(unix.CmsgLen(len(data))))
	} else {
		binary.NativeEndian.PutUint32(b, uint32(unix.CmsgLen(len(data))))
	}
	binary.NativeEndian.PutUint32(b[unix.SizeofCmsghdr-8:], uint32(level))
	binary.NativeEndian.PutUint32(b[unix.SizeofCmsghdr-4:], uint32(kind))
	copy(b[unix.CmsgLen(0):], data)
	return b
}

// timespec encodes a struct timespec with words of the machine's size.
func timespec(seconds, nanoseconds uint64) []byte {
	if unix.SizeofCmsghdr == 16 {
		return binary.NativeEndian.AppendUint64(binary.NativeEndian.AppendUint64(nil, seconds), nanoseconds)
	}
	return binary.NativeEndian.AppendUint32(binary.NativeEndian.AppendUint32(nil, uint32(seconds)), uint32(nanoseconds))
}

func TestParseControl(t *testing.T) {
	stamp := controlMessage(unix.SOL_SOCKET, unix.SCM_TIMESTAMPNS, timespec(1700000000, 5))
	info4 := controlMessage(unix.IPPROTO_IP, unix.IP_PKTINFO, []byte{1, 0, 0, 0, 127, 0, 0, 2, 127, 255, 255, 255})
	unknown := controlMessage(unix.IPPROTO_IP, unix.IP_TTL, []byte{64, 0, 0, 0})
	at, local := time.Unix(1700000000, 5), netip.MustParseAddr("127.0.0.2")
	join := func(parts ...[]byte) (b []byte) {
		for _, p := range parts {
			b = append(b, p...)
		}
		return b
	}
	bad := make([]byte, unix.SizeofCmsghdr) // a length of 0 would never end
	long := controlMessage(unix.IPPROTO_IP, unix.IP_PKTINFO, make([]byte, 12))
	for _, test := range []struct {
		name string
		b    []byte
		want controlInfo
	}{
		{"nothing", nil, controlInfo{}},
		{"stamp", stamp, controlInfo{stamp: at}},
		{"both", join(stamp, info4), controlInfo{stamp: at, local: local}},
		{"both, the other way round", join(info4, stamp), controlInfo{stamp: at, local: local}},
		{"unknown ones between", join(unknown, stamp, unknown, info4, unknown), controlInfo{stamp: at, local: local}},
		{"length zero", join(stamp, bad, info4), controlInfo{stamp: at}},
		{"cut in a header", join(stamp, info4[:unix.SizeofCmsghdr-1]), controlInfo{stamp: at}},
		{"cut in the data", join(stamp, long[:len(long)-8]), controlInfo{stamp: at}},
		{"no padding after the last", join(stamp, info4[:unix.CmsgLen(12)]), controlInfo{stamp: at, local: local}},
		{"short data", controlMessage(unix.SOL_SOCKET, unix.SCM_TIMESTAMPNS, make([]byte, 4)), controlInfo{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := parseControl(test.b); !got.stamp.Equal(test.want.stamp) || got.local != test.want.local {
				t.Errorf("got %v %v, want %v %v", got.stamp, got.local, test.want.stamp, test.want.local)
			}
		})
	}
}

// TestPacketInfo reads what is written for the kernel with the reader of what it writes.
func TestPacketInfo(t *testing.T) {
	for _, addr := range []string{"127.0.0.2", "2001:db8::7"} {
		var b controlBuffer
		want := netip.MustParseAddr(addr)
		n := b.initPacketInfo(want.Is6())
		b.setSource(want)
		if got := parseControl(b[:n]).local; got != want {
			t.Errorf("packet info of %v reads as %v", want, got)
		}
	}
}
