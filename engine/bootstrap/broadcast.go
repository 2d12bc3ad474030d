package bootstrap

import (
	"bytes"
	"errors"
)

// ErrBroadcastDisabled is returned by [NewBroadcastBootstrapper] unless broadcasting was asked for.
var ErrBroadcastDisabled = errors.New("bootstrap: the broadcast bootstrapper is off")

// BeaconLen is the length of a beacon in bytes.
const BeaconLen = len(beaconMagic) + 2 + 20

const beaconMagic = "\x00\x00IPv8\x00"

// BroadcastConfig sets up a [BroadcastBootstrapper]; its zero value refuses.
type BroadcastConfig struct {
	// Enabled has to be set by hand. Nothing in this program does.
	Enabled bool
}

// BroadcastBootstrapper is py-ipv8's UDPBroadcastBootstrapper (ipv8/bootstrapping/udpbroadcast/bootstrapper.py) as far as
// this engine has it: the bytes of the beacon (IPv8 reference, 11.2). It has no socket and sends nothing: py-ipv8
// sends the beacon to all 65,535 ports of the broadcast address, which no observer should do.
type BroadcastBootstrapper struct{ beacon []byte }

// NewBroadcastBootstrapper returns the bootstrapper of a community, or [ErrBroadcastDisabled].
func NewBroadcastBootstrapper(config BroadcastConfig, community [20]byte) (*BroadcastBootstrapper, error) {
	if !config.Enabled {
		return nil, ErrBroadcastDisabled
	}
	beacon := append([]byte(beaconMagic), 0x00, 0x02)
	return &BroadcastBootstrapper{beacon: append(beacon, community[:]...)}, nil
}

// AppendBeacon appends the community's beacon to b.
func (b *BroadcastBootstrapper) AppendBeacon(to []byte) []byte { return append(to, b.beacon...) }

// IsBeacon reports whether a datagram is the beacon of this community.
func (b *BroadcastBootstrapper) IsBeacon(datagram []byte) bool {
	return bytes.Equal(datagram, b.beacon)
}
