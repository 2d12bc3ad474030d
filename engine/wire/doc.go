// Package wire is the byte layout of IPv8's discovery messages: it turns
// datagrams into payload structs and payload structs into datagrams.
//
// Every packet starts with 23 bytes (IPv8 reference 1):
//
//	offset  size  content
//	0       1     constant 0x00
//	1       1     protocol version, 0x02
//	2       20    community id
//	22      1     message id
//
// A signed packet goes on with the sender's key, and ends with a signature
// whose length only the key tells; an unsigned one has neither:
//
//	signed                                unsigned
//	23      2     length K of the key     23      8     global time
//	25      K     public key blob         31      ...   payload
//	25+K    8     global time
//	33+K    ...   payload
//	end-S   S     signature
//
// All integers are big-endian. To read a packet, call [ParseHeader]; then, for
// a signed message, [SplitSigned], load the key, [SplitSignature]; then
// [ParseGlobalTime] and the parser of the message. To write one, call
// [AppendSignedHeader] or [AppendUnsignedHeader], the payload's AppendBinary,
// and append the signature over everything before it.
//
// Parsers take hostile input: they check every length, read through one cursor
// and never panic. What they allocate is bounded by the length of the packet.
// Parsed payloads copy what they keep, so the packet buffer can be reused.
//
// The package has no state. It leaves out keys, signatures, sockets and every
// decision about a message; nothing here knows what a field is good for.
package wire
