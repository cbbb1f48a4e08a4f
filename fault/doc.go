// Package fault says what is wrong with a request: wire codes, rules, faults,
// lists of faults, and the body of an answer that is not a success.
//
// A [Fault] is one thing that is wrong: where, which [Rule], which [Code], and
// the values involved. An [Error] is a list of them, at most [Max].
// [Error.Envelope] makes the body of the answer, and nothing else does. The
// table of codes and that of rules are data; docs/errors.md is generated from
// them.
//
// Everything here is a plain value and safe for concurrent use.
//
// # What this package does not do
//
// It finds no faults (packages message, validate and fleet do) and writes no
// HTTP answer (package httpapi does).
package fault
