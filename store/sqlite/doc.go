// Package sqlite is the store in one file, for a backend on one machine: any
// number of processes may have the file open. It needs no C compiler.
//
// [Open] opens or creates the file and returns a [Store], which has every power
// that package store knows. A commit that returned survives a killed process
// and a power failure, as far as the disk keeps what it acknowledged; see
// [Options.Synchronous] for what is lost when that is weakened.
//
// # How it works
//
// The file is in WAL mode: readers never wait. Each process writes through one
// connection. A goroutine, started by Open and stopped by [Store.Close], takes
// the calls that are waiting, up to a hundred, runs each inside a savepoint,
// commits them together, and answers after the commit; so the cost of one sync
// to disk is shared by all of them. A call that finds no writer commits by
// itself, which takes less time. Once its transaction has begun, it returns when
// that has ended, even if its context ends before; so its outcome is known. A
// look-up that finds no writer uses the same connection, which knows the
// pages that were written last. Writers of several processes take turns, and wait
// for each other at most [Options.BusyTimeout].
//
// New chats are counted in the row of their line, exactly. Messages are counted
// in memory and added once a second; a process that is killed loses the counts
// of its last second.
//
// # What is removed
//
// What was purged, delivered or forgotten is overwritten in the file. Of an entry
// that was moved within its page SQLite may leave a copy; the command VACUUM of
// the program sqlite3 removes those too. Copies of the file, snapshots of the
// disk, and blocks of the disk that the file no longer has, are out of reach.
//
// # What this package does not do
//
// It does not work on a network file system, and does not purge by itself: call
// [Store.Purge] now and then. For a store in memory see store/memory.
package sqlite
