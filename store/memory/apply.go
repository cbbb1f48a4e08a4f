package memory

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/people"
)

// Apply implements store.ChatStore. It lets other calls in between two events.
func (s *Store) Apply(ctx context.Context, tenant string, events []store.Event) error {
	if err := s.begin(ctx, store.CheckTenant(tenant)); err != nil {
		return err
	}
	s.mu.Unlock()
	for i, e := range events {
		if e == nil {
			return &store.EventError{Index: i, Err: fmt.Errorf("memory: %w: the event is nil", store.ErrInvalid)}
		}
		if err := s.apply(ctx, tenant, e); err != nil {
			return &store.EventError{Index: i, Chat: e.ChatID(), Err: err}
		}
	}
	return nil
}

func (s *Store) apply(ctx context.Context, tenant string, e store.Event) error {
	t, err := s.beginFor(ctx, tenant, e.Check(), store.EventTime(e))
	if err != nil {
		return err
	}
	defer s.mu.Unlock()
	c, err := t.chat(e.ChatID())
	switch e := e.(type) {
	case store.ChatSeen:
		return s.seen(t, c, e)
	case store.Activity, store.ParticipantAdded, store.ParticipantRemoved, store.Renamed, store.LineLeft:
	default:
		return fmt.Errorf("memory: %w: unknown event %T", store.ErrInvalid, e)
	}
	if err != nil {
		return err
	}
	switch e := e.(type) {
	case store.Activity:
		s.advance(c, e.At.UnixMicro())
		s.count(c.line, line.HourOf(e.At), max(1, e.Messages))
	case store.ParticipantAdded:
		roster, err := people.Joined(c.roster(), c.line.use.Number, e.Handle, store.Micros(e.At))
		return s.reshape(t, c, roster, err)
	case store.ParticipantRemoved:
		name, unnamed := people.Name(e.Handle)
		if c.roster().Set().Contains(e.Handle) && !slices.Contains(c.extra().past, name) {
			c.more.past = append(c.more.past, name)
		}
		roster, err := people.Left(c.roster(), e.Handle)
		return s.reshape(t, c, roster, cmp.Or(unnamed, err))
	case store.Renamed:
		if c.named != e.Named {
			c.named = e.Named
			s.move(c)
		}
	case store.LineLeft:
		c.left = true
		s.leave(c)
	}
	return nil
}

// seen makes a chat known, or advances one that is known.
func (s *Store) seen(t *tenancy, c *chat, e store.ChatSeen) error {
	created := e.CreatedAt.UnixMicro()
	active := max(created, e.ActiveAt.UnixMicro()) // which may be zero
	switch {
	case c == nil:
		fresh := &chat{id: e.ID, line: t.line(e.Line), created: created, active: active, service: e.Service, named: e.Named}
		s.admit(t, fresh, e.Participants)
		return nil
	case c.line.use.Number != e.Line:
		return fmt.Errorf("memory: %w: chat %s is known on another line", store.ErrInvalid, e.ID)
	case c.service == 0:
		c.service = e.Service
	}
	s.advance(c, active)
	return nil
}

// reshape gives a chat the roster that was found for it, and moves it to the
// set of its people.
func (s *Store) reshape(t *tenancy, c *chat, roster store.Roster, err error) error {
	if err != nil {
		return fmt.Errorf("memory: chat %s: %w", c.id, err)
	}
	if roster.Len() != c.roster().Len() {
		s.leave(c)
		c.extra().roster = roster
		s.join(t, c, roster.Set())
	}
	return nil
}
