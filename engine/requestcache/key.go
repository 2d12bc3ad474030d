package requestcache

import "net/netip"

// Kind says what was asked, so that a ping and an introduction request with the same identifier do not meet.
type Kind uint8

// The kinds of questions that this engine asks. The zero Kind is not used.
const (
	KindPing         Kind = iota + 1 // message 3, answered by 4
	KindIntroduction                 // message 246 or 234, answered by 245 or 233
	KindSimilarity                   // message 1, answered by 2
)

// String names the kind after its message.
func (k Kind) String() string {
	switch k {
	case KindPing:
		return "ping"
	case KindIntroduction:
		return "introduction-request"
	case KindSimilarity:
		return "similarity-request"
	}
	return "unknown"
}

// Key finds a request again when its answer comes in: answers repeat the 16-bit identifier of the question, and only
// the address that was asked may answer.
type Key struct {
	Kind       Kind
	Address    netip.AddrPort // the address that was asked, 4-in-6 unmapped
	Identifier uint16
}
