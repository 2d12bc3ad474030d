package bootstrap

// triblerServers is the default configuration of py-ipv8 3.0 and 3.2.1, the public bootstrap list: data only. Tests,
// demos and examples never contact these servers and never resolve these names.
var triblerServers = []Endpoint{
	{"130.161.119.206", 6421},
	{"130.161.119.206", 6422},
	{"131.180.27.155", 6423},
	{"131.180.27.156", 6424},
	{"131.180.27.161", 6427},
	{"131.180.27.161", 6521},
	{"131.180.27.161", 6522},
	{"131.180.27.162", 6523},
	{"131.180.27.162", 6524},
	{"130.161.119.215", 6525},
	{"130.161.119.215", 6526},
	{"130.161.119.201", 6527},
	{"130.161.119.201", 6528},
	{"dispersy1.tribler.org", 6421},
	{"dispersy1.st.tudelft.nl", 6421},
	{"dispersy2.tribler.org", 6422},
	{"dispersy2.st.tudelft.nl", 6422},
	{"dispersy3.tribler.org", 6423},
	{"dispersy3.st.tudelft.nl", 6423},
	{"dispersy4.tribler.org", 6424},
}

// TriblerNetwork returns the servers of the public network, for --network tribler and nothing else: joining a public
// network is always asked for.
func TriblerNetwork() []Endpoint { return append([]Endpoint(nil), triblerServers...) }
