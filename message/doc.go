// Package message is the wire form of the endpoint: what a request holds before anything has been judged, and what a response and an error hold.
//
// [DecodeRequest] turns the bytes of a body into a [Request], strictly: anything that is not one JSON value of the right shape is a single [*DecodeError] that
// says where. Everything else is kept for the package validate to judge and report at once: enums are strings, ranges are slices of any length, members
// that are not known are kept by name, and a part of an unknown type is an [UnknownPart]. In requests nil means absent, which is also what null means
// in an optional member.
//
// Values here are plain data. They are safe to read from several goroutines and must not be changed while others read.
//
// It does not judge content, does not know what a phone number is, never fetches anything, and has no opinion on HTTP.
package message
