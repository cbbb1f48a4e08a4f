// Package routing answers one question: this message, to these people, from
// which of our lines, and in which chat?
//
// [Decide] is the answer as a pure function: from a checked send, the chats
// that match its recipients and a view of our lines it says reuse, new or
// failover, or refuses with the causes. [Explain] tells why, from the same
// input. Neither reads a clock, draws a random number or does I/O: the same
// input gives the same decision, so you can test it and repeat it. Everything
// here is safe for concurrent use.
//
// The [Router] of package fromline is the shell around it: it looks up, decides
// and commits, and does so again where the chats or the lines changed in
// between. Most programs use that [Router] and never call Decide.
//
// The rules are in docs/rules.md; comments cite its sections.
//
// # What this package does not do
//
// It does not validate content (see validate), pick among lines (see
// fleet.View.Best), remember anything (see store) or deliver the message (see
// delivery).
package routing
