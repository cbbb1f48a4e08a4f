// Package memory is the store that keeps everything in the memory of one
// process: for tests, for trying things out, and for a backend that can afford
// to forget when it stops.
//
// [New] returns a [Store], which has every power that package store knows. It
// gives up one promise of the contract, and only that one: a commit survives
// nothing. When the process ends, all is gone.
//
// A chat with one or two other people takes at most 400 bytes, a record of a
// decision about 300. What is kept of records is bounded by refusing
// ([Options].MaxRecords), never by forgetting: call [Store.Purge] now and then.
//
// State is spread over shards, each with a lock of its own; a call holds the
// locks of the few that it touches. Three calls look at everything, and so take
// time in proportion to it: Forget at every chat and record, one shard after the
// other; Purge at what has expired; LineUse at every shard at once, but only for
// what has changed.
//
// # What this package does not do
//
// It writes no file, shares nothing between processes and starts no goroutine.
package memory
