package cookbook_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/inbound"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

// PastChat is a chat as your own records have it.
type PastChat struct {
	ID             string // as your provider calls it
	Line           string
	People         []string
	Opened, Active time.Time
}

// Seen is the chat as an event for the store.
func (c PastChat) Seen() (store.ChatSeen, error) {
	ours, err := recipients.Parse(c.Line)
	if err != nil {
		return store.ChatSeen{}, err
	}
	people, err := recipients.Canonicalize(c.People)
	return store.ChatSeen{
		ID: inbound.ChatID(c.ID), Line: ours, Participants: people, CreatedAt: c.Opened, ActiveAt: c.Active,
	}, err
}

// Chats that exist already are made known with their people, line and last
// activity, and the next message goes on in them.
func Example_chatsOnce() {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}
	ctx := context.Background()
	past := []PastChat{{
		ID: "chat0815", Line: "+12055550101", People: []string{"+14155559876"},
		Opened: time.Date(2025, 1, 2, 3, 4, 5, 0, time.UTC),
		Active: time.Date(2025, 6, 2, 3, 4, 5, 0, time.UTC),
	}}
	chats := memory.New(memory.Options{})
	var events []store.Event
	for _, c := range past {
		seen, err := c.Seen()
		check(err)
		events = append(events, seen)
	}
	check(chats.Apply(ctx, "acme", events)) // some hundred in one call

	lines, err := fleet.New(fleet.Options{})
	check(err)
	check(lines.SetLines("acme", []line.Line{
		{Number: recipients.MustParse("+12055550101")}, {Number: recipients.MustParse("+14155550102")},
	}))
	router, err := fromline.New(chats, lines, fromline.Options{})
	check(err)
	d, err := router.Send(ctx, "acme", &message.Request{
		To:      []string{"+14155559876"},
		Message: &message.Content{Parts: []message.Part{message.Text("Hi!")}},
	})
	check(err)
	fmt.Println(d.Reason, d.Line, d.ChatID == inbound.ChatID("chat0815"))
	// Output: reused_active_chat +12055550101 true
}
