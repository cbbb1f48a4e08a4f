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
// writing, creates what is missing, and brings an older schema up to date.
type Options struct {
	// ReadOnly opens an existing store as it is: it creates nothing and changes
	// no schema, and every call that writes fails. Servers may use the store
	// meanwhile. It is for sqlite and postgres.
	ReadOnly bool

	// SchemaGiven leaves the schema as it is, for a role that may not change
	// it; an older schema is then an error. It is for postgres; SQLite has no
	// roles.
	SchemaGiven bool
}

// Stores that lie in memory have nothing to look at and no schema.
var errMemory = errors.New("memory: holds nothing before it is used, and has no schema: give sqlite:PATH or postgres://…")

var (
	// Each shard has a schema of its own kind.
	errSharded = errors.New("sharded: the shards have schemas of their own: give the name of one of them")

	errNoSchema = errors.New("etcd: has no schema")
)

// Store opens the store of that name. The caller closes it. The error wraps
// [store.ErrInvalid] for a name that cannot be used, and os.ErrNotExist where
// ReadOnly is set and the file does not exist. No error holds a password. It is
// safe for concurrent use.
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
		s, err := sqlite.Open(ctx, n.rest, sqlite.Options{ReadOnly: o.ReadOnly})
		if err != nil {
			return nil, err
		}
		return s, nil
	case kindSharded:
		return Sharded(ctx, name, o)
	case kindBeside:
		return n.beside.open(ctx, n.rest, o.ReadOnly)
	}
	s, err := postgres.Open(ctx, n.rest, postgres.Options{ReadOnly: o.ReadOnly, SchemaGiven: o.SchemaGiven})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// Durable reports whether the store of that name outlives the process. It opens
// nothing. A name that cannot be used is an error wrapping [store.ErrInvalid].
// It is safe for concurrent use.
func Durable(name string) (bool, error) {
	n, err := parse(name)
	return n.kind != kindMemory, err
}

// Schema returns the schema of a store as SQL, to be run by hand: the
// migrations with a number above after, or all of them for zero. It connects to
// nothing.
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
