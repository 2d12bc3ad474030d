package main_test

import (
	"errors"
	"fmt"
	"slices"
)

// theyKnowEachOther asks that each py-ipv8 node lists every other one as verified, with its communities and a ping sample.
func theyKnowEachOther(processes ...*pyProcess) error {
	var all []pyNode
	for _, p := range processes {
		all = append(all, p.hello.Nodes...)
	}
	var errs []error
	for _, p := range processes {
		for _, report := range reports(p) {
			for _, node := range all {
				if self := p.hello.Nodes[report.Number].Mid; node.Mid != self {
					errs = append(errs, report.knows(node.Mid, node.KeyType, node.Address, node.Communities))
				}
			}
		}
	}
	return first(errs)
}

// theyKnow asks the same about our observer.
func theyKnow(o *observer, processes ...*pyProcess) error {
	var errs []error
	for _, p := range processes {
		for _, report := range reports(p) {
			errs = append(errs, report.knows(o.mid, "curve25519", "", o.communities))
		}
	}
	return first(errs)
}

// reports are the last ones of all nodes of a process; a node that has not reported yet knows nobody.
func reports(p *pyProcess) []pyNodeReport {
	nodes := p.last().Nodes
	if len(nodes) == 0 {
		nodes = make([]pyNodeReport, len(p.hello.Nodes))
	}
	return nodes
}

// knows asks that the node lists the peer as verified, at the address if one is given, with exactly these communities.
func (r pyNodeReport) knows(mid, keyType, address string, communities []string) error {
	at := slices.IndexFunc(r.Peers, func(peer pyPeer) bool { return peer.Mid == mid })
	if at < 0 {
		return fmt.Errorf("py-ipv8 node %d does not know %.8s", r.Number, mid)
	}
	peer := r.Peers[at]
	switch {
	case peer.KeyType != keyType:
		return fmt.Errorf("py-ipv8 node %d has %.8s with a %s key, want %s", r.Number, mid, peer.KeyType, keyType)
	case address != "" && peer.Address != address:
		return fmt.Errorf("py-ipv8 node %d has %.8s at %s, want %s", r.Number, mid, peer.Address, address)
	case !sameIDs(peer.Services, communities):
		return fmt.Errorf("py-ipv8 node %d has %.8s in %.8s, want %.8s", r.Number, mid, peer.Services, communities)
	case len(peer.Pings) == 0:
		return fmt.Errorf("py-ipv8 node %d has no ping sample of %.8s", r.Number, mid)
	}
	return nil
}

// weKnow asks that the observer's events show every node of the processes verified, with its communities and an RTT.
func weKnow(o *observer, processes ...*pyProcess) error {
	view := o.view()
	var errs []error
	for _, p := range processes {
		for _, node := range p.hello.Nodes {
			errs = append(errs, view[node.Mid].shows(node))
		}
	}
	return first(errs)
}

func (s seen) shows(node pyNode) error {
	switch {
	case !s.verified:
		return fmt.Errorf("watch has not shown py-ipv8 node %d (%.8s) as verified", node.Number, node.Mid)
	case s.keyType != node.KeyType:
		return fmt.Errorf("watch shows %.8s with a %s key, want %s", node.Mid, s.keyType, node.KeyType)
	case s.address != node.Address:
		return fmt.Errorf("watch shows %.8s at %s, want %s", node.Mid, s.address, node.Address)
	case !sameIDs(s.communities, node.Communities):
		return fmt.Errorf("watch shows %.8s in %.8s, want %.8s", node.Mid, s.communities, node.Communities)
	case len(s.rtts) == 0:
		return fmt.Errorf("watch has shown no RTT of %.8s", node.Mid)
	}
	return nil
}

// trackerLists asks that the Python tracker has our observer in all its communities, after a question that it answered.
func trackerLists(tracker *pyProcess, o *observer) error {
	members := tracker.last().Members
	at := slices.IndexFunc(members, func(member pyMember) bool { return member.Mid == o.mid })
	switch {
	case at < 0:
		return fmt.Errorf("the tracker does not list us")
	case !sameIDs(members[at].Services, o.communities):
		return fmt.Errorf("the tracker lists us in %.8s, want %.8s", members[at].Services, o.communities)
	case members[at].Answers == 0:
		return fmt.Errorf("no answer of ours to the tracker's questions")
	}
	return nil
}

// first is the first error of a list, with how many others there are.
func first(errs []error) error {
	errs = slices.DeleteFunc(errs, func(err error) bool { return err == nil })
	switch len(errs) {
	case 0:
		return nil
	case 1:
		return errs[0]
	}
	return fmt.Errorf("%w (and %d more)", errs[0], len(errs)-1)
}

// all joins conditions into one that misses whatever any of them misses.
func all(conditions ...func() error) func() error {
	return func() error {
		var errs []error
		for _, missing := range conditions {
			errs = append(errs, missing())
		}
		return errors.Join(errs...)
	}
}

// sameIDs compares two lists as sets.
func sameIDs(got, want []string) bool {
	return slices.Equal(slices.Compact(slices.Sorted(slices.Values(got))), slices.Compact(slices.Sorted(slices.Values(want))))
}
