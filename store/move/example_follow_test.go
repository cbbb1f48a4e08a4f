package move_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
	"github.com/fromline/fromline/store/move"
)

// seenChat is an earlier chat of a person.
func seenChat(id, person string) store.ChatSeen {
	people, err := recipients.Canonicalize([]string{person})
	if err != nil {
		log.Fatal(err)
	}
	return store.ChatSeen{
		ID: uuid.MustParse(id), Line: recipients.MustParse("+12055550101"), Participants: people,
		CreatedAt: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
	}
}

// A tenant is copied while it is written to: first all of it, then the changes,
// and then, while its sends are held back, the rest.
func ExampleFollowing() {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}
	ctx := context.Background()
	from, to := memory.New(memory.Options{}), memory.New(memory.Options{})
	check(from.Apply(ctx, "acme", []store.Event{seenChat("0198c0de-0000-7000-8000-000000000001", "+14155559876")}))
	following := move.Follow(from, to, "acme", nil)
	check(following.Copy(ctx))

	check(from.Apply(ctx, "acme", []store.Event{seenChat("0198c0de-0000-7000-8000-000000000002", "+14155559877")}))
	things, err := following.Catch(ctx)
	check(err)
	fmt.Println("changed meanwhile:", things > 0)

	result, err := following.Finish(ctx)
	check(err)
	fmt.Println("chats:", result.Items[move.Chats])
	// Output:
	// changed meanwhile: true
	// chats: 2
}
