// Package memory is the store in the memory of one process: for tests, for
// trying things out, and for a backend that may forget everything when it
// stops.
//
// [New] returns a [Store], which has every power that package store knows. It
// breaks one promise of the contract only: a commit does not survive the end of
// the process.
//
// A chat with one or two other people takes at most 400 bytes, a record of a
// decision with a key about 380. The number of records is bounded
// ([Options].MaxRecords): at the bound the store refuses commits and forgets
// nothing. Call [Store.Purge] now and then.
//
// The store is maps and a few ordered sets under one lock. A call holds the
// lock for a microsecond or two, but for these: a page of chats, uses, states
// or deliveries takes time in proportion to its items, a purge for each
// thousand records, and Forget in proportion to all chats and records of the
// tenant.
//
// # What this package does not do
//
// It writes no file, shares nothing between processes and starts no goroutine.
package memory
