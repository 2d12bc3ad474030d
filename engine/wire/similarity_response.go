package wire

// SimilarityResponse is message 2, signed, of the DiscoveryCommunity (IPv8
// reference 3.4):
//
//	offset  size  field            format
//	0       2     identifier       H
//	2       2+20n preference_list  varlenHx20
//	...     24m   tb_overlap       raw, records of a 20-byte mid and a u32
type SimilarityResponse struct {
	Identifier     uint16     // of the request
	PreferenceList [][20]byte // community ids of the sender's overlays; uncapped, as long as the packet
	Overlap        []Overlap  // tb_overlap; py-ipv8 sends none
}

// Overlap is one record of a similarity response.
type Overlap struct {
	MID   [20]byte
	Count uint32
}

const overlapLen = 20 + 4

// ID returns [SimilarityResponseID].
func (SimilarityResponse) ID() MessageID { return SimilarityResponseID }

// ParseSimilarityResponse decodes a payload, which it copies from. When the
// count promises more ids than there are, it takes those that are there, and
// drops a partial one. A partial overlap record is an error.
func ParseSimilarityResponse(payload []byte) (SimilarityResponse, error) {
	c := cursor{rest: payload}
	p := SimilarityResponse{
		Identifier:     c.uint16("identifier"),
		PreferenceList: c.ids("preference_list", int(c.uint16("preference_list"))),
		Overlap:        c.overlap(),
	}
	return finish(&c, "similarity-response", p)
}

func (c *cursor) overlap() []Overlap {
	n := len(c.rest) / overlapLen
	if n*overlapLen != len(c.rest) {
		c.fail("tb_overlap", ErrTruncated)
	}
	if n == 0 || c.err != nil {
		return nil
	}
	records := make([]Overlap, n)
	for i := range records {
		records[i] = Overlap{c.id20("tb_overlap"), c.uint32("tb_overlap")}
	}
	return records
}

// AppendBinary appends the payload. More than 65,535 ids are an error.
func (p SimilarityResponse) AppendBinary(b []byte) ([]byte, error) {
	e := encoder{b: b}
	e.uint16(p.Identifier)
	e.count("preference_list", len(p.PreferenceList))
	e.ids(p.PreferenceList)
	for i := range p.Overlap {
		e.raw(p.Overlap[i].MID[:])
		e.uint32(p.Overlap[i].Count)
	}
	return e.end("similarity-response", b)
}

func (p SimilarityResponse) describe(l *fieldList) {
	l.uint16("identifier", p.Identifier)
	l.ids("preference_list", p.PreferenceList, 2)
	l.overlap("tb_overlap", p.Overlap)
}
