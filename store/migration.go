package store

// Migration is how far a store is that brings its schema up to date. It runs
// the migrations that the schema lacks, in order and in one transaction.
type Migration struct {
	Shard  string // the shard whose schema it is; empty if the store has none
	Number int    // of the migration that runs, from 1; 0 before the first
	Last   int    // the number of the last migration of this release
	Name   string // of the migration, such as line_facts

	// Doing is what the engine says of the statement that runs, in words. Empty
	// means that it says nothing: PostgreSQL tells when a statement waits for a
	// lock or builds an index, and SQLite never tells anything.
	Doing string

	// Done and Total count what Doing names, such as blocks that were read.
	// Total is 0 if the engine does not count. They say nothing of the rest of
	// the migration: it may build further indexes.
	Done, Total int
}
