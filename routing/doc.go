// Package routing answers one question: this message, to these people, from
// which of our lines, and in which chat?
//
// [Decide] is the answer as a pure function: from a checked send, the chats
// that match its recipients and a view of our lines it says reuse, new or
// failover, or refuses with the causes. [Explain] tells why, from the same
// input. Neither reads a clock, draws a random number or does I/O, so a
// decision can be replayed, tested and believed.
//
// [Router] is the thin shell that makes a decision durable and exactly once:
// it looks up, decides, commits, and does so again when the world moved in
// between. Most programs build one Router from a store and a fleet.Fleet and
// call [Router.Route]; those with a table of lines of their own implement the
// one method of [LineHealth].
//
// The rules are those of docs/rules.md; comments cite them by section.
//
// # What this package does not do
//
// It does not validate content (see validate), pick among lines (see
// fleet.View.Best), remember anything (see store) or deliver the message (see
// delivery).
package routing
