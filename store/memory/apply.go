package memory

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/store"
)

// Apply implements store.ChatStore.
func (s *Store) Apply(ctx context.Context, tenant string, events []store.Event) error {
	if err := store.CheckTenant(tenant); err != nil {
		return err
	}
	if err := s.begin(ctx); err != nil {
		return err
	}
	t := s.tenants.intern(tenant)
	for i, e := range events {
		if err := s.apply(ctx, t, e); err != nil {
			failed := &store.EventError{Index: i, Err: err}
			if e != nil {
				failed.Chat = e.ChatID()
			}
			return failed
		}
	}
	return nil
}

func (s *Store) apply(ctx context.Context, t tenantID, e store.Event) error {
	if e == nil {
		return fmt.Errorf("memory: %w: the event is nil", store.ErrInvalid)
	}
	if err := e.Check(); err != nil {
		return err
	}
	if err := s.begin(ctx); err != nil {
		return err
	}
	switch e := e.(type) {
	case store.ChatSeen:
		return s.seen(t, e)
	case store.Activity:
		return s.activity(t, e)
	case store.ParticipantAdded:
		return s.added(t, e)
	case store.ParticipantRemoved:
		return s.removed(t, e)
	case store.Renamed:
		return s.with(t, e.Chat, nil, func(c *chat) error {
			if c.named != e.Named {
				c.named = e.Named
				if c.set.matches() {
					s.move(c.set)
				}
			}
			return nil
		})
	case store.LineLeft:
		return s.with(t, e.Chat, nil, func(c *chat) error {
			if !c.left {
				c.left = true
				s.leave(c)
				c.set = unmatched(t, c.id, c.set.people)
			}
			return nil
		})
	}
	return fmt.Errorf("memory: %w: unknown event %T", store.ErrInvalid, e)
}

// with finds a chat, locks all that guards it, and what more is needed once the
// chat is known, and does something with it. A chat can move to another set
// before the locks are held; then it begins again.
func (s *Store) with(t tenantID, id uuid.UUID, more func(*chat) placeSet, do func(*chat) error) error {
	at := placeOfID(t, id)
	for {
		s.lock(at.set())
		c := s.findChat(t, id)
		if c == nil {
			s.unlock(at.set())
			return fmt.Errorf("memory: chat %s: %w", id, store.ErrUnknownChat)
		}
		set := c.set
		held := at.set() | set.place.set()
		if more != nil {
			held |= more(c)
		}
		s.unlock(at.set())

		s.lock(held)
		if s.findChat(t, id) == c && c.set == set {
			defer s.unlock(held)
			return do(c)
		}
		s.unlock(held)
	}
}

// seen makes a chat known, or advances one that is known.
func (s *Store) seen(t tenantID, e store.ChatSeen) error {
	created := toMicros(e.CreatedAt)
	active := created
	if !e.ActiveAt.IsZero() {
		active = toMicros(e.ActiveAt)
	}
	if s.admitSeen(t, e, created, active) {
		return nil
	}
	return s.with(t, e.ID, nil, func(c *chat) error {
		if c.line.number() != e.Line {
			return fmt.Errorf("memory: %w: chat %s is known on another line", store.ErrInvalid, e.ID)
		}
		if c.service == 0 {
			c.service = e.Service
		}
		s.advance(c, active)
		return nil
	})
}

// admitSeen makes a chat known, unless it is already.
func (s *Store) admitSeen(t tenantID, e store.ChatSeen, created, active int64) bool {
	held := placeOfID(t, e.ID).set() | placeOfSet(t, e.Participants.Key()).set() | placeOfLine(t, e.Line).set()
	s.lock(held)
	defer s.unlock(held)
	if s.findChat(t, e.ID) != nil {
		return false
	}
	s.admit(t, &chat{
		id: e.ID, line: s.lineOf(t, e.Line), created: created, active: active, service: e.Service, named: e.Named,
	}, s.setOf(t, e.Participants))
	return true
}

func (s *Store) activity(t tenantID, e store.Activity) error {
	lineOf := func(c *chat) place { return placeOfLine(t, c.line.number()) }
	return s.with(t, e.Chat, func(c *chat) placeSet { return lineOf(c).set() }, func(c *chat) error {
		s.advance(c, toMicros(e.At))
		countMessages(&s.shards[lineOf(c)], c.line, line.HourOf(e.At), max(1, e.Messages))
		return nil
	})
}
