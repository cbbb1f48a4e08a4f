package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/packed"
	"github.com/fromline/fromline/store/internal/people"
)

// maxBatch is the largest number of events in one transaction: enough to make
// the round trip cheap, few enough to hold their locks only briefly.
const maxBatch = 500

// eventBatch is the arguments of fromline.apply_events: arrays with an element
// for each event.
type eventBatch struct {
	kinds      []string
	chats      []pgtype.UUID
	lines      []int64
	sets       [][]byte
	groups     []bool
	rosters    [][]byte
	people     [][]byte
	oldRosters [][]byte
	services   []int16
	named      []bool
	created    []int64
	active     []int64

	latest time.Time // the latest time of its events

	messages []int // not an argument: how many messages an active event counts
	refusal  error // not an argument: the error of the next event, if that is wrong
}

func (b *eventBatch) len() int { return len(b.chats) }

// gather takes events from the beginning, up to the first wrong one.
func (s *Store) gather(ctx context.Context, tenant string, events []store.Event) (*eventBatch, error) {
	events = events[:min(len(events), maxBatch)]
	known, err := s.members(ctx, tenant, events)
	if err != nil {
		return nil, err
	}
	b := &eventBatch{}
	for _, e := range events {
		if b.refusal = b.add(e, known); b.refusal != nil {
			break
		}
	}
	return b, nil
}

// members are the participants of a chat that changes: first as they were read,
// then as the events of the batch leave them.
type members struct {
	line     recipients.Handle
	lineLeft bool
	roster   store.Roster
	packed   []byte
}

// members reads the chats whose participants change.
func (s *Store) members(ctx context.Context, tenant string, events []store.Event) (map[uuid.UUID]*members, error) {
	var chats []pgtype.UUID
	for _, e := range events {
		switch e.(type) {
		case store.ParticipantAdded, store.ParticipantRemoved:
			chats = append(chats, id(e.ChatID()))
		}
	}
	known := make(map[uuid.UUID]*members)
	if len(chats) == 0 {
		return known, nil
	}
	err := s.rows(ctx, s.sql.rosters, []any{[]byte(tenant), chats}, func(rows pgx.Rows) error {
		var r chatRow
		if err := rows.Scan(&r.id, &r.line, &r.lineLeft, &r.roster); err != nil {
			return err
		}
		line, err := phone(r.line.Int64)
		if err != nil {
			return err
		}
		roster, err := packed.ReadRoster(r.roster)
		known[r.id.Bytes] = &members{line, r.lineLeft.Bool, roster, r.roster}
		return err
	})
	return known, err
}

// add adds an event, or returns the error of a wrong one.
func (b *eventBatch) add(e store.Event, known map[uuid.UUID]*members) error {
	if e == nil {
		return fmt.Errorf("postgres: %w: the event is nil", store.ErrInvalid)
	}
	if err := e.Check(); err != nil {
		return err
	}
	m := known[e.ChatID()]
	switch e := e.(type) {
	case store.ChatSeen:
		return b.addSeen(e, known)
	case store.Activity:
		i := b.grow("active", e)
		b.active[i] = micros(e.At)
		b.messages[i] = max(e.Messages, 1)
	case store.Renamed:
		b.named[b.grow("named", e)] = e.Named
	case store.LineLeft:
		b.grow("left", e)
		if m != nil {
			m.lineLeft = true
		}
	case store.ParticipantAdded:
		if m == nil {
			b.grow("moved", e) // the store does not have the chat
			return nil
		}
		roster, err := people.Joined(m.roster, m.line, e.Handle, e.At)
		if err != nil {
			return err
		}
		return b.addMove(e, m, roster)
	case store.ParticipantRemoved:
		if m == nil {
			b.grow("moved", e)
			return nil
		}
		roster, err := people.Left(m.roster, e.Handle)
		if err != nil {
			return err
		}
		return b.addMove(e, m, roster)
	default:
		return fmt.Errorf("postgres: %w: unknown event %T", store.ErrInvalid, e)
	}
	return nil
}

func (b *eventBatch) addSeen(e store.ChatSeen, known map[uuid.UUID]*members) error {
	names, err := groupNames(e.Participants)
	if err != nil {
		return err
	}
	roster := store.NewRoster(e.Participants, e.CreatedAt)
	i := b.grow("seen", e)
	b.lines[i] = int64(e.Line.Digits())
	b.sets[i] = keyBytes(e.Participants.Key())
	b.groups[i] = e.Participants.IsGroup()
	b.rosters[i] = packed.Roster(roster)
	b.people[i] = names
	b.services[i] = int16(e.Service)
	b.named[i] = e.Named
	b.created[i] = micros(e.CreatedAt)
	b.active[i] = max(b.created[i], micros(e.ActiveAt))
	if known[e.ID] == nil {
		known[e.ID] = &members{line: e.Line, roster: roster, packed: b.rosters[i]}
	}
	return nil
}

// addMove adds a change of participants.
func (b *eventBatch) addMove(e store.Event, m *members, roster store.Roster) error {
	names, err := people.Names(m.roster.Set(), roster.Set())
	if err != nil {
		return err
	}
	i := b.grow("moved", e)
	b.people[i] = joinNames(names)
	b.oldRosters[i], b.rosters[i] = m.packed, m.packed
	if !roster.Equal(m.roster) {
		b.rosters[i] = packed.Roster(roster)
	}
	b.groups[i] = roster.Len() > 1
	if roster.Len() > 0 && !m.lineLeft {
		b.sets[i] = keyBytes(roster.Set().Key())
	}
	m.roster, m.packed = roster, b.rosters[i]
	return nil
}

// grow adds an element to every array and returns its index.
func (b *eventBatch) grow(kind string, e store.Event) int {
	if at := store.EventTime(e); at.After(b.latest) {
		b.latest = at
	}
	b.kinds = append(b.kinds, kind)
	b.chats = append(b.chats, id(e.ChatID()))
	b.lines = append(b.lines, 0)
	b.sets = append(b.sets, nil)
	b.groups = append(b.groups, false)
	b.rosters = append(b.rosters, nil)
	b.people = append(b.people, nil)
	b.oldRosters = append(b.oldRosters, nil)
	b.services = append(b.services, 0)
	b.named = append(b.named, false)
	b.created = append(b.created, 0)
	b.active = append(b.active, 0)
	b.messages = append(b.messages, 0)
	return b.len() - 1
}
