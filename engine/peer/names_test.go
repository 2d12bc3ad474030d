package peer

import "testing"

func TestName(t *testing.T) {
	if len(names) != len(wellKnown) {
		t.Errorf("got %d names of %d ids: an id is there twice", len(names), len(wellKnown))
	}
	for _, c := range wellKnown {
		id, err := ParseCommunityID(c.id)
		if err != nil {
			t.Fatal(err)
		}
		if got := Name(id); got != c.name || got == "" {
			t.Errorf("name of %s: got %q, want %q", c.id, got, c.name)
		}
	}
	if got := Name(CommunityID{1}); got != "" {
		t.Errorf("unknown id: got %q, want none", got)
	}
	discovery, _ := ParseCommunityID("7e313685c1912a141279f8248fc8db5899c5df5a")
	if got := Name(discovery); got != "DiscoveryCommunity" {
		t.Errorf("got %q, want DiscoveryCommunity", got)
	}
}
