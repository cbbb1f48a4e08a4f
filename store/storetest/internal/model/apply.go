package model

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// Apply implements store.ChatStore.
func (s *Model) Apply(ctx context.Context, tenant string, events []store.Event) error {
	if err := store.CheckTenant(tenant); err != nil {
		return err
	}
	end, err := s.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	t := s.of(tenant)
	for i, e := range events {
		if err := s.apply(t, e); err != nil {
			failed := &store.EventError{Index: i, Err: err}
			if e != nil {
				failed.Chat = e.ChatID()
			}
			return failed
		}
	}
	return nil
}

func (s *Model) apply(t *tenant, e store.Event) error {
	if e == nil {
		return fmt.Errorf("%w: the event is nil", store.ErrInvalid)
	}
	if err := e.Check(); err != nil {
		return err
	}
	c := t.chats[e.ChatID()]
	if seen, ok := e.(store.ChatSeen); ok {
		return s.seen(t, c, seen)
	}
	if c == nil {
		return store.ErrUnknownChat
	}
	set := c.Roster.Set()
	switch e := e.(type) {
	case store.Activity:
		at := store.Micros(e.At)
		s.change(t, func() { c.ActiveAt = later(c.ActiveAt, at) }, set.Key())
		s.count(account{t.name, c.Line}, func(u *line.Use) { u.AddMessages(line.HourOf(at), max(1, e.Messages)) })
	case store.ParticipantAdded:
		if e.Handle == c.Line {
			return fmt.Errorf("%w: the line of the chat cannot join it", store.ErrInvalid)
		}
		if set.Contains(e.Handle) {
			return nil
		}
		members, joined := []recipients.Handle{e.Handle}, map[recipients.Handle]time.Time{e.Handle: e.At}
		for i, h := range set.All() {
			members, joined[h] = append(members, h), c.Roster.JoinedAt(i)
		}
		return s.move(t, c, members, joined)
	case store.ParticipantRemoved:
		if !set.Contains(e.Handle) {
			return nil
		}
		var members []recipients.Handle
		joined := map[recipients.Handle]time.Time{}
		for i, h := range set.All() {
			if h != e.Handle {
				members, joined[h] = append(members, h), c.Roster.JoinedAt(i)
			}
		}
		if c.past == nil {
			c.past = make(map[recipients.Handle]bool)
		}
		c.past[e.Handle] = true
		return s.move(t, c, members, joined)
	case store.Renamed:
		s.change(t, func() { c.Named = e.Named }, set.Key())
	case store.LineLeft:
		s.change(t, func() { c.LineLeft = true }, set.Key())
	default:
		return fmt.Errorf("%w: unknown event %T", store.ErrInvalid, e)
	}
	return nil
}

// seen adds a chat, or makes a known one active later.
func (s *Model) seen(t *tenant, c *chat, e store.ChatSeen) error {
	created := store.Micros(e.CreatedAt)
	active := later(created, store.Micros(e.ActiveAt))
	if c == nil {
		s.change(t, func() {
			t.chats[e.ID] = &chat{Chat: store.Chat{
				ID: e.ID, Line: e.Line, Roster: store.NewRoster(e.Participants, created),
				Service: e.Service, Named: e.Named, CreatedAt: created, ActiveAt: active,
			}}
		}, e.Participants.Key())
		return nil
	}
	if c.Line != e.Line {
		return fmt.Errorf("%w: the chat is known on another line", store.ErrInvalid)
	}
	if c.Service == 0 {
		c.Service = e.Service
	}
	s.change(t, func() { c.ActiveAt = later(c.ActiveAt, active) }, c.Roster.Set().Key())
	return nil
}

// move gives a chat other participants, and so another set.
func (s *Model) move(t *tenant, c *chat, members []recipients.Handle, joined map[recipients.Handle]time.Time) error {
	roster := store.NewRoster(recipients.Set{}, c.Roster.Since())
	if len(members) > 0 {
		set, err := recipients.NewLargeSet(members...)
		if err != nil {
			return fmt.Errorf("%w: %w", store.ErrInvalid, err)
		}
		times := make([]time.Time, set.Len())
		for i, h := range set.All() {
			times[i] = joined[h]
		}
		roster = store.NewRosterJoined(set, roster.Since(), times)
	}
	keys := []recipients.Key{c.Roster.Set().Key(), roster.Set().Key()}
	s.change(t, func() { c.Roster = roster }, slices.Compact(keys)...)
	return nil
}
