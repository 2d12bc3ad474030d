package wire

import "errors"

// Why bytes are not a packet, or values not encodable. All but [ErrShort],
// [ErrPrefix] and [ErrUnknown] come wrapped in a [FieldError].
var (
	// ErrShort: the datagram ends before the message id.
	ErrShort = errors.New("shorter than a packet header")
	// ErrPrefix: the first two bytes are not IPv8's 0x00 0x02.
	ErrPrefix = errors.New("not an IPv8 version 2 packet")
	// ErrUnknown: there is no layout for this message id.
	ErrUnknown = errors.New("no layout for this message")
	// ErrTruncated: the data ends inside the field.
	ErrTruncated = errors.New("truncated")
	// ErrTrailing: a message of fixed length goes on after its last field.
	ErrTrailing = errors.New("trailing bytes")
	// ErrAddressType: a type byte that the address format does not have.
	ErrAddressType = errors.New("unknown address type")
	// ErrAddressFamily: an IPv6 address for a format that carries IPv4 only.
	ErrAddressFamily = errors.New("IPv6 address in an IPv4 field")
	// ErrTooLong: more bytes or items than the length field can count.
	ErrTooLong = errors.New("too long for its length field")
	// ErrKey: a key blob of no known form, so that the signature's length is unknown.
	ErrKey = errors.New("key of unknown form")
	// ErrText: a host name that is empty or not UTF-8.
	ErrText = errors.New("not a host name")
)

// FieldError says which field of which message could not be read or written.
// Both names are constants of this package, never text of a peer's.
type FieldError struct {
	Message string // as [MessageID.String] spells it, or the part of a packet: "header", "snapshot"
	Field   string // as the IPv8 reference spells it: "source_lan_address"
	Err     error  // one of this package's sentinel errors
}

func (e *FieldError) Error() string { return e.Message + ": " + e.Field + ": " + e.Err.Error() }

// Unwrap returns the sentinel error.
func (e *FieldError) Unwrap() error { return e.Err }
