package open

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/postgres"
	"github.com/fromline/fromline/store/sqlite"
)

// OldSchema reports whether an error of [Store] means that the schema is older
// than this release needs, or does not exist yet. Run fromline migrate, or open
// the store in a process that may change the schema. It is safe for concurrent
// use.
func OldSchema(err error) bool {
	return errors.Is(err, sqlite.ErrOldSchema) || errors.Is(err, postgres.ErrOldSchema)
}

// NoSchema reports whether an error of [Store] means that the store has no
// schema yet. [OldSchema] is true of such an error too. It is safe for
// concurrent use.
func NoSchema(err error) bool {
	return errors.Is(err, sqlite.ErrNoSchema) || errors.Is(err, postgres.ErrNoSchema)
}

// NewerSchema reports whether an error of [Store] means that a later release
// changed the schema: this release cannot use the store any more. It is safe
// for concurrent use.
func NewerSchema(err error) bool {
	return errors.Is(err, sqlite.ErrNewerSchema) || errors.Is(err, postgres.ErrNewerSchema)
}

// Migrate brings the schema of a store up to date: of a sharded store those of
// all its shards, one after the other in the order of their names. A shard that
// fails does not stop the others: the error joins theirs. Of the options only
// Migrating counts, and Migrate calls it for one migration at a time. The error
// wraps [store.ErrInvalid] for a name that cannot be used. A store in memory,
// which has no schema, is an error too. Migrate is safe for concurrent use.
func Migrate(ctx context.Context, name string, o Options) error {
	n, err := parse(name)
	if err != nil {
		return err
	}
	o = Options{Migrating: o.Migrating}
	switch n.kind {
	case kindMemory:
		return errMemory
	case kindSharded:
		f, err := readShards(n.rest)
		if err != nil {
			return err
		}
		var errs []error
		for _, shard := range slices.Sorted(maps.Keys(f.Shards)) {
			if err := Migrate(ctx, f.Shards[shard], o.ofShard(shard)); err != nil {
				errs = append(errs, fmt.Errorf("shard %s: %w", shard, err))
			}
			if ctx.Err() != nil {
				break
			}
		}
		return errors.Join(errs...)
	}
	s, err := Store(ctx, name, o)
	if err != nil {
		return err
	}
	return s.Close()
}

// ofShard returns the options for a shard, which tell of it by its name.
func (o Options) ofShard(name string) Options {
	if tell := o.Migrating; tell != nil {
		o.Migrating = func(m store.Migration) {
			m.Shard = name
			tell(m)
		}
	}
	return o
}
