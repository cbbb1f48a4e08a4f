package sqlite

import (
	"context"

	"github.com/fromline/fromline/store"
)

// removeBatch is the largest number of rows of a tenant that one transaction
// removes.
const removeBatch = 500

// The statements that remove the rows of a tenant. Those of chatRemovals remove
// chats with the rows that Count does not count, so that the count of what is
// left goes down as the work does. They come after the other long ones: a
// tenant without chats has little left to remove.
var (
	firstRemovals = []string{"remove deliveries", "remove queues", "remove notes", "remove records", "remove consents"}
	chatRemovals  = []string{"remove first participants", "remove first sets", "remove first past sets", "remove first chats"}
	lastRemovals  = []string{
		"remove participants", "remove past sets", "remove sets", "remove lines", "remove states", "remove list", "remove changes",
	}
)

// RemoveTenant implements store.TenantRemover. SQLite overwrites the removed
// data in the file, as after Forget.
func (s *Store) RemoveTenant(ctx context.Context, tenant string) error {
	if err := store.CheckTenant(tenant); err != nil {
		return err
	}
	if err := s.usable(ctx); err != nil {
		return err
	}
	for _, name := range firstRemovals {
		if err := s.removeTenantRows(ctx, tenant, name); err != nil {
			return err
		}
	}
	if err := s.removeTenantChats(ctx, tenant); err != nil {
		return err
	}
	for _, name := range lastRemovals {
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
	return s.removeTenantBatches(ctx, tenant, func(t *tx, id int64) (int, error) {
		return t.exec(statement, id, removeBatch)
	})
}

// removeTenantChats removes the chats of a tenant, each with its participants
// and with its sets that no other chat is in.
func (s *Store) removeTenantChats(ctx context.Context, tenant string) error {
	return s.removeTenantBatches(ctx, tenant, func(t *tx, id int64) (n int, err error) {
		var last []byte // the id of the last chat of the batch; without chats NULL, which removes nothing
		if _, err := t.row("last of first chats", []any{id, removeBatch}, &last); err != nil {
			return 0, err
		}
		for _, statement := range chatRemovals {
			if n, err = t.exec(statement, id, last); err != nil {
				return 0, err
			}
		}
		return n, nil
	})
}

// removeTenantBatches calls remove, with the number of a tenant, until it
// removes nothing: each time in a transaction of its own.
func (s *Store) removeTenantBatches(ctx context.Context, tenant string, remove func(t *tx, id int64) (int, error)) error {
	for {
		n := new(int)
		err := s.write(ctx, func(t *tx) error {
			id, err := t.tenantID(tenant)
			if err == nil {
				*n, err = remove(t, id)
			}
			return err
		})
		if err != nil || *n == 0 {
			return err
		}
	}
}
