package memory_test

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

func Example() {
	ctx := context.Background()
	chats := memory.New(memory.Options{})
	defer chats.Close()

	set, _ := recipients.NewSet(recipients.MustParse("+12025550123"))
	query := store.Query{Tenant: "acme", Set: set.Key()}

	// Nobody knows these people yet: the decision is to open a chat.
	seen, _ := chats.Lookup(ctx, query)
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	plan := &store.Plan{
		Tenant: "acme", Set: set, Revision: seen.Revision,
		Record: store.Record{
			MessageID: uuid.MustParse("018f3a4e-0000-7000-8000-000000000002"), Reason: store.NewBestNumber,
			ChatID: uuid.MustParse("018f3a4e-0000-7000-8000-000000000001"), Line: recipients.MustParse("+13015550100"),
			At: at, KeepUntil: at.Add(7 * 24 * time.Hour),
		},
	}
	fmt.Println(chats.Commit(ctx, plan))

	// What was looked up has changed, so the same decision cannot be made twice.
	fmt.Println(chats.Commit(ctx, plan))

	seen, _ = chats.Lookup(ctx, query)
	fmt.Println(len(seen.Chats), seen.Chats[0].Line)
	// Output:
	// <nil>
	// store: conflict: revision_moved
	// 1 +13015550100
}
