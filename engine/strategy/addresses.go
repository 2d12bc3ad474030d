package strategy

import (
	"container/list"
	"net/netip"
	"time"
)

// addressTimes remembers when something was done to an address, oldest first. Times must be added in order.
type addressTimes struct {
	byAddress map[netip.AddrPort]*list.Element
	order     *list.List // of addressTime
}

type addressTime struct {
	address netip.AddrPort
	at      time.Time
}

func newAddressTimes() addressTimes {
	return addressTimes{byAddress: make(map[netip.AddrPort]*list.Element), order: list.New()}
}

// set records the time for an address, in place of an earlier one.
func (t *addressTimes) set(address netip.AddrPort, at time.Time) {
	t.remove(address)
	t.byAddress[address] = t.order.PushBack(addressTime{address, at})
}

func (t *addressTimes) has(address netip.AddrPort) bool {
	_, ok := t.byAddress[address]
	return ok
}

func (t *addressTimes) at(address netip.AddrPort) (time.Time, bool) {
	element, ok := t.byAddress[address]
	if !ok {
		return time.Time{}, false
	}
	return element.Value.(addressTime).at, true
}

func (t *addressTimes) remove(address netip.AddrPort) {
	if element, ok := t.byAddress[address]; ok {
		t.order.Remove(element)
		delete(t.byAddress, address)
	}
}

func (t *addressTimes) oldest() (addressTime, bool) {
	if front := t.order.Front(); front != nil {
		return front.Value.(addressTime), true
	}
	return addressTime{}, false
}

func (t *addressTimes) len() int { return len(t.byAddress) }
