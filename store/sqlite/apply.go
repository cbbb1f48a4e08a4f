package sqlite

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/internal/packed"
	"github.com/fromline/fromline/store/internal/people"
	"github.com/fromline/fromline/store/internal/tally"
)

// maxBatch is the largest number of events in one transaction.
const maxBatch = 500

// Apply implements store.ChatStore. Up to 500 events share a transaction.
func (s *Store) Apply(ctx context.Context, tenant string, events []store.Event) error {
	if err := store.CheckTenant(tenant); err != nil {
		return err
	}
	if err := s.usable(ctx); err != nil {
		return err
	}
	done := 0
	for chunk := range slices.Chunk(slices.Clone(events), maxBatch) {
		a := &applier{tenant: tenant, now: s.now()}
		err := s.write(ctx, func(t *tx) error { return a.run(t, chunk) })
		if err == nil {
			for _, c := range a.counts {
				s.traffic.Add(c)
			}
			done += a.applied
			err = a.refusal
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

// applier applies events in one transaction.
type applier struct {
	tenant   string
	tenantID int64
	now      time.Time // by the clock of the store

	applied int
	refusal error // the reason why the event after the applied ones was refused
	counts  []tally.Count
}

// run applies events up to the first one that is refused. That one writes
// nothing, and the ones before it stay applied.
func (a *applier) run(t *tx, events []store.Event) (err error) {
	if a.tenantID, err = t.tenantID(a.tenant); err != nil {
		return err
	}
	for _, e := range events {
		if a.refusal = a.apply(t, e); a.refusal != nil {
			return t.failed(t.err)
		}
		a.applied++
	}
	return nil
}

func (a *applier) apply(t *tx, e store.Event) error {
	if e == nil {
		return fmt.Errorf("sqlite: %w: the event is nil", store.ErrInvalid)
	}
	if err := cmp.Or(e.Check(), store.CheckAhead(a.now, store.EventTime(e))); err != nil {
		return err
	}
	c, err := t.chat(a.tenantID, e.ChatID())
	if err != nil {
		return err
	}
	if seen, ok := e.(store.ChatSeen); ok {
		return a.seen(t, &c, seen)
	}
	if !c.exists() {
		return fmt.Errorf("sqlite: %w", store.ErrUnknownChat)
	}
	switch e := e.(type) {
	case store.Activity:
		return a.active(t, &c, e)
	case store.ParticipantAdded:
		return a.move(t, &c, func(r store.Roster, line recipients.Handle) (store.Roster, error) {
			return people.Joined(r, line, e.Handle, e.At)
		})
	case store.ParticipantRemoved:
		return a.move(t, &c, func(r store.Roster, _ recipients.Handle) (store.Roster, error) {
			return people.Left(r, e.Handle)
		})
	case store.Renamed:
		if c.named == e.Named {
			return nil
		}
		return a.change(t, &c, "set name", e.Named)
	case store.LineLeft:
		if c.lineLeft {
			return nil
		}
		return a.change(t, &c, "line left")
	}
	return fmt.Errorf("sqlite: %w: unknown event %T", store.ErrInvalid, e)
}

// change updates a chat, and moves the revision of its set.
func (a *applier) change(t *tx, c *chatRow, statement string, args ...any) error {
	if _, err := t.exec(statement, append([]any{a.tenantID, c.id}, args...)...); err != nil {
		return err
	}
	return t.changed(c)
}

// seen adds a chat, or makes a known one active later.
func (a *applier) seen(t *tx, c *chatRow, e store.ChatSeen) (err error) {
	created := micros(e.CreatedAt)
	active := max(created, micros(e.ActiveAt))
	if c.exists() {
		if c.line != int64(e.Line.Digits()) {
			return fmt.Errorf("sqlite: %w: the chat is known on another line", store.ErrInvalid)
		}
		if c.service == 0 && e.Service != 0 {
			if _, err := t.exec("set service", a.tenantID, c.id, int64(e.Service)); err != nil {
				return err
			}
		}
		return a.touch(t, c, active)
	}
	names, err := members(e.Participants)
	if err != nil {
		return err
	}
	if a.tenantID, err = t.needTenant(a.tenantID, a.tenant); err != nil {
		return err
	}
	setID, err := t.joinSet(a.tenantID, e.Participants)
	if err != nil {
		return err
	}
	roster := packed.Roster(store.NewRoster(e.Participants, e.CreatedAt))
	_, err = t.exec("add chat", a.tenantID, e.ID[:], setID, int64(e.Line.Digits()), created, active, int64(e.Service), e.Named, roster)
	if err != nil {
		return err
	}
	return t.addNames(a.tenantID, e.ID, names)
}

func (a *applier) active(t *tx, c *chatRow, e store.Activity) error {
	number, err := phone(c.line)
	if err != nil {
		return err
	}
	if err := a.touch(t, c, micros(e.At)); err != nil {
		return err
	}
	a.counts = append(a.counts, tally.Count{
		Tenant: a.tenant, Line: number, Hour: line.HourOf(e.At), Messages: max(1, e.Messages),
	})
	return nil
}

func (a *applier) touch(t *tx, c *chatRow, at int64) error {
	moved, err := t.touch(a.tenantID, c, at)
	if err != nil || !moved {
		return err
	}
	return t.moveRevision(c.setID.Int64)
}

// move gives a chat other participants, and so another set: none if the chat
// has no participants any more, or if our line has left it.
func (a *applier) move(t *tx, c *chatRow, change func(store.Roster, recipients.Handle) (store.Roster, error)) error {
	chat, err := c.chat()
	if err != nil {
		return err
	}
	roster, err := change(chat.Roster, chat.Line)
	if err != nil || roster.Equal(chat.Roster) {
		return err
	}
	names, err := people.Names(chat.Roster.Set(), roster.Set())
	if err != nil {
		return err
	}
	var setID any
	if roster.Len() > 0 && !c.lineLeft {
		if setID, err = t.joinSet(a.tenantID, roster.Set()); err != nil {
			return err
		}
	}
	if err := t.addNames(a.tenantID, chat.ID, names); err != nil {
		return err
	}
	if c.setID.Valid {
		if _, err := t.exec("add past set", a.tenantID, c.id, c.setID.Int64); err != nil {
			return err
		}
	}
	return a.change(t, c, "move chat", setID, packed.Roster(roster))
}
