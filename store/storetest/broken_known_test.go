package storetest_test

import (
	"context"
	"slices"
	"time"

	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

// knowing is a store that changes the questions and answers about known lines.
type knowing struct {
	*memory.Store
	ask    func([][]recipients.Handle) [][]recipients.Handle
	answer func([]store.KnownLine) []store.KnownLine
	all    bool // for every tenant
	takes  bool // it accepts invalid questions
}

func (k knowing) KnownLines(ctx context.Context, tenant string, handles [][]recipients.Handle) ([]store.KnownLine, error) {
	if k.all {
		tenant = "acme"
	}
	if k.takes && store.CheckKnown(tenant, handles) != nil {
		return nil, nil
	}
	if k.ask != nil {
		handles = k.ask(slices.Clone(handles))
	}
	lines, err := k.Store.KnownLines(ctx, tenant, handles)
	if k.answer != nil {
		lines = k.answer(lines)
	}
	return lines, err
}

// remembering keeps the lines of chats that people or our line left.
type remembering struct {
	*memory.Store
	leaves func(store.Event) bool
}

func (r remembering) Apply(ctx context.Context, tenant string, events []store.Event) error {
	return r.Store.Apply(ctx, tenant, slices.DeleteFunc(slices.Clone(events), r.leaves))
}

// clinging does not forget groups.
type clinging struct{ *memory.Store }

func (c clinging) Forget(ctx context.Context, tenant string, h recipients.Handle) (int, error) {
	set, err := recipients.NewSet(h)
	if err != nil {
		return 0, err
	}
	snap, err := c.Lookup(ctx, store.Query{Tenant: tenant, Set: set.Key()})
	if len(snap.Chats) == 0 {
		return 1, err
	}
	return c.Store.Forget(ctx, tenant, h)
}

var knownFaults = []fault{
	{"known/lines of chats in which people take part", "knows what another tenant's people know", func(s *memory.Store) store.ChatStore {
		return knowing{Store: s, all: true}
	}},
	{"known/lines of chats in which people take part", "knows lines of chats that somebody left", func(s *memory.Store) store.ChatStore {
		return remembering{s, func(e store.Event) bool { _, is := e.(store.ParticipantRemoved); return is }}
	}},
	{"known/lines of chats in which people take part", "knows lines that left the chat", func(s *memory.Store) store.ChatStore {
		return remembering{s, func(e store.Event) bool { _, is := e.(store.LineLeft); return is }}
	}},
	{"known/people with several handles", "asks about the first handle alone", func(s *memory.Store) store.ChatStore {
		return knowing{Store: s, ask: func(handles [][]recipients.Handle) [][]recipients.Handle {
			for i := range handles {
				handles[i] = handles[i][:min(1, len(handles[i]))]
			}
			return handles
		}}
	}},
	{"known/people with several handles", "counts handles for people", func(s *memory.Store) store.ChatStore {
		return knowing{Store: s, ask: func(handles [][]recipients.Handle) (each [][]recipients.Handle) {
			for _, h := range slices.Concat(handles...) {
				each = append(each, []recipients.Handle{h})
			}
			return each
		}}
	}},
	{"known/the order of lines, and how many", "puts the most active line first", func(s *memory.Store) store.ChatStore {
		return knowing{Store: s, answer: func(lines []store.KnownLine) []store.KnownLine {
			slices.SortStableFunc(lines, func(a, b store.KnownLine) int { return b.ActiveAt.Compare(a.ActiveAt) })
			return lines
		}}
	}},
	{"known/the order of lines, and how many", "does not know how active a line is", func(s *memory.Store) store.ChatStore {
		return knowing{Store: s, answer: func(lines []store.KnownLine) []store.KnownLine {
			for i := range lines {
				lines[i].ActiveAt = time.Time{}
			}
			return lines
		}}
	}},
	{"known/after people are forgotten", "forgets direct chats alone", func(s *memory.Store) store.ChatStore { return clinging{s} }},
	{"known/copied chats", "copies chats that the line left as if it had not", func(s *memory.Store) store.ChatStore {
		return copier{Store: s, changes: func(items []store.Item) {
			for i := range items {
				if items[i].Chat != nil {
					c := *items[i].Chat
					c.LineLeft = false
					items[i].Chat = &c
				}
			}
		}}
	}},
	{"known/asked about what cannot be", "takes all it is asked", func(s *memory.Store) store.ChatStore {
		return knowing{Store: s, takes: true}
	}},
}
