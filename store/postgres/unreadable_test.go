//go:build unix

package postgres_test

import (
	"fmt"
	"testing"

	"github.com/google/uuid"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/postgres"
	"github.com/fromline/fromline/store/storetest"
)

func TestUnreadableRows(t *testing.T) {
	db := newDatabase(t)
	storetest.Unreadable(t, func(tb testing.TB) storetest.Harness {
		return db.harness(tb, func(tb testing.TB) *postgres.Store { return db.open(tb, postgres.Options{}) })
	}, func(kind string, id uuid.UUID, body []byte) {
		db.exec(t, fmt.Sprintf(map[string]string{
			store.UnreadableChat:     `UPDATE fromline.chat SET roster = '\x%x' WHERE id = '%s'`,
			store.UnreadableRecord:   `UPDATE fromline.record SET body = '\x%x' WHERE message_id = '%s'`,
			store.UnreadableDelivery: `UPDATE fromline.delivery SET body = '\x%x' WHERE message_id = '%s'`,
		}[kind], body, id))
	}, func(tenant string, status int) {
		db.exec(t, fmt.Sprintf(`UPDATE fromline.line_state SET status = %d WHERE tenant_id = fromline.tenant_id('%s')`, status, tenant))
	})
}
