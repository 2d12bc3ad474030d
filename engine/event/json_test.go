package event

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"net/netip"
	"strings"
	"testing"
	"time"

	"peerscope/engine/peer"
)

var (
	testTime = time.Date(2026, 11, 22, 16, 2, 11, 482_193_999, time.FixedZone("CET", 3600))
	testMid  = peer.Mid{0x4b, 0x94, 0xa6}
	testIDs  = []peer.CommunityID{{0x7e, 0x31}, {0xd5, 0x88}}
	testAddr = netip.MustParseAddrPort("127.0.0.1:7001")
	testSix  = netip.MustParseAddrPort("[2001:db8::1]:7001")
)

const (
	midText = `4b94a60000000000000000000000000000000000`
	idText0 = `7e31000000000000000000000000000000000000`
	idText1 = `d588000000000000000000000000000000000000`
)

// golden is the JSON form of each event. Readers of `peerscope watch`, the live
// messages and the API rely on it: it may grow, and must not change.
var golden = []struct {
	data Data
	want string // after seq, time and type
}{
	{PeerVerified{Peer: testMid, PublicKey: []byte("LibNaCLPK:"), KeyType: "curve25519", Address: testAddr},
		`"mid":"` + midText + `","public_key":"4c69624e61434c504b3a","key_type":"curve25519","address":"127.0.0.1:7001"`},
	{PeerRemoved{Peer: testMid, Address: testSix, Reason: Silent},
		`"mid":"` + midText + `","address":"[2001:db8::1]:7001","reason":"silent"`},
	{PeerRemoved{Peer: testMid, Reason: Replaced}, `"mid":"` + midText + `","reason":"replaced"`},
	{PeerRemoved{Peer: testMid, Address: testAddr, Reason: Stopped},
		`"mid":"` + midText + `","address":"127.0.0.1:7001","reason":"stopped"`},
	{AddressChanged{Peer: testMid, Address: testSix, Previous: testAddr},
		`"mid":"` + midText + `","address":"[2001:db8::1]:7001","previous":"127.0.0.1:7001"`},
	{CommunitiesLearned{Peer: testMid, New: testIDs[1:], All: testIDs, Overlap: testIDs[:1]},
		`"mid":"` + midText + `","new":["` + idText1 + `"],"communities":["` + idText0 + `","` + idText1 + `"],"overlap":["` + idText0 + `"]`},
	{CommunitiesLearned{Peer: testMid, All: testIDs[:1]}, // a confirmation: an empty list is not an unknown one
		`"mid":"` + midText + `","new":[],"communities":["` + idText0 + `"],"overlap":[]`},
	{Introduced{By: testMid, Address: testAddr, Community: testIDs[0]},
		`"by":"` + midText + `","address":"127.0.0.1:7001","community":"` + idText0 + `"`},
	{PongReceived{Peer: testMid, Address: testAddr, RTT: 38_412_499 * time.Nanosecond},
		`"mid":"` + midText + `","address":"127.0.0.1:7001","rtt_ms":38.412`},
	{PongReceived{Peer: testMid, Address: testAddr}, // faster than the clock can tell
		`"mid":"` + midText + `","address":"127.0.0.1:7001","rtt_ms":0`},
	{PingLost{Peer: testMid, Address: testAddr, SentAt: testTime.Add(-5 * time.Second)},
		`"mid":"` + midText + `","address":"127.0.0.1:7001","sent_at":"2026-11-22T15:02:06.482193Z"`},
	{PingLost{Peer: testMid, Address: testAddr, SentAt: testTime, Isolated: true},
		`"mid":"` + midText + `","address":"127.0.0.1:7001","sent_at":"2026-11-22T15:02:11.482193Z","isolated":true`},
	{CommunityAppeared{Community: testIDs[0], Peer: testMid}, `"mid":"` + midText + `","community":"` + idText0 + `"`},
	{PacketRejected{Address: testAddr, Reason: "bad-signature"}, `"address":"127.0.0.1:7001","reason":"bad-signature"`},
	{BootstrapAnswered{Address: testAddr, RTT: 1500 * time.Millisecond}, `"address":"127.0.0.1:7001","rtt_ms":1500`},
	{BootstrapSilent{Address: testAddr}, `"address":"127.0.0.1:7001"`},
	{ObserverIsolated{Since: testTime}, `"since":"2026-11-22T15:02:11.482193Z"`},
	{ObserverBack{Since: testTime}, `"since":"2026-11-22T15:02:11.482193Z"`},
}

func TestJSON(t *testing.T) {
	for _, g := range golden {
		got, err := json.Marshal(Event{Seq: 7, Time: testTime, Data: g.data})
		if err != nil {
			t.Fatal(err)
		}
		want := `{"seq":7,"time":"2026-11-22T15:02:11.482193Z","type":"` + g.data.Type() + `",` + g.want + `}`
		if string(got) != want {
			t.Errorf("%T\n got %s\nwant %s", g.data, got, want)
		}
	}
}

// TestEveryEventIsGolden reads the event types from the source, so that a new one
// cannot be forgotten, and wants each named by its Go name.
func TestEveryEventIsGolden(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "event.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	tested := map[string]bool{}
	for _, g := range golden {
		tested[g.data.Type()] = true
	}
	found := 0
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Recv == nil || f.Name.Name != "Type" {
			continue
		}
		found++
		if name := f.Recv.List[0].Type.(*ast.Ident).Name; !tested[name] {
			t.Errorf("%s has no golden form under its own name", name)
		}
	}
	if found != len(tested) || found == 0 {
		t.Errorf("got %d event types in the source, %d tested", found, len(tested))
	}
}

// An event is one flat object on one line.
func TestJSONIsFlat(t *testing.T) {
	for _, g := range golden {
		line, err := json.Marshal(Event{Seq: 1, Time: testTime, Data: g.data})
		if err != nil {
			t.Fatal(err)
		}
		var object map[string]any
		if err := json.Unmarshal(line, &object); err != nil || strings.ContainsRune(string(line), '\n') {
			t.Errorf("got %s: %v", line, err)
		}
		for name, value := range object {
			if _, nested := value.(map[string]any); nested || value == nil {
				t.Errorf("%s: got %s = %v, want a plain value", g.data.Type(), name, value)
			}
		}
	}
}
