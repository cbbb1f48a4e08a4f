package castest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

func (s *casStore) Apply(ctx context.Context, tenant string, events []store.Event) error {
	if err := store.CheckTenant(tenant); err != nil {
		return err
	}
	if err := s.begin(ctx); err != nil {
		return err
	}
	for i, e := range events {
		err := s.apply(tenant, e)
		for errors.Is(err, errAgain) {
			err = s.apply(tenant, e)
		}
		if err != nil {
			failed := &store.EventError{Index: i, Err: err}
			if e != nil {
				failed.Chat = e.ChatID()
			}
			return failed
		}
	}
	return nil
}

// apply applies an event. It returns errAgain if another client was faster.
func (s *casStore) apply(tenant string, e store.Event) error {
	if e == nil {
		return fmt.Errorf("%w: the event is nil", store.ErrInvalid)
	}
	if err := e.Check(); err != nil {
		return err
	}
	key, set, version, i := s.locate(tenant, e.ChatID())
	if seen, is := e.(store.ChatSeen); is && i < 0 {
		return s.admit(tenant, seen)
	}
	if i < 0 {
		return store.ErrUnknownChat
	}
	chats := slices.Clone(set.chats)
	c := &chats[i]
	moves := "" // the cell that the chat moves to
	switch e := e.(type) {
	case store.ChatSeen:
		if c.Line != e.Line {
			return fmt.Errorf("%w: the chat is known on another line", store.ErrInvalid)
		}
		if c.Service == 0 {
			c.Service = e.Service
		}
		c.ActiveAt = later(c.ActiveAt, later(store.Micros(e.CreatedAt), store.Micros(e.ActiveAt)))
	case store.Activity:
		c.ActiveAt = later(c.ActiveAt, store.Micros(e.At))
	case store.Renamed:
		c.Named = e.Named
	case store.LineLeft:
		c.LineLeft = true
		moves = aloneKey(tenant, c.ID)
	case store.ParticipantAdded:
		if e.Handle == c.Line {
			return fmt.Errorf("%w: the line of a chat cannot join it", store.ErrInvalid)
		}
		c.Roster = joined(c.Roster, e.Handle, e.At)
		moves = home(tenant, *c)
	case store.ParticipantRemoved:
		c.Roster = departed(c.Roster, e.Handle)
		moves = home(tenant, *c)
	default:
		return fmt.Errorf("%w: unknown event %T", store.ErrInvalid, e)
	}
	if moves == "" || moves == key {
		if !s.swap(key, version, set.changed(chats)) {
			return errAgain
		}
		if said, is := e.(store.Activity); is {
			s.count(lineKey(tenant, c.Line), line.HourOf(said.At), max(1, said.Messages))
		}
		return nil
	}
	always := func(cell, bool) error { return nil }
	return s.try(key, version, set, set.changed(slices.Delete(slices.Clone(chats), i, i+1)), []other{
		{key: moves, effect: effect{chat: c}, check: always, shared: true},
		{key: chatKey(tenant, c.ID), effect: effect{place: moves}, check: always},
	})
}

// locate returns the cell that a chat is in, and its index there, -1 for a chat
// that the store does not have.
func (s *casStore) locate(tenant string, id uuid.UUID) (key string, set cell, version uint64, i int) {
	for {
		where, _ := s.settle(chatKey(tenant, id), false)
		if where.place == "" {
			return "", cell{}, 0, -1
		}
		set, version := s.ready(where.place)
		if i := set.find(id); i >= 0 {
			return where.place, set, version, i
		}
	}
}

// admit adds a chat.
func (s *casStore) admit(tenant string, e store.ChatSeen) error {
	created := store.Micros(e.CreatedAt)
	chat := store.Chat{
		ID: e.ID, Line: e.Line, Roster: store.NewRoster(e.Participants, created), Service: e.Service, Named: e.Named,
		CreatedAt: created, ActiveAt: later(created, store.Micros(e.ActiveAt)),
	}
	key := home(tenant, chat)
	set, version := s.ready(key)
	return s.try(key, version, set, set.changed(append(slices.Clone(set.chats), chat)), []other{{
		key: chatKey(tenant, e.ID), effect: effect{place: key},
		check: func(c cell, _ bool) error {
			if c.place != "" {
				return errKnown
			}
			return nil
		},
	}})
}

// errKnown means that another client added the chat meanwhile.
var errKnown = fmt.Errorf("known: %w", errAgain)

// home returns the key of the cell that a chat belongs in.
func home(tenant string, c store.Chat) string {
	if c.LineLeft || c.Roster.Len() == 0 {
		return aloneKey(tenant, c.ID)
	}
	return setKey(tenant, c.Roster.Set().Key())
}

func joined(r store.Roster, h recipients.Handle, at time.Time) store.Roster {
	if r.Set().Contains(h) {
		return r
	}
	return rosterOf(r, append(handles(r), h), at)
}

func departed(r store.Roster, h recipients.Handle) store.Roster {
	return rosterOf(r, slices.DeleteFunc(handles(r), func(other recipients.Handle) bool { return other == h }), time.Time{})
}

func handles(r store.Roster) (handles []recipients.Handle) {
	for _, h := range r.Set().All() {
		handles = append(handles, h)
	}
	return handles
}

func rosterOf(old store.Roster, handles []recipients.Handle, at time.Time) store.Roster {
	since := make(map[recipients.Handle]time.Time)
	for i, h := range old.Set().All() {
		since[h] = old.JoinedAt(i)
	}
	if len(handles) == 0 {
		return store.NewRoster(recipients.Set{}, old.Since())
	}
	set, err := recipients.NewLargeSet(handles...)
	if err != nil {
		panic(err) // all were checked
	}
	times := make([]time.Time, set.Len())
	for i, h := range set.All() {
		if stays, known := since[h]; known {
			times[i] = stays
		} else {
			times[i] = at
		}
	}
	return store.NewRosterJoined(set, old.Since(), times)
}
