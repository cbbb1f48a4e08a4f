package store_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

// What a store reports tells the caller what to do next: a conflict wrote
// nothing, and says whether to look up again or to pick another line.
func ExampleConflict() {
	ctx, noon := context.Background(), time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	var chats store.ChatStore = memory.New(memory.Options{})
	line := recipients.MustParse("+13015550100")

	open := func(i byte, digits uint64) error {
		person, _ := recipients.FromDigits(digits)
		set, _ := recipients.NewSet(person)
		seen, err := chats.Lookup(ctx, store.Query{Tenant: "acme", Set: set.Key()})
		if err != nil {
			return err
		}
		plan := &store.Plan{
			Tenant: "acme", Set: set, Revision: seen.Revision, NewChatLimit: 1,
			Record: store.Record{
				MessageID: uuid.UUID{2, 15: i}, Reason: store.NewBestNumber, ChatID: uuid.UUID{1, 15: i}, Line: line,
				At: noon, KeepUntil: noon.Add(time.Hour),
			},
		}
		return chats.Commit(ctx, plan)
	}

	fmt.Println(open(1, 12025550123))
	err := open(2, 12025550124)
	if conflict, is := errors.AsType[*store.Conflict](err); is && conflict.Kind == store.LineFull {
		fmt.Println("the line has room again at", conflict.NextFree.Format(time.DateTime))
	}
	fmt.Println("nothing was written:", errors.Is(err, store.ErrNotWritten))
	// Output:
	// <nil>
	// the line has room again at 2026-03-02 13:00:00
	// nothing was written: true
}

// Chats that people open by writing first, and whatever happens to chats
// elsewhere, reach the store as events; the same event twice changes nothing.
func ExampleEvent() {
	ctx, noon := context.Background(), time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	var chats store.ChatStore = memory.New(memory.Options{})
	ann, bob := recipients.MustParse("+12025550123"), recipients.MustParse("+12025550124")
	pair, _ := recipients.NewSet(ann, bob)
	chat := uuid.UUID{1}
	happened := []store.Event{
		store.ChatSeen{ID: chat, Line: recipients.MustParse("+13015550100"), Participants: pair, CreatedAt: noon},
		store.Activity{Chat: chat, At: noon.Add(time.Minute), Messages: 1},
		store.ParticipantRemoved{Chat: chat, Handle: bob},
	}
	fmt.Println(chats.Apply(ctx, "acme", happened), chats.Apply(ctx, "acme", happened[:1]))

	alone, _ := recipients.NewSet(ann)
	seen, _ := chats.Lookup(ctx, store.Query{Tenant: "acme", Set: alone.Key()})
	fmt.Println(len(seen.Chats), "chat with Ann alone, active at", seen.Chats[0].ActiveAt.Format(time.TimeOnly))
	// Output:
	// <nil> <nil>
	// 1 chat with Ann alone, active at 12:01:00
}
