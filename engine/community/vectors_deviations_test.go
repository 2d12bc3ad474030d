package community

import (
	"encoding/hex"
	"slices"
)

// A deviation is a vector whose effect we avoid on purpose.
type deviation struct {
	why string
	// apply makes our effect of the recorded one.
	apply func(*effect)
	// secondSocket marks what needs an IPv6 socket, which the recorded node
	// lacks: py-ipv8 records and sends to addresses that it cannot reach.
	secondSocket bool
}

// without leaves addresses out.
func without(addresses ...string) func(*effect) {
	return func(e *effect) {
		e.addresses = slices.DeleteFunc(e.addresses, func(a string) bool { return slices.Contains(addresses, a) })
	}
}

// keepsWAN keeps the estimate that three other responders agree on.
func keepsWAN(e *effect) {
	e.myWAN = ""
	for i := range e.sent {
		e.sent[i].fields["wan_address"] = "203.0.113.77:8090"
	}
}

func nothing(e *effect) { *e = effect{} }

const (
	whyFilter = "Q14: only addresses that we can send to, and not our own"
	whyVote   = "Q17: one response does not outvote three others, and 0.0.0.0 is no vote"
	whyReplay = "Q16: nobody moves by a packet that answers no request of ours"
	whyOwnKey = "Q15: packets signed with our own key are dropped"
	whyFamily = "no socket of that family"
)

// deviations lists every vector that has another effect here than in py-ipv8 3.0.
var deviations = map[string]deviation{
	"behaviour/introductions/245/wan-zero-with-port": {why: whyFilter, apply: without("0.0.0.0:8090")},
	"behaviour/introductions/245/own-wan":            {why: whyFilter, apply: without("192.168.77.7:8090", "203.0.113.77:8090")},
	"behaviour/introductions/245/own-lan":            {why: whyFilter, apply: without("192.168.77.7:8090")},
	"behaviour/introductions/245/lan-zero-with-port": {why: whyFilter, apply: without("0.0.0.0:9")},
	"behaviour/introductions/245/port-zero":          {why: whyFilter, apply: without("45.9.9.9:0")},
	"behaviour/introductions/233/wan-zero-with-port": {why: whyFilter, apply: without("0.0.0.0:8090")},
	"behaviour/introductions/233/own-wan":            {why: whyFilter, apply: without("192.168.77.7:8090", "203.0.113.77:8090")},
	"behaviour/introductions/233/own-lan":            {why: whyFilter, apply: without("192.168.77.7:8090")},
	"behaviour/introductions/233/lan-zero-with-port": {why: whyFilter, apply: without("0.0.0.0:9")},
	"behaviour/introductions/233/port-zero":          {why: whyFilter, apply: without("45.9.9.9:0")},
	"behaviour/introductions/233/ipv6-unspecified":   {why: whyFilter, apply: without("[::]:0")},
	"behaviour/introductions/233/ipv6": {why: whyFamily, secondSocket: true,
		apply: without("[2001:db8:4184:d381:ddcc:ff63:5941:8426]:17779")},

	"behaviour/my-wan/public":   {why: whyVote, apply: keepsWAN},
	"behaviour/my-wan/172.32":   {why: whyVote, apply: keepsWAN},
	"behaviour/my-wan/loopback": {why: whyVote, apply: keepsWAN},
	"behaviour/my-wan/cgnat":    {why: whyVote, apply: keepsWAN},
	"behaviour/my-wan/zero":     {why: whyVote, apply: keepsWAN},

	"behaviour/puncture/249/known-peer-moves": {why: whyReplay, apply: nothing},
	"behaviour/puncture/231/known-peer-moves": {why: whyReplay, apply: nothing},
	"behaviour/puncture/232/ipv6":             {why: whyFamily, secondSocket: true, apply: nothing},
	"behaviour/introduce/234/ipv6-peer": {why: whyFamily, secondSocket: true,
		apply: func(e *effect) { e.sent = e.sent[1:] }},

	"behaviour/own-key/246": {why: whyOwnKey, apply: nothing},
	"behaviour/own-key/245": {why: whyOwnKey, apply: nothing},
	"behaviour/own-key/1":   {why: whyOwnKey, apply: nothing},
	"behaviour/own-key/2":   {why: whyOwnKey, apply: nothing},

	"behaviour/ipv6-source/246": {why: "answered with a 233, which can name the requester", apply: func(e *effect) {
		e.sent = []sentPacket{{
			to: "[2001:db8:1886:9add:42b8:a4dd:e148:348b]:40700", id: 233,
			signer: hex.EncodeToString(e.own[:]),
			fields: fields{
				"destination_address": "[2001:db8:1886:9add:42b8:a4dd:e148:348b]:40700",
				"source_lan_address":  "192.168.77.7:8090", "source_wan_address": "any",
				"lan_introduction_address": "0.0.0.0:0", "wan_introduction_address": "0.0.0.0:0",
				"identifier": 1144.0, "flags": 0.0, "extra_bytes": "",
			},
			time: 1.0,
		}}
	}},
	"behaviour/switch-interface/have-ipv6": {why: "no puncture request without an IPv6 address to name, as in 3.2.1",
		apply: func(e *effect) {
			e.sent = e.sent[1:]
			e.sent[0].time, e.sent[0].fields["identifier"] = 1.0, 1.0
		}},
}
