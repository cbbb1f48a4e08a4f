package postgres

import (
	"context"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5"

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
	var number int64
	err := s.call(ctx, s.sql.copyTenant, []any{[]byte(tenant)}, &number)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
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
