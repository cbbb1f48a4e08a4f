package castest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// casStore is a store.ChatStore on an engine.
type casStore struct {
	protocol
	closed *atomic.Bool
}

func newStore(e engine) *casStore {
	return &casStore{protocol: protocol{engine: e}, closed: new(atomic.Bool)}
}

func (s *casStore) Close() error {
	s.closed.Store(true)
	return nil
}

func (s *casStore) begin(ctx context.Context) error {
	if s.closed.Load() {
		return store.ErrClosed
	}
	return ctx.Err()
}

// name returns a key in a tenant.
func name(tenant, kind, id string) string { return strconv.Quote(tenant) + " " + kind + " " + id }

func setKey(tenant string, key recipients.Key) string {
	return name(tenant, "set", fmt.Sprintf("%x", key.Bytes()))
}
func lineKey(tenant string, l recipients.Handle) string { return name(tenant, "line", l.String()) }
func chatKey(tenant string, id uuid.UUID) string        { return name(tenant, "chat", id.String()) }
func aloneKey(tenant string, id uuid.UUID) string       { return name(tenant, "alone", id.String()) }
func mailKey(tenant string, id uuid.UUID) string        { return name(tenant, "message", id.String()) }
func recordKey(tenant, key string) string               { return name(tenant, "key", key) }

func (s *casStore) Lookup(ctx context.Context, q store.Query) (snap store.Snapshot, err error) {
	if err := q.Check(); err != nil {
		return snap, err
	}
	if err := s.begin(ctx); err != nil {
		return snap, err
	}
	s.read(func(r *reading) {
		snap = store.Snapshot{}
		set := r.cell(setKey(q.Tenant, q.Set))
		snap.Revision = set.revision
		for _, c := range set.sorted() {
			if q.SkipNamed && c.Named && c.Roster.Set().IsGroup() {
				continue
			}
			if len(snap.Chats) == store.MaxChats {
				snap.More = true
				break
			}
			snap.Chats = append(snap.Chats, c)
		}
		if q.IdempotencyKey != "" {
			snap.Record = cloned(r.cell(recordKey(q.Tenant, q.IdempotencyKey)).record)
		} else if q.MessageID != uuid.Nil {
			snap.Record = cloned(r.cell(mailKey(q.Tenant, q.MessageID)).record)
		}
	})
	return snap, nil
}

// useOf returns the use of a line.
func (s *casStore) useOf(tenant string, l recipients.Handle) (use line.Use) {
	s.read(func(r *reading) { use = r.cell(lineKey(tenant, l)).use })
	return use
}

func cloned(r *store.Record) *store.Record {
	if r == nil {
		return nil
	}
	c := *r
	c.Notes, c.Attachments = slices.Clone(r.Notes), append([]message.Media(nil), r.Attachments...)
	return &c
}

func (s *casStore) Commit(ctx context.Context, p *store.Plan) error {
	if err := p.Check(); err != nil {
		return err
	}
	if err := s.begin(ctx); err != nil {
		return err
	}
	if p.Content != nil {
		return fmt.Errorf("%w: there is no outbox", store.ErrInvalid)
	}
	for {
		set, version := s.ready(setKey(p.Tenant, p.Set.Key()))
		if set.revision != p.Revision {
			return &store.Conflict{Kind: store.RevisionMoved}
		}
		others := s.others(p)
		if wrong := contradiction(set, p); wrong != nil {
			for _, o := range others { // a conflict comes before a contradiction
				c, _ := s.settle(o.key, true)
				if err := o.check(c, true); err != nil {
					return err
				}
			}
			return wrong
		}
		err := s.try(setKey(p.Tenant, p.Set.Key()), version, set, set.changed(after(set, p)), others)
		if errors.Is(err, errAgain) {
			continue
		}
		if err == nil {
			s.count(lineKey(p.Tenant, p.Line), line.HourOf(p.At), 1)
		}
		return err
	}
}

// others returns the cells that a plan changes besides its set.
func (s *casStore) others(p *store.Plan) []other {
	record := cloned(&p.Record)
	record.At, record.KeepUntil = store.Micros(record.At), store.Micros(record.KeepUntil)
	untaken := func(c cell, _ bool) error {
		if c.record != nil {
			return &store.Conflict{Kind: store.KeyTaken}
		}
		return nil
	}
	others := []other{{key: mailKey(p.Tenant, record.MessageID), effect: effect{record: record}, check: untaken}}
	if record.Key != "" {
		others = append(others, other{key: recordKey(p.Tenant, record.Key), effect: effect{record: record}, check: untaken})
	}
	if p.Reason == store.ReusedActiveChat {
		return others
	}
	opening := *p
	slot := func(c cell, free bool) error {
		use := c.use
		for _, in := range c.intents {
			if s.without != holding {
				in.effect.opens.AddOpening(&use) // it may be decided
			}
		}
		switch conflict := opening.Bounded(&use); {
		case conflict == nil:
			return nil
		case !free:
			return errAgain // or it may not: see what happens to it
		default:
			return conflict
		}
	}
	unused := func(c cell, _ bool) error {
		if c.place != "" {
			return fmt.Errorf("%w: the chat to be opened exists", store.ErrInvalid)
		}
		return nil
	}
	return append(others,
		other{key: lineKey(p.Tenant, p.Line), effect: effect{opens: &opening}, check: slot, shared: true},
		other{key: chatKey(p.Tenant, p.ChatID), effect: effect{place: setKey(p.Tenant, p.Set.Key())}, check: unused},
	)
}

// contradiction returns an error if a plan contradicts the set that it rests
// on.
func contradiction(set cell, p *store.Plan) error {
	if p.Reason == store.ReusedActiveChat {
		if i := set.find(p.ChatID); i < 0 || set.chats[i].Line != p.Line {
			return fmt.Errorf("%w: the chat to be reused is not one of the set, or on another line", store.ErrInvalid)
		}
	}
	if p.Reason == store.FailoverFlagged && set.find(p.PreviousChatID) < 0 {
		return fmt.Errorf("%w: the abandoned chat is not one of the set", store.ErrInvalid)
	}
	return nil
}

// after returns the chats of a set after a plan.
func after(set cell, p *store.Plan) []store.Chat {
	at := store.Micros(p.At)
	chats := slices.Clone(set.chats)
	if p.Reason == store.ReusedActiveChat {
		c := &chats[set.find(p.ChatID)]
		c.ActiveAt, c.Successor, c.SucceededAt = later(c.ActiveAt, at), uuid.Nil, time.Time{}
		return chats
	}
	if p.Reason == store.FailoverFlagged {
		old := &chats[set.find(p.PreviousChatID)]
		old.Successor, old.SucceededAt = p.ChatID, at
	}
	active := at
	for _, c := range chats {
		active = later(active, c.ActiveAt.Add(time.Microsecond))
	}
	return append(chats, store.Chat{
		ID: p.ChatID, Line: p.Line, Roster: store.NewRoster(p.Set, at), CreatedAt: at, ActiveAt: active,
	})
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// count counts messages softly: after the commit, not in it.
func (s *casStore) count(key string, hour int64, n int) {
	for {
		c, v := s.get(key)
		c.use.AddMessages(hour, n)
		if s.swap(key, v, c) {
			return
		}
	}
}
