package store_test

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

// A decision is a look-up, and a commit on the revision that was looked up. The
// record of its key is found from then on.
func ExampleChatStore() {
	ctx, noon := context.Background(), time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	var chats store.ChatStore = memory.New(memory.Options{})
	set, err := recipients.Canonicalize([]string{"+12025550123"})
	if err != nil {
		fmt.Println(err)
		return
	}
	query := store.Query{Tenant: "acme", Set: set.Key(), IdempotencyKey: "order 7"}
	seen, err := chats.Lookup(ctx, query)
	fmt.Println(len(seen.Chats), seen.Record != nil, err)

	err = chats.Commit(ctx, &store.Plan{Tenant: "acme", Set: set, Revision: seen.Revision, Record: store.Record{
		Key: "order 7", MessageID: uuid.UUID{2}, Reason: store.NewBestNumber, ChatID: uuid.UUID{1},
		Line: recipients.MustParse("+13015550100"), At: noon, KeepUntil: noon.Add(time.Hour),
	}})
	fmt.Println(err)

	seen, err = chats.Lookup(ctx, query)
	fmt.Println(len(seen.Chats), seen.Record.Line, err)
	// Output:
	// 0 false <nil>
	// <nil>
	// 1 +13015550100 <nil>
}

// A roster says who takes part in a chat, and since when.
func ExampleRoster() {
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	pair, err := recipients.Canonicalize([]string{"+12025550123", "+12025550124"})
	if err != nil {
		fmt.Println(err)
		return
	}
	roster := store.NewRosterJoined(pair, noon, []time.Time{noon, noon.Add(time.Hour)})
	for i, who := range roster.Set().All() {
		fmt.Println(who, roster.JoinedAt(i).Format(time.TimeOnly))
	}
	// Output:
	// +12025550123 12:00:00
	// +12025550124 13:00:00
}
