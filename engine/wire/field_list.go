package wire

import (
	"encoding/hex"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

const (
	// maxHexShown shows keys and signatures whole: the longest have 170 and 144 bytes.
	maxHexShown = 192
	// maxItemsShown shows the lists of every datagram that is not fragmented.
	maxItemsShown = 64
)

// fieldList collects the fields of a packet in wire order. It knows where the
// next one starts, so that a payload only gives names, values and formats.
type fieldList struct {
	fields []Field
	offset int
	rest   []byte // what no field covers yet
}

func (l *fieldList) add(name, value string, size int) {
	l.fields = append(l.fields, Field{l.offset, size, name, value})
	l.offset += size
	l.rest = l.rest[size:]
}

func (l *fieldList) uint8(name string, v byte)    { l.add(name, strconv.Itoa(int(v)), 1) }
func (l *fieldList) uint16(name string, v uint16) { l.add(name, strconv.Itoa(int(v)), 2) }
func (l *fieldList) flags(f fmt.Stringer)         { l.add("flags", f.String(), 1) }

// hex adds bytes of no other meaning. An empty field is left out.
func (l *fieldList) hex(name string, b []byte) {
	if len(b) > 0 {
		l.add(name, shortHex(b, maxHexShown), len(b))
	}
}

func (l *fieldList) ipv4(name string, a netip.AddrPort) { l.add(name, a.String(), 6) }

func (l *fieldList) ipAddress(name string, a netip.AddrPort) {
	size := 7
	if !a.Addr().Is4() {
		size = 19
	}
	l.add(name, a.String(), size)
}

// ids adds a list of ids behind a count of countSize bytes.
func (l *fieldList) ids(name string, ids [][20]byte, countSize int) {
	items := make([]string, min(len(ids), maxItemsShown))
	for i := range items {
		items[i] = hex.EncodeToString(ids[i][:])
	}
	l.list(name, items, len(ids), countSize+20*len(ids))
}

func (l *fieldList) overlap(name string, records []Overlap) {
	items := make([]string, min(len(records), maxItemsShown))
	for i := range items {
		items[i] = hex.EncodeToString(records[i].MID[:]) + "=" + strconv.FormatUint(uint64(records[i].Count), 10)
	}
	l.list(name, items, len(records), overlapLen*len(records))
}

// list adds the items that are shown of n. An empty list of no bytes is left
// out, like other empty fields.
func (l *fieldList) list(name string, items []string, n, size int) {
	if size == 0 {
		return
	}
	value := strings.Join(items, " ")
	if n > len(items) {
		value += fmt.Sprintf(" … (%d entries)", n)
	}
	l.add(name, value, size)
}
