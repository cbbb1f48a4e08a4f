package open

import (
	"context"
	"errors"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
	"github.com/fromline/fromline/store/postgres"
	"github.com/fromline/fromline/store/sqlite"
)

// Options say how to open a store. The zero value opens it for reading and
// writing, creates missing files and tables, and brings an older schema up to
// date.
type Options struct {
	// ReadOnly opens an existing store as it is: it creates nothing and changes
	// no schema, and every call that writes fails. Servers may use the store
	// meanwhile. It is an error for memory:, which has nothing to read.
	ReadOnly bool

	// SchemaGiven leaves the schema as it is, for a role that may not change
	// it. An older schema is then an error. It concerns PostgreSQL only: SQLite
	// has no roles.
	SchemaGiven bool

	// Migrating, if it is not nil, is told how far a store is that brings its
	// schema up to date: before each migration, and on PostgreSQL also while
	// one runs. It is not called at once for one schema, but a sharded store
	// opens its shards later, several at once, and tells of each.
	Migrating func(store.Migration)
}

var errMemory = errors.New("memory: holds nothing before it is used, and has no schema: give sqlite:PATH or postgres://…")

var (
	errSharded  = errors.New("sharded: the shards have schemas of their own: give the name of one of them")
	errNoSchema = errors.New("etcd: has no schema")
)

// Store opens the store of that name. Close it when you no longer need it. The
// error wraps [store.ErrInvalid] for a name that cannot be used, and
// os.ErrNotExist if ReadOnly is set and the file does not exist. No error holds
// a password. Store is safe for concurrent use.
func Store(ctx context.Context, name string, o Options) (store.Store, error) {
	n, err := parse(name)
	if err != nil {
		return nil, err
	}
	switch n.kind {
	case kindMemory:
		if o.ReadOnly {
			return nil, errMemory
		}
		return memory.New(memory.Options{}), nil
	case kindSQLite:
		s, err := sqlite.Open(ctx, n.rest, sqlite.Options{ReadOnly: o.ReadOnly, Migrating: o.Migrating})
		if err != nil {
			return nil, err
		}
		return s, nil
	case kindSharded:
		return Sharded(ctx, name, o)
	case kindBeside:
		return n.beside.open(ctx, n.rest, o.ReadOnly)
	}
	s, err := postgres.Open(ctx, n.rest, postgres.Options{ReadOnly: o.ReadOnly, SchemaGiven: o.SchemaGiven, Migrating: o.Migrating})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// Durable reports whether the store of that name outlives the process: every
// store but memory: does. It opens nothing. The error wraps [store.ErrInvalid]
// for a name that cannot be used. Durable is safe for concurrent use.
func Durable(name string) (bool, error) {
	n, err := parse(name)
	return n.kind != kindMemory, err
}

// Schema returns the schema of a store as SQL, for you to run: the migrations
// with a number above after, or all of them for zero. It connects to nothing.
// The error wraps [store.ErrInvalid] for a name that cannot be used, and
// [NewerSchema] is true of it if this release knows no migration of that
// number. Stores in memory, sharded stores and etcd have no schema of their
// own: they are an error too. Schema is safe for concurrent use.
func Schema(name string, after int) (string, error) {
	n, err := parse(name)
	if err != nil {
		return "", err
	}
	switch n.kind {
	case kindMemory:
		return "", errMemory
	case kindSQLite:
		return sqlite.Schema(after)
	case kindSharded:
		return "", errSharded
	case kindBeside:
		return "", errNoSchema
	}
	return postgres.Schema("", after)
}
