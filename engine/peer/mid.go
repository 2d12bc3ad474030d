package peer

import (
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
)

// ErrID is what the parsers of this package wrap: the text is not 40
// hexadecimal digits.
var ErrID = errors.New("peer: not 40 hexadecimal digits")

// A Mid names a peer: the SHA-1 of its public key as the key serialises itself
// (IPv8 reference, 5.4). Mids are free to make, so nothing is scarce about them.
type Mid [20]byte

// ParseMid reads the 40 hexadecimal digits of a mid, in either case. The error
// wraps [ErrID].
func ParseMid(s string) (Mid, error) {
	id, err := parseID([]byte(s))
	return Mid(id), err
}

// String is the mid as 40 lower-case hexadecimal digits.
func (m Mid) String() string { return hex.EncodeToString(m[:]) }

// Short is the first 8 hexadecimal digits, enough to tell peers apart in a log.
func (m Mid) Short() string { return hex.EncodeToString(m[:4]) }

// IsZero reports whether the mid is all zero, which stands for no peer.
func (m Mid) IsZero() bool { return m == Mid{} }

// LogValue logs a mid by its short form.
func (m Mid) LogValue() slog.Value { return slog.StringValue(m.Short()) }

// MarshalText is String for encoders.
func (m Mid) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, m[:]), nil }

// UnmarshalText is ParseMid for decoders; on an error m is left as it was.
func (m *Mid) UnmarshalText(text []byte) error {
	id, err := parseID(text)
	if err != nil {
		return err
	}
	*m = Mid(id)
	return nil
}

// A CommunityID names a community (an overlay, or "service" where py-ipv8's
// Network speaks of it). Ids used to be the SHA-1 of a master key, today they
// are just 20 bytes. The zero id is no community: package network reads it as
// "any" in queries and never stores it.
type CommunityID [20]byte

// ParseCommunityID reads the 40 hexadecimal digits of a community id, in either
// case. The error wraps [ErrID].
func ParseCommunityID(s string) (CommunityID, error) {
	id, err := parseID([]byte(s))
	return CommunityID(id), err
}

// String is the id as 40 lower-case hexadecimal digits.
func (c CommunityID) String() string { return hex.EncodeToString(c[:]) }

// Short is the first 8 hexadecimal digits.
func (c CommunityID) Short() string { return hex.EncodeToString(c[:4]) }

// IsZero reports whether the id is all zero, which stands for no community.
func (c CommunityID) IsZero() bool { return c == CommunityID{} }

// LogValue logs an id by its short form.
func (c CommunityID) LogValue() slog.Value { return slog.StringValue(c.Short()) }

// MarshalText is String for encoders.
func (c CommunityID) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, c[:]), nil }

// UnmarshalText is ParseCommunityID for decoders; on an error c is left as it was.
func (c *CommunityID) UnmarshalText(text []byte) error {
	id, err := parseID(text)
	if err != nil {
		return err
	}
	*c = CommunityID(id)
	return nil
}

// parseID reads the form that mids and community ids share.
func parseID(text []byte) (id [20]byte, err error) {
	if len(text) != hex.EncodedLen(len(id)) {
		return [20]byte{}, fmt.Errorf("%w: %d characters", ErrID, len(text))
	}
	if _, err := hex.Decode(id[:], text); err != nil {
		return [20]byte{}, fmt.Errorf("%w: %w", ErrID, err)
	}
	return id, nil
}
