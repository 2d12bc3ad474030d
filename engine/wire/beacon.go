package wire

// beaconStart is what the UDP broadcast beacon has in front of the prefix:
// 00 00 "IPv8" 00 (IPv8 reference 11.2).
const beaconStart = "\x00\x00IPv8\x00"

// BeaconLen is the length of a broadcast beacon, in bytes.
const BeaconLen = len(beaconStart) + PrefixLen

// AppendBeacon appends the 29 bytes by which py-ipv8's broadcast bootstrapper
// announces an overlay on the local network. Nothing here sends them.
func AppendBeacon(b []byte, community [20]byte) []byte {
	return appendPrefix(append(b, beaconStart...), community)
}

// IsBeacon reports whether packet is a beacon and of which community. A beacon
// is not a packet: [ParseHeader] refuses it.
func IsBeacon(packet []byte) (community [20]byte, ok bool) {
	if len(packet) != BeaconLen || string(packet[:len(beaconStart)]) != beaconStart {
		return community, false
	}
	prefix := packet[len(beaconStart):]
	if prefix[0] != version0 || prefix[1] != version1 {
		return community, false
	}
	return [20]byte(prefix[2:]), true
}
