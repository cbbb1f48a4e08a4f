package store

import (
	"context"
	"iter"
)

// TenantExporter is implemented by stores that find what is one tenant's without
// reading what is all the others'. Its methods are safe for concurrent use.
type TenantExporter interface {
	// ExportTenant yields the items of one tenant, as Export does. A tenant that
	// CheckTenant refuses is an error wrapping ErrInvalid.
	ExportTenant(ctx context.Context, tenant string) iter.Seq2[Item, error]
}
