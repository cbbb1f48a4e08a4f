package cookbook_test

import (
	"context"
	"database/sql"
	"fmt"
	"log"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/store/memory"
)

// AppLines reads your own table of lines.
type AppLines struct{ *sql.DB }

// Lines implements fromline.LineHealth.
func (t AppLines) Lines(ctx context.Context, tenant string) ([]line.Line, error) {
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

// The lines are rows of a table of your own, next to what else you know of
// them.
func Example_ownTable() {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}
	ctx := context.Background()
	app, err := sql.Open("sqlite", ":memory:")
	check(err)
	app.SetMaxOpenConns(1) // each connection to :memory: is a database of its own
	_, err = app.ExecContext(ctx, `
		CREATE TABLE lines (
			tenant            TEXT NOT NULL,
			number            TEXT NOT NULL UNIQUE, -- E.164, such as +14155550102
			status            TEXT NOT NULL CHECK (status IN ('ACTIVE', 'FLAGGED')),
			changed_at        TIMESTAMP NOT NULL,   -- when the status was set; in PostgreSQL TIMESTAMPTZ
			new_chats_per_day INTEGER NOT NULL      -- 0: no limit
		);
		INSERT INTO lines VALUES
			('acme', '+12055550101', 'ACTIVE',  '2026-03-01 12:00:00', 50),
			('acme', '+14155550102', 'FLAGGED', '2026-03-02 09:30:00', 50)`)
	check(err)

	router, err := fromline.New(memory.New(memory.Options{}), AppLines{app}, fromline.Options{})
	check(err)
	d, err := router.Send(ctx, "acme", &message.Request{
		To:      []string{"+14155559876"},
		Message: &message.Content{Parts: []message.Part{message.Text("Hi!")}},
	})
	check(err)
	fmt.Println(d.Reason, d.Line)
	check(app.Close())
	// Output: new_best_number +12055550101
}
