// Package storetest is the contract of package store as a program: one suite that
// every store passes.
//
// [Run] checks everything a store claims to do:
//
//   - the clauses, at least one for each rule of the contract; a clause names the
//     rules by the ids that stand in the comments of package store ([Clauses]
//     lists them);
//   - generated histories, step by step against a model so plain that it can be
//     read in one sitting ([Same] runs the same ones on several stores at once);
//   - concurrent histories, for which a checker must find an order in which they
//     make sense.
//
// [Bench] measures the calls that a store gets most often, in the same way for
// all stores.
//
// A store lists in [Harness.Without] the optional powers that it does not have.
// A power that it neither has nor lists fails the suite, so the suite skips
// nothing silently. The suite is itself tested, with stores that each break one
// rule.
//
// # What this package does not do
//
// It kills no process and pulls no plug, and it starts no server: whether an
// engine keeps what it promised when it dies is for the tests of each store.
package storetest
