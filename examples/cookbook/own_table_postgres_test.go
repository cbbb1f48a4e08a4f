package cookbook_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/internal/pgtest"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/store/postgres"
)

// PoolLines reads your own table of lines in PostgreSQL.
type PoolLines struct{ *pgxpool.Pool }

// Lines implements fromline.LineHealth.
func (p PoolLines) Lines(ctx context.Context, tenant string) ([]line.Line, error) {
	rows, err := p.Query(ctx,
		"SELECT number, status, changed_at, new_chats_per_day FROM lines WHERE tenant = $1", tenant)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (l line.Line, err error) {
		err = row.Scan(&l.Number, &l.Status, &l.ChangedAt, &l.Limits.NewChatsPerDay)
		return l, err
	})
}

// OnePool makes a Router over one pool: your own tables, and those of fromline, which
// are in the schema fromline. Close the pool after the Router has ended.
func OnePool(ctx context.Context, pool *pgxpool.Pool) (*fromline.Router, error) {
	chats, err := postgres.New(ctx, pool, postgres.Options{})
	if err != nil {
		return nil, err
	}
	return fromline.New(chats, PoolLines{pool}, fromline.Options{})
}

func TestMain(m *testing.M) { pgtest.Main(m) }

// TestOwnTableInPostgreSQL says that own tables and those of fromline may share a
// database and a pool, and that NULL is a status that events tell.
func TestOwnTableInPostgreSQL(t *testing.T) {
	ctx := t.Context()
	pool, err := pgxpool.New(ctx, pgtest.Database(t))
	require.NoError(t, err)
	defer pool.Close()
	_, err = pool.Exec(ctx, `
		CREATE TABLE lines (
			tenant            TEXT NOT NULL,
			number            TEXT NOT NULL UNIQUE,
			status            TEXT CHECK (status IN ('ACTIVE', 'FLAGGED')),
			changed_at        TIMESTAMPTZ NOT NULL,
			new_chats_per_day INTEGER NOT NULL
		);
		INSERT INTO lines VALUES
			('acme', '+12055550101', NULL,      now(), 50),
			('acme', '+14155550102', 'FLAGGED', now(), 50)`)
	require.NoError(t, err)
	router, err := OnePool(ctx, pool)
	require.NoError(t, err)
	d, err := router.Send(ctx, "acme", &message.Request{
		To:      []string{"+14155559876"},
		Message: &message.Content{Parts: []message.Part{message.Text("Hi!")}},
	})
	require.NoError(t, err)
	require.Equal(t, "+12055550101", d.Line.String())
}
