package postgres

import (
	"context"
	"strings"

	"github.com/fromline/fromline/store"
)

// tenantTables are the tables with rows of a tenant.
var tenantTables = []string{
	"change_list", "delivery", "queue", "note", "note_person", "record", "participant", "chat", "chat_set", "consent", "line", "traffic", "line_state",
	"change",
}

// RemoveTenant implements store.TenantRemover. It removes some thousand rows in
// each transaction.
func (s *Store) RemoveTenant(ctx context.Context, tenant string) error {
	if err := store.CheckTenant(tenant); err != nil {
		return err
	}
	number, err := s.tenantNumber(ctx, tenant)
	if err != nil || number == 0 {
		return err
	}
	for _, table := range tenantTables {
		sql := strings.ReplaceAll(s.sql.removeTenant, ".chat ", "."+table+" ")
		for n := -1; n != 0; {
			if err := s.call(ctx, sql, []any{number}, &n); err != nil {
				return err
			}
		}
	}
	return nil
}
