package network

// An indexedSet is a set of ids from which a random one can be drawn.
type indexedSet struct {
	items     []uint32
	positions map[uint32]uint32 // id → position in items
}

func (s *indexedSet) add(id uint32) {
	if s.positions == nil {
		s.positions = make(map[uint32]uint32)
	}
	s.positions[id] = uint32(len(s.items))
	s.items = append(s.items, id)
}

func (s *indexedSet) remove(id uint32) {
	i := s.positions[id]
	last := s.items[len(s.items)-1]
	s.items[i] = last
	s.positions[last] = i
	s.items = s.items[:len(s.items)-1]
	delete(s.positions, id)
}
