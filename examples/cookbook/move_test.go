package cookbook_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/fromline/fromline/inbound"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/move"
	"github.com/fromline/fromline/store/open"
)

// MoveStore copies everything of one store into another, and compares both:
// from sqlite:chats.db to postgres://db.internal/fromline, and so on. No
// program may write to either meanwhile. If a copy was stopped, call MoveStore
// again.
func MoveStore(ctx context.Context, from, to string) (result move.Result, err error) {
	source, err := open.Store(ctx, from, open.Options{})
	if err != nil {
		return result, err
	}
	defer source.Close()
	target, err := open.Store(ctx, to, open.Options{})
	if err != nil {
		return result, err
	}
	if result, err = move.All(ctx, source, target, move.Options{}); err != nil {
		_ = target.Close()
		return result, err
	}
	return result, target.Close() // what is there is durable once this is nil
}

// A store moves to another one, here from file to file.
func Example_anotherStore() {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "move")
	check(err)
	from, to := "sqlite:"+filepath.Join(dir, "old.db"), "sqlite:"+filepath.Join(dir, "new.db")
	old, err := open.Store(ctx, from, open.Options{})
	check(err)
	people, err := recipients.Canonicalize([]string{"+14155559876"})
	check(err)
	check(old.Apply(ctx, "acme", []store.Event{store.ChatSeen{
		ID: inbound.ChatID("chat0815"), Line: recipients.MustParse("+12055550101"), Participants: people,
		CreatedAt: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
	}}))
	check(old.Close())

	result, err := MoveStore(ctx, from, to)
	check(err)
	fmt.Println("chats:", result.Items[move.Chats], "new:", result.Changed)
	result, err = MoveStore(ctx, from, to) // once more: nothing is missing
	check(err)
	fmt.Println("chats:", result.Items[move.Chats], "new:", result.Changed)
	check(os.RemoveAll(dir))
	// Output:
	// chats: 1 new: 1
	// chats: 1 new: 0
}
