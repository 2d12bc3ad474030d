package keyvault

import "errors"

// The errors of this package; what is returned wraps one of them with what was being read.
var (
	// ErrMalformed: bytes that are no key in a form that we read.
	ErrMalformed = errors.New("malformed key")

	// ErrKey: a well-formed public key that cannot have a valid signature: off its curve, infinity, of small order or
	// not canonical; or no key at all.
	ErrKey = errors.New("invalid public key")

	// ErrSignature: the signature has the wrong length or does not belong to this key and message.
	ErrSignature = errors.New("bad signature")

	// ErrBudget: a legacy signature was not looked at, because this second's share of time for them is spent.
	ErrBudget = errors.New("legacy verification budget spent")

	// ErrPermissions: a key file that others can read.
	ErrPermissions = errors.New("key file is accessible to others")
)
