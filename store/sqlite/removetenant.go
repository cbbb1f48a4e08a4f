package sqlite

import (
	"context"

	"github.com/fromline/fromline/store"
)

// removeBatch is the largest number of rows of a tenant that one transaction
// removes.
const removeBatch = 500

// removals are the statements that remove the rows of a tenant.
var removals = []string{
	"remove deliveries", "remove queues", "remove notes", "remove records", "remove participants", "remove past sets",
	"remove chats", "remove sets", "remove consents", "remove lines", "remove states", "remove list", "remove changes",
}

// RemoveTenant implements store.TenantRemover. SQLite overwrites the removed
// data in the file, as after Forget.
func (s *Store) RemoveTenant(ctx context.Context, tenant string) error {
	if err := store.CheckTenant(tenant); err != nil {
		return err
	}
	if err := s.usable(ctx); err != nil {
		return err
	}
	for _, name := range removals {
		if err := s.removeTenantRows(ctx, tenant, name); err != nil {
			return err
		}
	}
	s.writer.emptyLog(s.stop)
	return nil
}

// removeTenantRows runs a statement that removes rows of a tenant until it
// finds none.
func (s *Store) removeTenantRows(ctx context.Context, tenant, statement string) error {
	for {
		n := new(int)
		err := s.write(ctx, func(t *tx) error {
			id, err := t.tenantID(tenant)
			if err != nil || id == 0 {
				return err
			}
			*n, err = t.exec(statement, id, removeBatch)
			return err
		})
		if err != nil || *n == 0 {
			return err
		}
	}
}
