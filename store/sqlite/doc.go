// Package sqlite is the store in one file, for a backend on one machine: any
// number of its processes may have the file open. It needs no C compiler.
//
// [Open] opens or creates the file and returns a [Store], which has every power
// that package store knows. A commit that returned survives a killed process
// and a power failure, as far as the disk keeps what it acknowledged.
// [Options.Synchronous] says what a weaker setting can lose.
//
// # How it works
//
// The file is in WAL mode: readers never wait for writers. Each process writes
// through one connection. A goroutine, started by Open and stopped by
// [Store.Close], takes the waiting calls, up to a hundred, runs each inside a
// savepoint, commits them together, and answers after the commit. So all of
// them share the cost of one sync to disk.
//
// A call that finds no other call writing commits in its own goroutine, which
// takes less time. Once its transaction has begun, it returns when the
// transaction has ended, even if its context ends before; so its outcome is
// known. A look-up that finds no other call writing uses the same connection,
// which has the last written pages in memory. Writers of several processes take
// turns, and wait for each other at most [Options.BusyTimeout].
//
// New chats are counted in the row of their line, exactly. Messages are counted
// in memory and added to the file once a second: a process that is killed loses
// the counts of its last second.
//
// # Removal
//
// SQLite overwrites purged, delivered and forgotten data in the file. It may
// leave a copy of an entry that it moved within a page; the command VACUUM of
// the program sqlite3 removes such copies too. Copies of the file, snapshots of
// the disk, and blocks of the disk that the file no longer has, are out of
// reach.
//
// # What this package does not do
//
// It does not work on a network file system, and does not purge by itself: call
// [Store.Purge] now and then. For a store in memory see store/memory.
package sqlite
