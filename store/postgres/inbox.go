package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/carry"
	"github.com/fromline/fromline/store/internal/packed"
	"github.com/fromline/fromline/store/internal/people"
	"github.com/fromline/fromline/store/internal/tally"
)

// Hear implements store.Inbox. It is one round trip, and one more if it lost a
// race.
func (s *Store) Hear(ctx context.Context, tenant string, m store.DirectMessage) (uuid.UUID, store.Heard, error) {
	if err := store.CheckTenant(tenant); err != nil {
		return uuid.Nil, 0, err
	}
	if err := m.Check(); err != nil {
		return uuid.Nil, 0, err
	}
	alone, err := recipients.NewSet(m.Sender)
	if err != nil {
		return uuid.Nil, 0, fmt.Errorf("postgres: %w: %w", store.ErrInvalid, err)
	}
	args := []any{
		[]byte(tenant), keyBytes(alone.Key()), m.Sender.String(), int64(m.Line.Digits()), id(m.Chat), textOrNull(m.Note), micros(m.At),
		int16(m.Service), m.OptedOut, m.UnlessBlocked, packed.Roster(store.NewRoster(alone, m.At)), earliest(m.At),
	}
	var chat pgtype.UUID
	var heard int16
	var counts bool
	if err := s.call(ctx, s.sql.hear, args, &chat, &heard, &counts); err != nil {
		return uuid.Nil, 0, s.tooFar(ctx, err, func(now time.Time) error { return store.CheckAhead(now, m.At) })
	}
	if counts {
		s.traffic.Add(tally.Count{Tenant: tenant, Line: m.Line, Hour: line.HourOf(m.At), Messages: 1})
	}
	return chat.Bytes, store.Heard(heard), nil
}

// Note implements store.Inbox.
func (s *Store) Note(ctx context.Context, tenant, name string) (store.Note, error) {
	if err := store.CheckTenant(tenant); err != nil {
		return store.Note{}, err
	}
	if err := store.CheckNoteName(name); err != nil {
		return store.Note{}, err
	}
	var r noteRow
	err := s.call(ctx, s.sql.note, []any{[]byte(tenant), []byte(name)}, r.fields()...)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return store.Note{}, nil
	case err != nil:
		return store.Note{}, err
	}
	n, err := r.note()
	if err != nil {
		return store.Note{}, fmt.Errorf("postgres: %w", s.aside.Add(store.UnreadableNote, tenant, name, err))
	}
	return n, nil
}

// KeepNote implements store.Inbox. It is one round trip.
func (s *Store) KeepNote(ctx context.Context, tenant string, was, now store.Note) (bool, error) {
	if err := store.CheckNote(tenant, &was, &now); err != nil {
		return false, err
	}
	before := []byte(nil)
	if was.Name != "" {
		before = append([]byte{}, was.Body...)
	}
	args := []any{
		[]byte(tenant), []byte(now.Name), idOrNull(was.Of), before, id(now.Of), now.OfMessage, append([]byte{}, now.Body...), joinNames(now.Names),
	}
	var answer int16
	if err := s.call(ctx, s.sql.keepNote, args, &answer); err != nil {
		return false, err
	}
	if answer == 2 {
		return false, fmt.Errorf("postgres: %w", store.ErrNoRecord)
	}
	return answer == 1, nil
}

// forgetNotes removes the notes that name a person.
func (s *Store) forgetNotes(ctx context.Context, tenant string, name recipients.Key) error {
	return s.rows(ctx, s.sql.forgetNotes, []any{[]byte(tenant), keyBytes(name)}, func(pgx.Rows) error { return nil })
}

// noteRow is a row of the table note.
type noteRow struct {
	name, body, names []byte
	subject           pgtype.UUID
	ofMessage         bool
}

func (r *noteRow) fields() []any { return []any{&r.name, &r.subject, &r.ofMessage, &r.body, &r.names} }

func (r *noteRow) note() (n store.Note, err error) {
	n = store.Note{Name: string(r.name), Of: r.subject.Bytes, OfMessage: r.ofMessage, Body: r.body}
	n.Names, err = people.ReadNames(r.names)
	return n, err
}

func (s *Store) scanCopiedNote(rows pgx.Rows) (store.Item, error) {
	var r noteRow
	var tenant []byte
	if err := rows.Scan(append(r.fields(), &tenant)...); err != nil {
		return store.Item{}, err
	}
	n, err := r.note()
	if err != nil {
		return carry.Unreadable(s.aside.Add(store.UnreadableNote, string(tenant), n.Name, err))
	}
	return store.Item{Tenant: string(tenant), Note: &n}, nil
}

// notesImport holds the arguments of an import of notes.
type notesImport struct {
	tenants              []int64
	names, bodies, named [][]byte
	subjects             []pgtype.UUID
	ofMessage            []bool
}

func (n *notesImport) add(tenant int64, from *store.Note) {
	n.tenants = append(n.tenants, tenant)
	n.names = append(n.names, []byte(from.Name))
	n.subjects = append(n.subjects, id(from.Of))
	n.ofMessage = append(n.ofMessage, from.OfMessage)
	n.bodies = append(n.bodies, append([]byte{}, from.Body...))
	n.named = append(n.named, joinNames(from.Names))
}

func (n *notesImport) args() []any {
	return []any{n.tenants, n.names, n.subjects, n.ofMessage, n.bodies, n.named}
}
