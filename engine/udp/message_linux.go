//go:build !portable

package udp

import (
	"encoding/binary"
	"net/netip"
	"strconv"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// mmsghdr is struct mmsghdr of recvmmsg(2).
type mmsghdr struct {
	hdr unix.Msghdr
	len uint32
}

// sockaddr holds a struct sockaddr_in or sockaddr_in6 as bytes:
//
//	0  family, host order    2  port    4  IPv4 address
//	0  family, host order    2  port    4  flow info    8  IPv6 address    24  scope, host order
type sockaddr [unix.SizeofSockaddrInet6]byte

// addrPort decodes what the kernel wrote. An unknown family gives the zero value.
func (s *sockaddr) addrPort() netip.AddrPort {
	port := binary.BigEndian.Uint16(s[2:])
	switch binary.NativeEndian.Uint16(s[:]) {
	case unix.AF_INET:
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte(s[4:8])), port)
	case unix.AF_INET6:
		addr := netip.AddrFrom16([16]byte(s[8:24])).Unmap()
		if scope := binary.NativeEndian.Uint32(s[24:]); scope != 0 && addr.Is6() {
			addr = addr.WithZone(strconv.FormatUint(uint64(scope), 10))
		}
		return netip.AddrPortFrom(addr, port)
	}
	return netip.AddrPort{}
}

// put encodes addr for a socket of its family and returns the length used.
func (s *sockaddr) put(addr netip.AddrPort) uint32 {
	binary.BigEndian.PutUint16(s[2:], addr.Port())
	if addr.Addr().Is4() {
		binary.NativeEndian.PutUint16(s[:], unix.AF_INET)
		ip := addr.Addr().As4()
		copy(s[4:8], ip[:])
		return unix.SizeofSockaddrInet4
	}
	binary.NativeEndian.PutUint16(s[:], unix.AF_INET6)
	ip := addr.Addr().As16()
	copy(s[8:24], ip[:])
	scope, _ := strconv.ParseUint(addr.Addr().Zone(), 10, 32) // 0 without a zone
	binary.NativeEndian.PutUint32(s[24:], uint32(scope))
	return unix.SizeofSockaddrInet6
}

// controlSize has room for the kernel's timestamp and the packet info of IPv6, each
// behind its header and aligned.
const controlSize = 80

// controlBuffer holds control messages: each a header, then data, then padding to a word.
type controlBuffer [controlSize]byte

// controlInfo is what a received datagram's control messages say.
type controlInfo struct {
	stamp time.Time  // when the kernel received it, by the wall clock; zero if unknown
	local netip.Addr // the local address it was sent to; invalid if unknown
}

// parseControl reads the control messages in b, which the kernel wrote.
func parseControl(b []byte) (info controlInfo) {
	for len(b) >= unix.SizeofCmsghdr {
		header := (*unix.Cmsghdr)(unsafe.Pointer(unsafe.SliceData(b)))
		size := int(header.Len)
		if size < unix.SizeofCmsghdr || size > len(b) {
			return info
		}
		info.add(header, b[unix.SizeofCmsghdr:size])
		b = b[min(unix.CmsgSpace(size-unix.SizeofCmsghdr), len(b)):]
	}
	return info
}

// add reads one control message; unknown ones are skipped.
func (info *controlInfo) add(header *unix.Cmsghdr, data []byte) {
	switch {
	case header.Level == unix.SOL_SOCKET && header.Type == unix.SCM_TIMESTAMPNS:
		if len(data) >= int(unsafe.Sizeof(unix.Timespec{})) {
			info.stamp = time.Unix((*unix.Timespec)(unsafe.Pointer(unsafe.SliceData(data))).Unix())
		}
	case header.Level == unix.IPPROTO_IP && header.Type == unix.IP_PKTINFO:
		if len(data) >= unix.SizeofInet4Pktinfo {
			info.local = netip.AddrFrom4([4]byte(data[4:8])) // ipi_spec_dst: one of ours, also for a broadcast
		}
	case header.Level == unix.IPPROTO_IPV6 && header.Type == unix.IPV6_PKTINFO:
		if len(data) >= unix.SizeofInet6Pktinfo {
			info.local = netip.AddrFrom16([16]byte(data[:16]))
		}
	}
}

// initPacketInfo writes the header of a packet info message and returns the length of
// the whole; the data stays zero until [controlBuffer.setSource].
func (b *controlBuffer) initPacketInfo(ipv6 bool) int {
	header := (*unix.Cmsghdr)(unsafe.Pointer(b))
	header.Level, header.Type = unix.IPPROTO_IP, unix.IP_PKTINFO
	size := unix.SizeofInet4Pktinfo
	if ipv6 {
		header.Level, header.Type = unix.IPPROTO_IPV6, unix.IPV6_PKTINFO
		size = unix.SizeofInet6Pktinfo
	}
	header.SetLen(unix.CmsgLen(size))
	return unix.CmsgSpace(size)
}

// setSource makes the message ask for src as the source address.
func (b *controlBuffer) setSource(src netip.Addr) {
	data := b[unix.SizeofCmsghdr:]
	if src.Is4() {
		ip := src.As4()
		copy(data[4:8], ip[:])
		return
	}
	ip := src.As16()
	copy(data[:16], ip[:])
}
