package cookbook_test

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"os"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/store/postgres"
)

// PoolLines reads your own table of lines through a pool.
type PoolLines struct{ *sql.DB }

// Lines implements fromline.LineHealth.
func (t PoolLines) Lines(ctx context.Context, tenant string) ([]line.Line, error) {
	rows, err := t.QueryContext(ctx,
		"SELECT number, status, changed_at, new_chats_per_day FROM lines WHERE tenant = $1", tenant)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var lines []line.Line
	for rows.Next() {
		var l line.Line
		l.Err = rows.Scan(&l.Number, &l.Status, &l.ChangedAt, &l.Limits.NewChatsPerDay)
		lines = append(lines, l)
	}
	return lines, rows.Err()
}

// OnePool makes a Router over one pool: the table lines is yours, and the
// tables of fromline are in a schema of their own. Close the store in the end,
// and then the pool.
func OnePool(ctx context.Context, pool *pgxpool.Pool) (*fromline.Router, *postgres.Store, error) {
	chats, err := postgres.New(ctx, pool, postgres.Options{})
	if err != nil {
		return nil, nil, err
	}
	router, err := fromline.New(chats, PoolLines{stdlib.OpenDBFromPool(pool)}, fromline.Options{})
	return router, chats, err
}

// Your tables and those of fromline are in one database, and share one pool.
func Example_ownTableInPostgreSQL() {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}
	ctx := context.Background()
	pool, err := pgxpool.New(ctx, os.Getenv("DATABASE_URL"))
	check(err)
	defer pool.Close()
	router, chats, err := OnePool(ctx, pool)
	check(err)
	d, err := router.Send(ctx, "acme", &message.Request{
		To:      []string{"+14155559876"},
		Message: &message.Content{Parts: []message.Part{message.Text("Hi!")}},
	})
	check(err)
	fmt.Println(d.Reason, d.Line)
	check(chats.Close())
}
