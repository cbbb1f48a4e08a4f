// Package storetest is the contract of package store as a program: one suite
// that every store passes.
//
// [Run] checks all promises of a store:
//
//   - the clauses, at least one for each rule of the contract; a clause names
//     its rules by the ids in the comments of package store ([Clauses] lists
//     them);
//   - generated histories, compared step by step with a plain model ([Same]
//     runs the same history on several stores at once);
//   - concurrent histories, for which a checker must find an order in which
//     they are possible.
//
// [Bench] measures the most frequent calls of a store, in the same way for all
// stores.
//
// A store lists in [Harness.Without] the optional powers that it does not have.
// If it neither has nor lists a power, the suite fails, so no test is skipped
// by accident. Tests of the suite run it on stores that each break one rule.
//
// # What this package does not do
//
// It kills no process, cuts no power and starts no server: the tests of each
// store check what survives the death of its engine.
package storetest
