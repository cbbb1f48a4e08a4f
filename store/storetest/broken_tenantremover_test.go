package storetest_test

import (
	"context"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

// removing removes a tenant wrongly.
type removing struct {
	*memory.Store
	also string // another tenant that it removes too
	none bool   // it removes nothing
}

func (r removing) RemoveTenant(ctx context.Context, tenant string) error {
	if err := store.CheckTenant(tenant); err != nil || r.none {
		return err
	}
	if r.also != "" {
		if err := r.Store.RemoveTenant(ctx, r.also); err != nil {
			return err
		}
	}
	return r.Store.RemoveTenant(ctx, tenant)
}

var tenantRemoverFaults = []fault{
	{"tenant/removed, and met anew", "removes a tenant whose name begins alike", func(s *memory.Store) store.ChatStore {
		return removing{Store: s, also: "acme2"}
	}},
	{"tenant/removed, and met anew", "removes nothing", func(s *memory.Store) store.ChatStore {
		return removing{Store: s, none: true}
	}},
}
