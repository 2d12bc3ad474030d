package wire

// introduction2014Len is the least length of a payload in the 2014 layout.
const introduction2014Len = 1 + 20 + 21

// IntroductionMarker is the byte that clients of 2014 put in front of the mid.
const IntroductionMarker = 'Y'

// IntroductionRequest2014 is message 246 as older clients send it to the
// DiscoveryCommunity (IPv8 reference 3.5):
//
//	offset  size  field                format
//	0       1     introduce_to_marker  c, 0x59
//	1       20    introduce_to         20s
//	21      ...   the fields of IntroductionRequest
type IntroductionRequest2014 struct {
	IntroduceToMarker byte     // IntroductionMarker; py-ipv8 does not look at it
	IntroduceTo       [20]byte // the mid that the sender wants to meet; matches nobody in py-ipv8
	IntroductionRequest
}

// ParseIntroductionRequest2014 decodes a payload in the 2014 layout, which it
// copies from. The marker may be any byte.
func ParseIntroductionRequest2014(payload []byte) (IntroductionRequest2014, error) {
	c := cursor{rest: payload}
	p := IntroductionRequest2014{
		IntroduceToMarker:   c.uint8("introduce_to_marker"),
		IntroduceTo:         c.id20("introduce_to"),
		IntroductionRequest: c.introductionRequest(),
	}
	return finish(&c, name2014, p)
}

// ParseDiscoveryIntroductionRequest decodes a 246 that was sent to the
// DiscoveryCommunity: the 2014 layout if the payload is long enough for it,
// the plain one otherwise. introduceTo is nil for a plain request.
//
// The marker decides nothing, as in py-ipv8: the vectors want requests with
// other markers read this way. So a plain request with 21 or more extra bytes
// is misread, which costs its sender an introduction and nothing else; no
// known client sends such.
func ParseDiscoveryIntroductionRequest(payload []byte) (p IntroductionRequest, introduceTo *[20]byte, err error) {
	if len(payload) < introduction2014Len {
		p, err = ParseIntroductionRequest(payload)
		return p, nil, err
	}
	old, err := ParseIntroductionRequest2014(payload)
	if err != nil {
		return IntroductionRequest{}, nil, err
	}
	return old.IntroductionRequest, &old.IntroduceTo, nil
}

const name2014 = "introduction-request-2014"

// AppendBinary appends the payload. An IPv6 address is an error.
func (p IntroductionRequest2014) AppendBinary(b []byte) ([]byte, error) {
	e := encoder{b: b}
	e.uint8(p.IntroduceToMarker)
	e.raw(p.IntroduceTo[:])
	e.introductionRequest(p.IntroductionRequest)
	return e.end(name2014, b)
}

func (p IntroductionRequest2014) describe(l *fieldList) {
	l.hex("introduce_to_marker", []byte{p.IntroduceToMarker})
	l.hex("introduce_to", p.IntroduceTo[:])
	p.IntroductionRequest.describe(l)
}
