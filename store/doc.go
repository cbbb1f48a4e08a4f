// Package store is the contract between a decision and its memory: which
// chats a set of people has, what was decided, how much each line was used.
//
// A [ChatStore] has three methods. Lookup reads everything a decision rests on
// in one round trip; Commit makes a whole decision durable in one atomic step,
// or nothing of it; Apply tells the store what happened to chats elsewhere.
// More powers (reading chats, an outbox, purging, …) are optional interfaces
// of this package that a store may also implement; callers ask with a type
// assertion.
//
// # The rules every store keeps
//
// The comments of this package are the contract and are written to whoever
// implements it; every sentence that binds a store is a clause of
// store/storetest, which a store passes as a whole. In short:
//
//   - Nothing crosses tenants: ids, keys and numbers of one mean nothing to another.
//     What [CheckTenant] refuses, such as the empty tenant, is an error wrapping
//     [ErrInvalid].
//   - A Commit ends committed (nil), in a [*Conflict] or another error wrapping
//     [ErrNotWritten] (nothing was written, nothing can be observed), or unknown
//     (any other error: connection lost, deadline, cancellation). After unknown
//     only a Lookup tells, by idempotency key or by message id; a plan is never
//     committed again before that.
//   - A Commit that returned nil survives a killed process and a power failure,
//     unless an option of the store weakens this and says what can be lost. A
//     store that lives in memory says so.
//   - Activity never goes backwards; a new chat is more recently active than
//     every other chat of its set, whatever the clocks of the callers say.
//   - New chats are counted in the commit, exactly: never more than the line's
//     limit in any 24 hours, by any number of processes.
//   - A record is never forgotten before its time. A store that cannot keep
//     another one refuses the commit with [ErrFull].
//   - Times are UTC with microseconds, from 1970 to 9999; what is finer is cut off
//     at the door.
//   - Texts come back byte for byte. What is not UTF-8, or contains U+0000, is
//     refused. Slices that are empty and slices that are nil mean the same.
//   - Values passed in are copied before a method returns; values handed out
//     are the caller's own.
//   - Every method is safe for concurrent use and respects its context; a method
//     called with a context that is already done changes nothing and returns an
//     error wrapping that of the context.
//   - A store has a method Close() error. After it every method returns an error
//     wrapping [ErrClosed]; closing again does nothing.
//
// How the contract maps to engines with conditions on many keys, and to
// engines that have only compare-and-swap on one key, is written down in
// docs/engines.md.
//
// # What this package does not do
//
// It holds no implementation (see store/memory, store/sqlite and
// store/postgres), decides nothing, retries nothing and parses nothing.
package store
