// Package validate is the content contract: a request that passes [Request] is deliverable as far as its content goes, and one that does not gets every fault
// at once, each with its place, its rule, its wire code and the values involved.
//
// Request is pure: no context, no clock, no I/O, and the same result for a request that was decoded and one that a program built. It answers with a [Checked],
// which holds the canonical recipient set, the content in normal form and what routing asks about it, or with an [*fault.Error]. What is legal and seldom meant is
// an [Advisory] of the Checked. The table of wire codes ([fault.Code]) and that of rules ([fault.Rule]) are data, and docs/errors.md is generated from them.
//
// Everything here is safe for concurrent use.
//
// It does not decode JSON (see the package message), does not fetch or resolve anything (an [ImageChecker] may, later, see validate/imagecheck), does not know
// chats or lines, and does not ask whether a recipient may be written to.
//
//go:generate go run ../internal/gen/errorspage -root ..
package validate
