package store

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
)

// ChatWalker is implemented by stores that can list all of their chats in
// pages.
type ChatWalker interface {
	// Tenants returns the tenants that have a chat, ordered by their bytes:
	// those after the given one (empty for the first page), at most limit of
	// them. Fewer than limit means that there are no more. [walk.tenants]
	Tenants(ctx context.Context, after string, limit int) ([]string, error)

	// ChatsOfTenant returns chats of a tenant, on all lines, in pages like
	// those of ChatsOfLine. [walk.chats]
	ChatsOfTenant(ctx context.Context, tenant string, after uuid.UUID, limit int) (chats []Chat, next uuid.UUID, err error)

	// ChatsByID returns the chats of the tenant with these ids, each once,
	// ordered by id. It leaves out ids without a chat. More than MaxPage ids
	// are an error wrapping ErrInvalid. [walk.ids]
	ChatsByID(ctx context.Context, tenant string, ids []uuid.UUID) ([]Chat, error)
}

// DistinctIDs returns the ids in order, each once, or an error wrapping
// ErrInvalid if there are more than MaxPage of them. It does not change its
// argument. Implementations of ChatsByID begin with it.
func DistinctIDs(ids []uuid.UUID) ([]uuid.UUID, error) {
	if len(ids) > MaxPage {
		return nil, invalid(fmt.Sprintf("%d ids are more than %d", len(ids), MaxPage))
	}
	ids = slices.Clone(ids)
	slices.SortFunc(ids, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
	return slices.Compact(ids), nil
}
