//go:build unix

package postgres_test

import (
	"context"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/postgres"
)

// refuses makes the server call a trigger before each statement that writes.
// The function that it returns sets with which SQLSTATE it refuses the
// next ones, and how many.
func (db database) refuses(tb testing.TB) (set func(state string, next int)) {
	tb.Helper()
	db.exec(tb, `
		CREATE SEQUENCE public.refused;
		CREATE TABLE public.refusal AS SELECT '' AS state, 0 AS next;
		CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE r public.refusal; BEGIN
			SELECT * INTO r FROM public.refusal;
			IF nextval('public.refused') <= r.next THEN RAISE EXCEPTION 'no' USING ERRCODE = r.state; END IF;
			RETURN NULL;
		END $$;
		DO $$ DECLARE name text; BEGIN
			FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'fromline' LOOP
				EXECUTE format('CREATE TRIGGER refuse BEFORE INSERT OR UPDATE OR DELETE ON fromline.%I
					FOR EACH STATEMENT EXECUTE FUNCTION public.refuse()', name);
			END LOOP;
		END $$`)
	return func(state string, next int) {
		tb.Helper()
		db.exec(tb, fmt.Sprintf("UPDATE public.refusal SET state = '%s', next = %d; ALTER SEQUENCE public.refused RESTART", state, next))
	}
}

// A call that lost a race wrote nothing, and is repeated. After any other error
// of the server it returns that error at once.
func TestLostRacesAreRepeated(t *testing.T) {
	db := newDatabase(t)
	s := db.open(t, postgres.Options{})
	kept, person := newPlan(1), recipients.MustParse("+12025550001")
	kept.Content = []byte("content")
	require.NoError(t, s.Commit(t.Context(), kept))
	var items []store.Item
	for item, err := range s.Export(t.Context()) {
		require.NoError(t, err)
		items = append(items, item)
	}
	var things []store.Thing
	for _, item := range items {
		things = append(things, store.ThingOf(&item))
	}
	refuse := db.refuses(t)
	defer refuse("42501", 0) // for Close, which writes
	for i, call := range []struct {
		name string
		do   func(ctx context.Context) error
	}{
		{"Commit", func(ctx context.Context) error { return s.Commit(ctx, newPlan(2)) }},
		{"Apply", func(ctx context.Context) error {
			return s.Apply(ctx, kept.Tenant, []store.Event{store.Activity{Chat: kept.ChatID, At: kept.At.Add(time.Hour), Messages: 1}})
		}},
		{"Claim", func(ctx context.Context) error { _, err := s.Claim(ctx, time.Hour, 1); return err }},
		{"ReportLine", func(ctx context.Context) error {
			_, err := s.ReportLine(ctx, line.State{Tenant: kept.Tenant, Number: kept.Line, Status: line.Flagged, StatusAt: kept.At})
			return err
		}},
		{"ListChanges", func(ctx context.Context) error { return s.ListChanges(ctx, kept.Tenant, uuid.New()) }},
		{"RemoveThings", func(ctx context.Context) error { return s.RemoveThings(ctx, kept.Tenant, things) }},
		{"Import", func(ctx context.Context) error { _, err := s.Import(ctx, items); return err }},
		{"Forget", func(ctx context.Context) error { _, err := s.Forget(ctx, kept.Tenant, person); return err }},
	} {
		// Not the context of the test, so that a call without end fails.
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		refuse("42501", math.MaxInt32)
		err := call.do(ctx)
		var said *pgconn.PgError
		require.ErrorAs(t, err, &said, call.name)
		require.Equal(t, "42501", said.Code, call.name)
		require.ErrorIs(t, err, store.ErrNotWritten, call.name)
		refuse([]string{"40001", "40P01", "FL001"}[i%3], 2)
		require.NoError(t, call.do(ctx), call.name)
		cancel()
	}
}
