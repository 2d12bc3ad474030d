package wire

import "encoding"

// Payload is the decoded payload of one message, without header, key, global
// time and signature. AppendBinary returns the slice it was given, unchanged,
// with an error.
type Payload interface {
	encoding.BinaryAppender
	ID() MessageID

	// describe lists the fields in wire order, for [Describe].
	describe(l *fieldList)
}

// Parse decodes the payload of message id with that message's parser, or
// returns [ErrUnknown]. For an introduction request under
// [DiscoveryCommunityID] use [ParseDiscoveryIntroductionRequest].
func Parse(id MessageID, payload []byte) (Payload, error) {
	switch id {
	case IntroductionRequestID:
		return boxed(ParseIntroductionRequest(payload))
	case IntroductionResponseID:
		return boxed(ParseIntroductionResponse(payload))
	case PunctureRequestID:
		return boxed(ParsePunctureRequest(payload))
	case PunctureID:
		return boxed(ParsePuncture(payload))
	case NewIntroductionRequestID:
		return boxed(ParseNewIntroductionRequest(payload))
	case NewIntroductionResponseID:
		return boxed(ParseNewIntroductionResponse(payload))
	case NewPunctureRequestID:
		return boxed(ParseNewPunctureRequest(payload))
	case NewPunctureID:
		return boxed(ParseNewPuncture(payload))
	case SimilarityRequestID:
		return boxed(ParseSimilarityRequest(payload))
	case SimilarityResponseID:
		return boxed(ParseSimilarityResponse(payload))
	case PingID:
		return boxed(ParsePing(payload))
	case PongID:
		return boxed(ParsePong(payload))
	}
	return nil, ErrUnknown
}

// boxed keeps a failed parse from becoming a Payload that is not nil.
func boxed[P Payload](p P, err error) (Payload, error) {
	if err != nil {
		return nil, err
	}
	return p, nil
}
