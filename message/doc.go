// Package message has the body of a send as it is on the wire, before any rule
// has checked it.
//
// [DecodeRequest] decodes the bytes of a body into a [Request]. It is strict
// about the form: if the body is not one JSON value of the right shape, the
// error is a single [*DecodeError] with the place. Every other fault stays in
// the Request, so that package validate can report all faults at once: an enum
// is a string, a range is a slice of any length, an unknown member keeps its
// name and value, and a part of an unknown type is an [UnknownPart]. Nil means
// that a member is absent. A null in an optional member means the same.
//
// Values here are plain data. Several goroutines may read one value, if none
// changes it meanwhile.
//
// The package does not check content, does not know phone numbers, fetches
// nothing, and does not know HTTP.
package message
