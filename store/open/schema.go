package open

import (
	"errors"

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

// NewerSchema reports whether an error of [Store] means that a later release
// changed the schema: this release cannot use the store any more. It is safe
// for concurrent use.
func NewerSchema(err error) bool {
	return errors.Is(err, sqlite.ErrNewerSchema) || errors.Is(err, postgres.ErrNewerSchema)
}
