package cookbook_test

import (
	"os"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/internal/pgtest"
	"github.com/fromline/fromline/message"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// TestOwnTableInPostgreSQL says that own tables and those of fromline may share
// a database and a pool, that NULL is a status that events tell, and that a row
// which cannot be read harms its line alone.
func TestOwnTableInPostgreSQL(t *testing.T) {
	ctx := t.Context()
	t.Setenv("DATABASE_URL", pgtest.Database(t))
	pool, err := pgxpool.New(ctx, os.Getenv("DATABASE_URL"))
	require.NoError(t, err)
	defer pool.Close()
	_, err = pool.Exec(ctx, `
		CREATE TABLE lines (
			tenant            TEXT NOT NULL,
			number            TEXT NOT NULL UNIQUE,
			status            TEXT,
			changed_at        TIMESTAMPTZ NOT NULL,
			new_chats_per_day INTEGER NOT NULL
		);
		INSERT INTO lines VALUES
			('acme', '+12055550101', NULL,      now(), 50),
			('acme', '+14155550102', 'FLAGGED', now(), 50),
			('acme', '+14155550103', 'ASLEEP',  now(), 50)`)
	require.NoError(t, err)
	Example_ownTableInPostgreSQL()
	router, chats, err := OnePool(ctx, pool)
	require.NoError(t, err)
	d, err := router.Send(ctx, "acme", &message.Request{
		To:      []string{"+14155559876"},
		Message: &message.Content{Parts: []message.Part{message.Text("Hi!")}},
	})
	require.NoError(t, err)
	require.Equal(t, "+12055550101", d.Line.String())
	require.Equal(t, "reused_active_chat", d.Reason.String(), "the recipe has opened it")
	require.NoError(t, chats.Close())
}
