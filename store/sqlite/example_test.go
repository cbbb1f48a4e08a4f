package sqlite_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/sqlite"
)

func Example() {
	ctx := context.Background()
	dir, _ := os.MkdirTemp("", "example")
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "fromline.db")

	chats, err := sqlite.Open(ctx, path, sqlite.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	people, _ := recipients.NewSet(recipients.MustParse("+12025550123"))
	query := store.Query{Tenant: "acme", Set: people.Key()}
	seen, _ := chats.Lookup(ctx, query)

	// The store has no chat with these people: the decision opens one.
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	plan := &store.Plan{
		Tenant: "acme", Set: people, Revision: seen.Revision,
	}
	plan.Record = store.Record{
		MessageID: uuid.New(), ChatID: uuid.New(), Line: recipients.MustParse("+13015550100"), Reason: store.NewBestNumber, At: at,
		Roster: store.NewRoster(people, at), KeepUntil: at.Add(7 * 24 * time.Hour),
	}
	fmt.Println(chats.Commit(ctx, plan))
	fmt.Println(chats.Close())

	// The chat is still there when the file is opened again.
	chats, _ = sqlite.Open(ctx, path, sqlite.Options{})
	defer chats.Close()
	seen, _ = chats.Lookup(ctx, query)
	fmt.Println(len(seen.Chats), seen.Chats[0].Line)
	// Output:
	// <nil>
	// <nil>
	// 1 +13015550100
}
