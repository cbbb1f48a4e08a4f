// Package validate checks the content of a request. [Request] returns a
// [Checked] request, or every fault at once, each with its place, its rule, its
// wire code and the values involved.
//
// Request reads no clock and does no I/O. It treats a decoded request and one
// that a program built alike. A [Checked] has the canonical recipient set, the
// content in normal form, and an [Advisory] for each thing that is valid but
// seldom intended. The error is a [*fault.Error]. Wire codes ([fault.Code]) and
// rules ([fault.Rule]) are tables, from which docs/errors.md is generated.
//
// Everything here is safe for concurrent use.
//
// # What this package does not do
//
// It does not decode JSON (see package message), fetches nothing (see
// [ImageChecker] and validate/imagecheck), and knows no chats, lines or
// consents.
//
//go:generate go run ../internal/gen/errorspage -root ..
package validate
