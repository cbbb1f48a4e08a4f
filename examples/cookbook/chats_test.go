package cookbook

import (
	"fmt"
	"time"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/inbound"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

// Chats that exist already are made known with their people, line and last activity.
func Example_chatsThatExist() {
	chats := memory.New(memory.Options{})
	people, err := recipients.Canonicalize([]string{"+14155559876"})
	must(err)
	must(chats.Apply(ctx, "acme", []store.Event{store.ChatSeen{
		ID:           inbound.ChatID("chat0815"),
		Line:         first,
		Participants: people,
		CreatedAt:    time.Date(2025, 1, 2, 3, 4, 5, 0, time.UTC),
		ActiveAt:     time.Date(2025, 6, 2, 3, 4, 5, 0, time.UTC),
	}}))

	router, err := fromline.New(chats, ourLines(), fromline.Options{})
	must(err)
	d, err := router.Send(ctx, "acme", text("Hi!", "+14155559876"))
	fmt.Println(d.Reason, d.Line, d.ChatID == inbound.ChatID("chat0815"), err)
	// Output: reused_active_chat +12055550101 true <nil>
}
