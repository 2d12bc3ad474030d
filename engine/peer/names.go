package peer

// Name is the name under which a community is widely known, "" if it is not.
// The names of ids that only the user knows come from the configuration.
func Name(id CommunityID) string { return names[id] }

// names is read-only after start-up.
var names = func() map[CommunityID]string {
	m := make(map[CommunityID]string, len(wellKnown))
	for _, c := range wellKnown {
		id, err := ParseCommunityID(c.id)
		if err != nil {
			panic("peer: the table of community names has a malformed id: " + c.id)
		}
		m[id] = c.name
	}
	return m
}()

// wellKnown lists the communities of py-ipv8, kotlin-ipv8, Tribler and the
// trustchain-superapp, present and former.
var wellKnown = [...]struct{ id, name string }{
	{"7e313685c1912a141279f8248fc8db5899c5df5a", "DiscoveryCommunity"},
	{"d5889074c1e4c50423cdb6e9307ee0ca5695ead7", "IdentityCommunity"},
	{"b42c93d167a0fc4a0843f917d4bf1e9ebb340ec4", "AttestationCommunity"},
	{"81ded07332bdc775aa5a46f96de9f8f390bbc9f3", "TunnelCommunity, HiddenTunnelCommunity"},
	{"8d0be1845d74d175f178197cad001591d04d73cc", "DHTCommunity, DHTDiscoveryCommunity"},
	{"8d0be1845d74d175f178197cad001591d04d73cb", "DHTCommunity (former)"},
	{"8d0be1845d74d175f178197cad001591d04d73ca", "DHTCommunity (former)"},
	{"40d796da96ef4e58fc34ff6cea856d90d8e642cb", "DHTCommunity (former)"},
	{"5ad767b05ae592a02488272ca2a86b847d4562e1", "TrustChainCommunity"},
	{"5e97ff4ef08998ee2fd2ce6b7a569cc4f7d27c37", "TrustChainTestnetCommunity"},
	{"223eb544cd6c4814f4db710618b2ad5bc8b9d541", "TrustChainBackwardsCrawlerCommunity"},
	{"e5d116f803a916a84850b9057cc0f662163f71f5", "AttestationCommunity (kotlin)"},
	{"33688436558bab6d1794fe980a2c1441d1f1df88", "TFTPCommunity"},
	{"02313685c1912a141279f8248fc8db5899c5df5a", "DemoCommunity"},
	{"02313685c1912a141279f8248fc8db5899c5df5b", "ConnectionCommunity (demo); CoinCommunity"},
	{"02313685c1912a141279f8248fc8db5899c5df5c", "DaoCommunity"},
	{"9aca62f878969c437da9844cba29a134917e1648", "ContentDiscoveryCommunity"},
	{"a3591a6bd89bbaca0974062a1287afcfbc6fd6bc", "TriblerTunnelCommunity"},
	{"98c1f6342f30528ada9647197f0503d48db9c2fc", "MarketCommunity"},
	{"f0eb36102436bd55c7a3cdca93dcaefb08df0750", "EuroTokenCommunity"},
	{"12313685c1912a141279f8248fc8db5899c5df5b", "FOCCommunity (freedom of computing)"},
	{"29384902d2938f34872398758cf7ca9238ccc333", "MusicCommunity"},
	{"c86a7db45eb3563ae047639817baec4db2bc7c44", "IdentityCommunity (superapp)"},
	{"ac9c01202e8d01e5f7d3cec88085dd842267c273", "PeerChatCommunity"},
}
