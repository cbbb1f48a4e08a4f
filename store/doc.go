// Package store is the contract between a decision and its memory: which chats
// a set of people has, what was decided, and how much each line was used.
//
// A [ChatStore] has three methods. Lookup reads everything a decision rests on.
// Commit makes a whole decision durable, or nothing of it. Apply tells the
// store what happened to chats elsewhere. Further powers (reading chats, an
// outbox, purging, …) are interfaces of their own that a store may implement;
// callers ask with a type assertion. [Store] is all of them.
//
// # How to read it as the author of a store
//
// The comments of this package are the contract. A rule that binds a store has
// an id in brackets at its end, and package store/storetest has at least one
// test for each id. A store that passes storetest.Run keeps the contract.
// docs/engines.md says how the contract maps to engines with conditions on many
// keys, and to engines that have only compare-and-swap on one key.
//
// # The rules of every method
//
// Tenants:
//
//   - Nothing crosses tenants: ids, keys and numbers of one mean nothing to
//     another. Tenants are compared byte by byte. [tenant.apart]
//   - A tenant that [CheckTenant] refuses, such as the empty one, is an error
//     wrapping [ErrInvalid]. [tenant.refused]
//
// Values:
//
//   - Times are in UTC and have microseconds. A store cuts off what is finer
//     before it does anything else. [time.micros]
//   - Times lie from 1970 to 9999. Others are refused. [time.range]
//   - Texts come back byte for byte. [text.bytes]
//   - A text that is not UTF-8, or contains U+0000, is refused. [text.refused]
//   - An empty slice and a nil slice mean the same. [text.empty]
//   - A store copies the values passed in before the method returns, and keeps
//     no reference to them. [value.copied]
//   - Values handed out are the caller's own. [value.own]
//
// Calls:
//
//   - Every method is safe for concurrent use, by any number of goroutines and,
//     if stores share an engine, of processes. [call.concurrent]
//   - A method called with a context that is already done changes nothing and
//     returns an error wrapping that of the context. [call.done]
//   - A limit, lease, wait or handle out of its range, such as a negative
//     limit, is an error wrapping [ErrInvalid]. [call.refused]
//   - A store has a method Close() error. After it every method returns an
//     error wrapping [ErrClosed]. Closing again does nothing. [call.closed]
//
// # How a commit ends
//
// A commit ends in one of three ways:
//
//  1. Committed: the error is nil. What was committed survives a killed process
//     and a power failure, unless an option of the store weakens this and says
//     what can be lost. A store that lives in memory says so. [commit.durable]
//  2. Not written: the error is a [*Conflict], or wraps [ErrNotWritten] in
//     another way. No part of the plan was written, and no caller can observe any.
//     [commit.atomic]
//  3. Unknown: any other error, such as a lost connection, a deadline or a
//     cancellation. Only a Lookup by idempotency key or message id shows what
//     happened. Make it before you commit the plan again.
//
// # What this package does not do
//
// It holds no implementation (see store/memory, store/sqlite and
// store/postgres), decides nothing, retries nothing and parses nothing.
package store
