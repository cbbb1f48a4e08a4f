//go:build unix

package postgres_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/postgres"
	"github.com/fromline/fromline/store/storetest"
)

// spoil makes a row unreadable while the store is open.
func (db database) spoil(tb testing.TB, kind, tenant, id string, how storetest.Spoiled) {
	tb.Helper()
	set := func(table, column, value, where string) {
		tb.Helper()
		db.exec(tb, fmt.Sprintf(`DO $$ BEGIN
			UPDATE fromline.%s SET %s = %s WHERE tenant_id = fromline.tenant_id('%s') AND %s;
			IF NOT FOUND THEN RAISE EXCEPTION 'no such row'; END IF;
		END $$`, table, column, value, tenant, where))
	}
	body := func(table, column, key string) {
		tb.Helper()
		set(table, column, map[storetest.Spoiled]string{
			storetest.Garbled: `'\x01ff'`, storetest.Cut: "substr(" + column + ", 1, 3)", storetest.Newer: `'\x63' || ` + column,
		}[how], fmt.Sprintf("%s = '%s'", key, id))
	}
	switch kind {
	case store.UnreadableChat:
		body("chat", "roster", "id")
	case store.UnreadableRecord:
		body("record", "body", "message_id")
	case store.UnreadableDelivery:
		body("delivery", "body", "message_id")
	case store.UnreadableLine:
		var number recipients.Handle
		require.NoError(tb, number.UnmarshalText([]byte(id)))
		where := fmt.Sprintf("number = %d", number.Digits())
		set("line_state", "status", map[storetest.Spoiled]string{storetest.Garbled: "7777", storetest.Cut: "-1", storetest.Newer: "77"}[how], where)
		set("line", "opened", map[storetest.Spoiled]string{
			storetest.Garbled: "array_fill(-1::bigint, array[25])", storetest.Cut: "'{1,2,3}'", storetest.Newer: "array_fill(1::bigint, array[99])",
		}[how], where)
	case store.UnreadableConsent:
		set("consent", "handle", map[storetest.Spoiled]string{storetest.Garbled: "'no handle'", storetest.Cut: "'+'", storetest.Newer: "'name:1'"}[how],
			fmt.Sprintf(`person = '\x%s'`, id))
	default:
		require.FailNow(tb, "no such kind", kind)
	}
}

// A claim of a delivery that a later release wrote is no attempt.
func TestADeliveryOfALaterReleaseKeepsItsAttempts(t *testing.T) {
	db := newDatabase(t)
	s := db.open(t, postgres.Options{})
	p := newPlan(1)
	p.Content = []byte("{}")
	require.NoError(t, s.Commit(t.Context(), p))
	db.spoil(t, store.UnreadableDelivery, p.Tenant, p.MessageID.String(), storetest.Newer)
	claimed, err := s.Claim(t.Context(), time.Hour, 1)
	require.NoError(t, err)
	require.Empty(t, claimed)
	db.exec(t, "UPDATE fromline.delivery SET body = substr(body, 2)")
	d, err := s.Delivery(t.Context(), p.Tenant, p.MessageID)
	require.NoError(t, err)
	require.Zero(t, d.Attempts)
}
