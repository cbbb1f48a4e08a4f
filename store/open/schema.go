package open

import (
	"errors"

	"github.com/fromline/fromline/store/postgres"
	"github.com/fromline/fromline/store/sqlite"
)

// OldSchema says whether an error of [Store] says that the schema is older than this
// release needs, or is not there yet: a process that may change it has to open the
// store, or fromline migrate.
func OldSchema(err error) bool {
	return errors.Is(err, sqlite.ErrOldSchema) || errors.Is(err, postgres.ErrOldSchema)
}

// NewerSchema says whether an error of [Store] says that a later release brought the
// schema up to date: this release cannot use the store any more.
func NewerSchema(err error) bool {
	return errors.Is(err, sqlite.ErrNewerSchema) || errors.Is(err, postgres.ErrNewerSchema)
}
