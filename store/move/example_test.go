package move_test

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
	"github.com/fromline/fromline/store/move"
)

// Copy everything of one store to another, and compare the two.
func ExampleAll() {
	ctx := context.Background()
	from, to := memory.New(memory.Options{}), memory.New(memory.Options{})
	people, _ := recipients.Canonicalize([]string{"+14155559876"})
	_ = from.Apply(ctx, "acme", []store.Event{store.ChatSeen{
		ID: uuid.MustParse("0198c0de-0000-7000-8000-000000000001"), Line: recipients.MustParse("+12055550101"), Participants: people,
		CreatedAt: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
	}})
	result, err := move.All(ctx, from, to, move.Options{})
	fmt.Println(result.Changed, err)
	result, err = move.All(ctx, from, to, move.Options{})
	fmt.Println(result.Changed, err)
	// Output:
	// 1 <nil>
	// 0 <nil>
}
