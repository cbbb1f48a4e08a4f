// Package postgres is the store for many processes on one PostgreSQL database,
// version 13 or later.
//
// [Open] connects, brings the schema up to date and returns a [Store], which has
// every power that package store knows. A commit that returned has been written
// to the server's log on disk, as far as the server's synchronous_commit and
// fsync say so; with synchronous_commit off the last commits before a crash of
// the server can be lost.
//
// # How it works
//
// Lookup and Commit each are one call of a function in the database, and so one
// round trip, once a connection has prepared the statement. Commit locks the row
// of the recipient set, then the row of the line, checks everything, and only
// then writes: a conflict is an answer, not an error, and leaves nothing behind.
// Nothing depends on the state of a session, so that poolers in transaction mode
// work; see [Options.Pooler].
//
// New chats are counted in the row of their line, exactly. Messages are counted
// in memory and added once a second, by a goroutine that Open starts and
// [Store.Close] stops; a process that is killed loses the counts of its last
// second. Change numbers of line use are not drawn by commits, which would queue
// on one counter: a commit marks its line, and the first reader of LineUse gives
// the marked lines their numbers, in one transaction at a time.
//
// A session keeps its plans while tables grow. The indexes begin with the column
// that few rows share, and the functions are set not to read whole tables, so
// that a plan made on empty tables is as good as any; no ANALYZE is needed after
// an import.
//
// # What this package does not do
//
// It never tries a commit again whose outcome is unknown, needs no LISTEN,
// reads no replica, and does not purge by itself: call [Store.Purge] now and
// then.
package postgres
