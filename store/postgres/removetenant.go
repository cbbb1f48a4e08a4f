package postgres

import (
	"context"
	"strings"

	"github.com/fromline/fromline/store"
)

// The tables with rows of a tenant: those whose rows do not go with a chat, and
// those whose rows do, unless their chat is gone.
var (
	besideChats = []string{"change_list", "note", "note_person", "consent"}
	withChats   = []string{"delivery", "queue", "record", "participant", "chat", "chat_set", "line", "traffic", "line_state", "change"}
)

// RemoveTenant implements store.TenantRemover. It removes a thousand chats,
// with all that belongs to them, in each transaction, and some thousand rows of
// other things. At its end it reads some tables once, with the rows of all
// tenants, for records and deliveries without a chat.
func (s *Store) RemoveTenant(ctx context.Context, tenant string) error {
	if err := store.CheckTenant(tenant); err != nil {
		return err
	}
	number, err := s.tenantNumber(ctx, tenant)
	if err != nil {
		return err
	}
	var statements []string
	for _, table := range besideChats {
		statements = append(statements, s.removeTenantRows(table))
	}
	statements = append(statements, s.sql.removeTenantChats)
	for _, table := range withChats {
		statements = append(statements, s.removeTenantRows(table))
	}
	for _, sql := range statements {
		for n := 1; n != 0; {
			if err := s.call(ctx, sql, []any{number}, &n); err != nil {
				return err
			}
		}
	}
	return nil
}

// removeTenantRows returns the statement that removes rows of a tenant from a
// table.
func (s *Store) removeTenantRows(table string) string {
	return strings.ReplaceAll(s.sql.removeTenant, ".chat ", "."+table+" ")
}
