package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/tally"
)

// Apply implements store.ChatStore. Up to 500 events share a transaction and a
// round trip. If their participants change, Apply makes one more round trip
// before, to read the participants.
func (s *Store) Apply(ctx context.Context, tenant string, events []store.Event) error {
	if err := store.CheckTenant(tenant); err != nil {
		return err
	}
	if err := s.usable(ctx); err != nil {
		return err
	}
	upTo := len(events)
	for done := 0; done < len(events); {
		if done == upTo {
			upTo = len(events)
		}
		b, err := s.gather(ctx, tenant, events[done:upTo])
		if err == nil && b.len() == 0 {
			err = b.refusal
		}
		if err == nil {
			var applied int
			applied, err = s.applyBatch(ctx, tenant, b)
			done += applied
		}
		if errors.Is(err, pgx.ErrNoRows) {
			upTo, err = s.upToAhead(ctx, events, done)
		}
		if err != nil {
			failed := &store.EventError{Index: done, Err: err}
			if events[done] != nil {
				failed.Chat = events[done].ChatID()
			}
			return failed
		}
	}
	return nil
}

// upToAhead returns the index of the first event that lies too far ahead of the
// clock of the server. If that is the event at from, it returns the error too.
func (s *Store) upToAhead(ctx context.Context, events []store.Event, from int) (int, error) {
	now, err := s.Now(ctx)
	if err != nil {
		return from, err
	}
	for i := from; i < len(events); i++ {
		if err := store.CheckAhead(now, store.EventTime(events[i])); err != nil {
			if i == from {
				return from, fmt.Errorf("postgres: %w", err)
			}
			return i, nil
		}
	}
	return len(events), nil // the clock has advanced since, and no event is too far ahead
}

// applyBatch applies the events of a batch and returns how many it applied.
// They are fewer than all if the error is about the next one, or if its
// participants must be read again.
func (s *Store) applyBatch(ctx context.Context, tenant string, b *eventBatch) (applied int, err error) {
	var ended pgtype.Int4
	var reason pgtype.Text
	var lines []pgtype.Int8
	args := []any{
		[]byte(tenant), b.kinds, b.chats, b.lines, b.sets, b.groups, b.rosters, b.people, b.oldRosters,
		b.services, b.named, b.created, b.active, earliest(b.latest),
	}
	if err := s.call(ctx, s.sql.apply, args, &ended, &reason, &lines); err != nil {
		return 0, err
	}
	for i, l := range lines {
		if l.Valid {
			number, err := phone(l.Int64)
			if err != nil {
				return i, fmt.Errorf("postgres: %w", err)
			}
			s.traffic.Add(tally.Count{
				Tenant: tenant, Line: number, Hour: line.HourOf(fromMicros(b.active[i])), Messages: b.messages[i],
			})
		}
	}
	if !ended.Valid {
		return b.len(), nil
	}
	applied = int(ended.Int32) - 1
	switch reason.String {
	case "unknown":
		err = fmt.Errorf("postgres: %w", store.ErrUnknownChat)
	case "line":
		err = fmt.Errorf("postgres: %w: the chat is known on another line", store.ErrInvalid)
	}
	return applied, err
}
