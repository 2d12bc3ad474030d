package network

// links make a record a member of one list.
type links struct{ prev, next uint32 }

// A list is a doubly linked list through the records of an arena, oldest first.
// Its methods take the function that finds a record's links.
type list struct{ first, last, len uint32 }

func (l *list) pushBack(id uint32, at func(uint32) *links) {
	*at(id) = links{prev: l.last}
	if l.last == 0 {
		l.first = id
	} else {
		at(l.last).next = id
	}
	l.last = id
	l.len++
}

func (l *list) remove(id uint32, at func(uint32) *links) {
	k := *at(id)
	if k.prev == 0 {
		l.first = k.next
	} else {
		at(k.prev).next = k.next
	}
	if k.next == 0 {
		l.last = k.prev
	} else {
		at(k.next).prev = k.prev
	}
	*at(id) = links{}
	l.len--
}
