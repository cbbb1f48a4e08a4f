package cookbook_test

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"strings"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/inbound"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

// FollowChats tells the store which chats of your own table changed since a
// mark, and returns the next mark. A mark is a Unix time. It does no harm to
// tell a chat twice: if rows may come late, begin a little before the mark.
func FollowChats(ctx context.Context, app *sql.DB, chats store.ChatStore, tenant string, mark int64) (int64, error) {
	rows, err := app.QueryContext(ctx, `SELECT id, line, people, opened, active FROM conversations
		WHERE tenant = $1 AND active >= $2 ORDER BY active`, tenant, mark)
	if err != nil {
		return mark, err
	}
	defer rows.Close()
	var events []store.Event
	for rows.Next() {
		var (
			seen           store.ChatSeen
			id, people     string
			opened, active int64
		)
		if err := rows.Scan(&id, &seen.Line, &people, &opened, &active); err != nil {
			return mark, err
		}
		if seen.Participants, err = recipients.Canonicalize(strings.Split(people, ",")); err != nil {
			return mark, fmt.Errorf("conversation %s: %w", id, err)
		}
		seen.ID, seen.CreatedAt, seen.ActiveAt = inbound.ChatID(id), time.Unix(opened, 0), time.Unix(active, 0)
		events = append(events, seen)
		mark = active
	}
	if err := rows.Err(); err != nil {
		return mark, err
	}
	return mark, chats.Apply(ctx, tenant, events)
}

// Another program goes on writing to people, and keeps its chats in a table.
// What it did is told every few seconds, so that the next message goes on in
// its chats.
func Example_chatsContinuously() {
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
		CREATE TABLE conversations (tenant TEXT, id TEXT, line TEXT, people TEXT, opened INTEGER, active INTEGER);
		INSERT INTO conversations VALUES ('acme', 'c-1', '+12055550101', '+14155559876', 1767261600, 1767348000)`)
	check(err)
	chats := memory.New(memory.Options{})
	mark, err := FollowChats(ctx, app, chats, "acme", 0)
	check(err)

	// The other program writes to a group; a little later we do.
	_, err = app.ExecContext(ctx, `INSERT INTO conversations VALUES
		('acme', 'c-2', '+12055550101', '+14155559876,ben@example.com', 1767434400, 1767434400)`)
	check(err)
	_, err = FollowChats(ctx, app, chats, "acme", mark)
	check(err)

	lines, err := fleet.New(fleet.Options{})
	check(err)
	check(lines.SetLines("acme", []line.Line{
		{Number: recipients.MustParse("+12055550101")}, {Number: recipients.MustParse("+14155550102")},
	}))
	router, err := fromline.New(chats, lines, fromline.Options{})
	check(err)
	d, err := router.Send(ctx, "acme", &message.Request{
		To:      []string{"ben@example.com", "+14155559876"},
		Message: &message.Content{Parts: []message.Part{message.Text("Hi!")}},
	})
	check(err)
	fmt.Println(d.Reason, d.Line, d.ChatID == inbound.ChatID("c-2"))
	check(app.Close())
	// Output: reused_active_chat +12055550101 true
}
