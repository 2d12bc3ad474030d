package network

// Config bounds a Network. The zero value of a field means its default.
type Config struct {
	// VerifiedPeers is how many peers may be verified at a time; 2,000,000.
	VerifiedPeers int
	// Addresses is how many addresses are known at a time, those of verified
	// peers included; 4,000,000.
	Addresses int
	// ServicesPerPeer is how many services a key may have; further ones are not
	// recorded. 256.
	ServicesPerPeer int
	// Introductions is how many addresses are remembered as introduced by one
	// key; the oldest then counts as introduced by nobody. 256.
	Introductions int
	// KeysPerAddress is how many verified peers may share an address; 32. Of
	// peers that share one as their LAN address, as strangers with the same
	// router do, those beyond it are just not found by it.
	KeysPerAddress int
	// UnverifiedKeys is how many keys are remembered that are not verified but
	// have services or introduced somebody (trackers, removed peers); the oldest
	// is forgotten. 65,536.
	UnverifiedKeys int
	// Communities is how many different services are known; 65,536.
	Communities int
	// Memberships is how many pairs of a key and its service are known; 16,777,216.
	Memberships int
	// Blacklist is how many addresses, and how many mids, may be blacklisted; 65,536.
	Blacklist int
}

// withDefaults fills in the fields that are zero (or negative, which has no
// meaning of its own).
func (c Config) withDefaults() Config {
	for _, f := range []struct {
		field *int
		value int
	}{
		{&c.VerifiedPeers, 2_000_000},
		{&c.Addresses, 4_000_000},
		{&c.ServicesPerPeer, 256},
		{&c.Introductions, 256},
		{&c.KeysPerAddress, 32},
		{&c.UnverifiedKeys, 65_536},
		{&c.Communities, 65_536},
		{&c.Memberships, 16_777_216},
		{&c.Blacklist, 65_536},
	} {
		if *f.field <= 0 {
			*f.field = f.value
		}
	}
	return c
}
