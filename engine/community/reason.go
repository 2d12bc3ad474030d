package community

// A Reason says why a packet was dropped. Every dropped packet is counted under
// exactly one.
type Reason uint8

// The reasons, in the order in which a packet meets the checks.
const (
	Accepted          Reason = iota
	ShortPacket              // fewer bytes than prefix and message id
	UnknownCommunity         // a prefix that is not ours, or not IPv8 at all
	BadSource                // from port 0, a multicast or the unspecified address
	SourceRate               // more packets than one source may send
	Overload                 // the queue to the checks was full
	DeprecatedMessage        // an id of Dispersy's, 235 to 255
	UnknownMessage           // an id without a handler in that community
	Malformed                // the payload does not follow its layout
	BadKey                   // a key blob that names no acceptable key
	LegacyBudget             // an old-curve signature beyond what we check in a second
	BadSignature             // the signature does not verify
	OwnKey                   // signed by a key of ours: a reflection or a replay
	StrangerRate             // a request of one who is not known, when there were too many of those
	PeerLimit                // the community has more peers than max_peers
	Refused                  // the table of peers, or of keys at an address, is full
	UnaskedResponse          // a response without a request of ours
	DuplicateResponse        // a second response to one request
	ForeignPong              // a pong from an address that was not pinged with it
	LatePong                 // a pong after its ping had counted as lost
	DuplicatePong            // a second pong for one ping
	PunctureRefused          // a puncture request to an address that we do not send to
	PunctureLimited          // a second puncture to one destination within 5 s
	Unanswerable             // an answer that our sockets cannot send, or its layout cannot carry
	SendQueue                // our answer found the queue to the socket full
	reasonCount
)

// Reasons is how many reasons there are, [Accepted] included.
const Reasons = int(reasonCount)

var reasonNames = [Reasons]string{
	"accepted", "short", "unknown-community", "bad-source", "source-rate", "overload",
	"deprecated", "unknown-message", "malformed", "bad-key", "legacy-budget", "bad-signature",
	"own-key", "stranger-rate", "peer-limit", "refused", "unasked-response", "duplicate-response",
	"foreign-pong", "late-pong", "duplicate-pong", "puncture-refused", "puncture-limited",
	"unanswerable", "send-queue",
}

// String is the reason's name in counters and events.
func (r Reason) String() string {
	if int(r) < Reasons {
		return reasonNames[r]
	}
	return "unknown"
}
