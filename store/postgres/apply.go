package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/packed"
)

// maxBatch is how many events are applied in one transaction at most: enough to
// make the round trip cheap, few enough not to hold their locks for long.
const maxBatch = 500

// Apply implements store.ChatStore. Events that leave the participants of chats
// as they are go to the database in batches of one round trip each; of the
// others each takes two.
func (s *Store) Apply(ctx context.Context, tenant string, events []store.Event) error {
	if err := store.CheckTenant(tenant); err != nil {
		return err
	}
	if err := s.usable(ctx); err != nil {
		return err
	}
	for at := 0; at < len(events); {
		n, err := 1, error(nil)
		if b := gather(events[at:]); b.len() > 0 {
			n = b.len()
			var failed int
			if failed, err = s.applyBatch(ctx, tenant, b); err != nil {
				at += failed
			}
		} else {
			err = s.applyOne(ctx, tenant, events[at])
		}
		if err != nil {
			failed := &store.EventError{Index: at, Err: err}
			if events[at] != nil {
				failed.Chat = events[at].ChatID()
			}
			return failed
		}
		at += n
	}
	return nil
}

// applyOne applies an event that changes participants, or says what is wrong
// with one that no batch takes.
func (s *Store) applyOne(ctx context.Context, tenant string, e store.Event) error {
	switch e := e.(type) {
	case store.ParticipantAdded:
		if err := e.Check(); err != nil {
			return err
		}
		return s.move(ctx, tenant, e.Chat, func(c *store.Chat) (store.Roster, error) { return joined(c, e) })
	case store.ParticipantRemoved:
		if err := e.Check(); err != nil {
			return err
		}
		return s.move(ctx, tenant, e.Chat, func(c *store.Chat) (store.Roster, error) { return left(c, e.Handle) })
	case nil:
		return fmt.Errorf("postgres: %w: the event is nil", store.ErrInvalid)
	case store.ChatSeen, store.Activity, store.Renamed, store.LineLeft:
		return e.Check()
	}
	return fmt.Errorf("postgres: %w: unknown event %T", store.ErrInvalid, e)
}

// eventBatch is the arguments of fromline.apply_events, an element for each event.
type eventBatch struct {
	kinds    []string
	chats    []pgtype.UUID
	lines    []int64
	sets     [][]byte
	rosters  [][]byte
	people   [][]byte
	services []int16
	named    []bool
	created  []int64
	active   []int64

	messages []int // not an argument: what an active event counts
}

func (b *eventBatch) len() int { return len(b.chats) }

// gather takes the events at the beginning that are right in themselves and
// leave participants as they are.
func gather(events []store.Event) *eventBatch {
	b := &eventBatch{}
	for _, e := range events[:min(len(events), maxBatch)] {
		if !b.add(e) {
			break
		}
	}
	return b
}

func (b *eventBatch) add(e store.Event) bool {
	switch e := e.(type) {
	case store.ChatSeen:
		return e.Check() == nil && b.addSeen(e)
	case store.Activity:
		if e.Check() != nil {
			return false
		}
		b.grow("active", e)
		b.active[b.len()-1] = micros(e.At)
		b.messages[b.len()-1] = max(e.Messages, 1)
		return true
	case store.Renamed:
		if e.Check() != nil {
			return false
		}
		b.grow("named", e)
		b.named[b.len()-1] = e.Named
		return true
	case store.LineLeft:
		if e.Check() != nil {
			return false
		}
		b.grow("left", e)
		return true
	}
	return false
}

func (b *eventBatch) addSeen(e store.ChatSeen) bool {
	people, err := packed.People(e.Participants)
	if err != nil {
		return false
	}
	b.grow("seen", e)
	i := b.len() - 1
	b.lines[i] = int64(e.Line.Digits())
	b.sets[i] = keyBytes(e.Participants.Key())
	b.rosters[i] = packed.Roster(store.NewRoster(e.Participants, e.CreatedAt))
	b.people[i] = people
	b.services[i] = int16(e.Service)
	b.named[i] = e.Named
	b.created[i] = micros(e.CreatedAt)
	b.active[i] = max(b.created[i], micros(e.ActiveAt))
	return true
}

// grow adds an element to every array.
func (b *eventBatch) grow(kind string, e store.Event) {
	b.kinds = append(b.kinds, kind)
	b.chats = append(b.chats, id(e.ChatID()))
	b.lines = append(b.lines, 0)
	b.sets = append(b.sets, nil)
	b.rosters = append(b.rosters, nil)
	b.people = append(b.people, nil)
	b.services = append(b.services, 0)
	b.named = append(b.named, false)
	b.created = append(b.created, 0)
	b.active = append(b.active, 0)
	b.messages = append(b.messages, 0)
}

// applyBatch applies a batch up to the first event that cannot be applied,
// whose place it returns with the error.
func (s *Store) applyBatch(ctx context.Context, tenant string, b *eventBatch) (failed int, err error) {
	var place pgtype.Int4
	var failure pgtype.Text
	var lines []pgtype.Int8
	args := []any{
		[]byte(tenant), b.kinds, b.chats, b.lines, b.sets, b.rosters, b.people, b.services, b.named, b.created, b.active,
	}
	if err := s.call(ctx, s.sql.apply, args, &place, &failure, &lines); err != nil {
		return 0, err
	}
	for i, line := range lines {
		if line.Valid {
			number, err := phone(line.Int64)
			if err != nil {
				return i, err
			}
			s.traffic.add(tenant, number, fleet.HourOf(fromMicros(b.active[i])), b.messages[i])
		}
	}
	if !place.Valid {
		return 0, nil
	}
	failed = int(place.Int32) - 1
	if failure.String == "line" {
		return failed, fmt.Errorf("postgres: %w: the chat is known on another line", store.ErrInvalid)
	}
	return failed, fmt.Errorf("postgres: %w", store.ErrUnknownChat)
}
