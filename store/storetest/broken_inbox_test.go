package storetest_test

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

// listener is a store with another Hear.
type listener struct {
	*memory.Store
	hear func(s *memory.Store, ctx context.Context, tenant string, m store.DirectMessage) (uuid.UUID, store.Heard, error)
}

func (h listener) Hear(ctx context.Context, tenant string, m store.DirectMessage) (uuid.UUID, store.Heard, error) {
	return h.hear(h.Store, ctx, tenant, m)
}

// noting is a store with another KeepNote.
type noting struct {
	*memory.Store
	keep func(s *memory.Store, ctx context.Context, tenant string, was, now store.Note) (bool, error)
}

func (n noting) KeepNote(ctx context.Context, tenant string, was, now store.Note) (bool, error) {
	return n.keep(n.Store, ctx, tenant, was, now)
}

// changed hears a changed message.
func changed(change func(*store.DirectMessage)) func(*memory.Store) store.ChatStore {
	return func(s *memory.Store) store.ChatStore {
		return listener{s, func(s *memory.Store, ctx context.Context, tenant string, m store.DirectMessage) (uuid.UUID, store.Heard, error) {
			if m.Check() == nil {
				change(&m)
			}
			return s.Hear(ctx, tenant, m)
		}}
	}
}

// keeping keeps a changed note.
func keeping(change func(was, now *store.Note)) func(*memory.Store) store.ChatStore {
	return func(s *memory.Store) store.ChatStore {
		return noting{s, func(s *memory.Store, ctx context.Context, tenant string, was, now store.Note) (bool, error) {
			change(&was, &now)
			return s.KeepNote(ctx, tenant, was, now)
		}}
	}
}

// lookedUp hears a message in two steps: it looks for the chat, and adds
// another one if it finds none.
func lookedUp(s *memory.Store) store.ChatStore {
	return listener{s, func(s *memory.Store, ctx context.Context, tenant string, m store.DirectMessage) (uuid.UUID, store.Heard, error) {
		alone, err := recipients.NewSet(m.Sender)
		if err != nil {
			return uuid.Nil, 0, err
		}
		found, err := s.Lookup(ctx, store.Query{Tenant: tenant, Set: alone.Key()})
		if err != nil || len(found.Chats) > 0 {
			return s.Hear(ctx, tenant, m)
		}
		time.Sleep(time.Millisecond)
		seen := store.ChatSeen{ID: m.Chat, Line: m.Line, Participants: alone, CreatedAt: m.At}
		return m.Chat, store.HeardNews, s.Apply(ctx, tenant, []store.Event{seen, store.Activity{Chat: m.Chat, At: m.At}})
	}}
}

// trusting drops a note before it compares it.
type trusting struct {
	*memory.Store
	mu sync.Mutex
}

func (f *trusting) KeepNote(ctx context.Context, tenant string, was, now store.Note) (bool, error) {
	if err := store.CheckNote(tenant, &was, &now); err != nil {
		return false, err
	}
	time.Sleep(time.Millisecond) // others write meanwhile
	f.mu.Lock()
	defer f.mu.Unlock()
	is, err := f.Store.Note(ctx, tenant, now.Name)
	if err != nil {
		return false, err
	}
	_, err = f.Store.KeepNote(ctx, tenant, is, now)
	return true, err
}

// unnoted does not import notes.
type unnoted struct{ *memory.Store }

func (u unnoted) Import(ctx context.Context, items []store.Item) (int, error) {
	var rest []store.Item
	for _, item := range items {
		if item.Note == nil {
			rest = append(rest, item)
		}
	}
	return u.Store.Import(ctx, rest)
}

var inboxFaults = []fault{
	{"hear/who writes first has a chat", "counts each telling of a message", func(s *memory.Store) store.ChatStore {
		return listener{s, func(s *memory.Store, ctx context.Context, tenant string, m store.DirectMessage) (uuid.UUID, store.Heard, error) {
			chat, heard, err := s.Hear(ctx, tenant, m)
			if heard == store.HeardBefore {
				err = s.Apply(ctx, tenant, []store.Event{store.Activity{Chat: chat, At: m.At}})
			}
			return chat, heard, err
		}}
	}},
	{"hear/a message counts with its own time", "takes history for news", changed(func(m *store.DirectMessage) { m.At = m.At.Add(24 * time.Hour) })},
	{"hear/which chat is meant", "reads no notes", changed(func(m *store.DirectMessage) { m.Note = "" })},
	{"hear/what the sender says of opting out", "does not listen", changed(func(m *store.DirectMessage) { m.OptedOut = nil })},
	{"hear/races the opening of a chat", "looks before it hears", lookedUp},
	{"hear/many at once are one chat, counted once", "looks before it hears, for many", lookedUp},
	{"note/is kept if it is as it was read", "compares no bodies", func(s *memory.Store) store.ChatStore { return &trusting{Store: s} }},
	{"note/one of many writers at once", "loses what others wrote", func(s *memory.Store) store.ChatStore { return &trusting{Store: s} }},
	{"note/of a message lives as long as its record", "keeps notes of messages for ever", keeping(func(_, now *store.Note) { now.OfMessage = false })},
	{"note/goes with a chat or a person that is forgotten", "knows not whom a note names", keeping(func(_, now *store.Note) { now.Names = nil })},
	{"note/is copied", "does not take notes", func(s *memory.Store) store.ChatStore { return unnoted{s} }},
}
