// Package pgtest gives tests a PostgreSQL server: the one that
// FROMLINE_POSTGRES_DSN names, or a temporary one, which it starts from the
// installed binaries in a directory of its own and removes at the end.
//
// A package that uses it runs its tests through [Main] and gets databases from
// [Database], whose first call starts the server. Tests that kill and restart a
// server start their own with [Start]. If the test runs as root, as whom initdb
// refuses to run, the server runs as the user postgres or nobody.
//
// If no binaries are installed, a test is skipped and says so. Under CI it
// fails, so that a green run means that it ran.
//
// It installs nothing, needs no container engine, and does not reuse data.
package pgtest
