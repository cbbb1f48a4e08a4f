//go:build unix

package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/open"
)

// fill adds chats to a store, each with another person, on the lines of a fleet
// in turn.
func fill(ctx context.Context, name, tenant string, chats, lines int) error {
	s, err := open.Store(ctx, name, open.Options{})
	if err != nil {
		return err
	}
	defer s.Close()
	began, at := time.Now(), time.Now().Add(-24*time.Hour)
	for from := 0; from < chats; {
		events := make([]store.Event, 0, store.MaxPage)
		for ; from < chats && len(events) < cap(events); from++ {
			person, err := recipients.FromDigits(digits(from))
			if err != nil {
				return err
			}
			line, err := recipients.FromDigits(firstLine + uint64(from%lines))
			if err != nil {
				return err
			}
			set, err := recipients.NewSet(person)
			if err != nil {
				return err
			}
			events = append(events, store.ChatSeen{ID: uuid.New(), Line: line, Participants: set, CreatedAt: at})
		}
		if err := s.Apply(ctx, tenant, events); err != nil {
			return err
		}
	}
	fmt.Fprintf(os.Stdout, "# %d chats were made known to %s in %v\n", chats, name[:6], time.Since(began).Round(time.Second))
	return nil
}
