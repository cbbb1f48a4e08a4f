package open

import (
	"context"

	"github.com/fromline/fromline/store"
)

// engine is a kind of store of another module. This module does not require the
// modules of engines, so that neither its binaries nor the module graphs of its
// importers grow.
type engine struct {
	check func(name string) error
	open  func(ctx context.Context, name string, readOnly bool) (store.Store, error)
	same  func(ctx context.Context, a, b string) (bool, error)
}
