// Package postgres is the store for many processes on one PostgreSQL database,
// version 13 or later.
//
// [Open] connects, brings the schema up to date and returns a [Store], which
// has every power that package store knows. A commit that returned is in the
// server's log on disk, as far as the server's synchronous_commit and fsync say
// so; with synchronous_commit off, a crash of the server can lose the last
// commits.
//
// # How it works
//
// Lookup and Commit each are one call of a function in the database, and so one
// round trip, once a connection has prepared the statement. Commit locks the
// row of the recipient set, then the row of the line, checks everything, and
// only then writes: a conflict is an answer, not an error, and leaves nothing
// behind. Nothing depends on the state of a session, so poolers in transaction
// mode work; see [Options.Pooler].
//
// New chats are counted in the row of their line, exactly. Messages are counted
// in memory and added to the database once a second, by a goroutine that Open
// starts and [Store.Close] stops: a process that is killed loses the counts of
// its last second. Commits do not draw change numbers of line use: all of them
// would queue on one counter. A commit marks its line, and the first reader of
// LineUse gives the marked lines their numbers, in one transaction at a time.
//
// A session keeps its plans while tables grow. The indexes begin with the most
// selective column, and the functions are set not to read whole tables. So a
// plan made on empty tables is as good as any other, and an import needs no
// ANALYZE.
//
// # What this package does not do
//
// It never repeats a commit whose outcome is unknown, needs no LISTEN, reads no
// replica, and does not purge by itself: call [Store.Purge] now and then.
package postgres
