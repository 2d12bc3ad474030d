package exchange

import (
	"net/netip"
	"time"

	"peerscope/engine/wire"
)

// A StepKind says what happened in a step.
type StepKind string

// The steps of an exchange, in their order.
const (
	// Resolved: Address is where the questions go.
	Resolved StepKind = "resolved"
	// Opened: Address is our socket.
	Opened StepKind = "opened"
	// Sent: Packet went to Address.
	Sent StepKind = "sent"
	// Ignored: Packet came from Address and is no answer, for Reason.
	Ignored StepKind = "ignored"
	// Received: Answer came from Address as Packet.
	Received StepKind = "received"
	// TimedOut: there was no answer in time.
	TimedOut StepKind = "timed-out"
)

// A Step is one thing that happened. Which fields are set depends on its kind.
type Step struct {
	Kind StepKind
	// Elapsed is the time since the session began, on the monotonic clock. For a
	// packet it is when the packet left or arrived, not when it was looked at.
	Elapsed time.Duration
	Address netip.AddrPort
	// Packet is the packet taken apart; nothing in it is proven but in an Answer.
	Packet wire.Description
	Answer Answer
	Reason error
}
