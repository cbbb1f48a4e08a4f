// Package pgtest gives tests a PostgreSQL server: a throw-away one, started
// from the installed binaries in a directory of its own and removed at the end,
// or the one that FROMLINE_POSTGRES_DSN names.
//
// A package that uses it runs its tests through [Main] and asks for databases
// with [Database]; the server is started when the first test asks. Tests that
// kill and restart a server take one of their own with [Start]. It works as
// root too, where initdb refuses to run: the server then runs as the user
// postgres, or nobody.
//
// Where no binaries are installed a test is skipped, loudly; with CI=true it
// fails, so that a green run means that it ran.
//
// It installs nothing, needs no container engine, and does not reuse data.
package pgtest
