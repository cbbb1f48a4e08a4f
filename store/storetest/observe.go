package storetest

import (
	"slices"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// observation is all that is visible of the things that a clause touched.
type observation struct {
	Sets    []store.Snapshot
	Keys    []*store.Record
	Mails   []*store.Record
	Uses    []line.Use
	Backlog store.Backlog
}

// observe reads everything that plans of this world touched.
func (w *world) observe() observation {
	w.Helper()
	var o observation
	for _, set := range w.sets {
		snap := plain(w.look(set))
		o.Sets = append(o.Sets, snap)
	}
	for _, key := range w.keys {
		o.Keys = append(o.Keys, w.lookup(store.Query{Set: people(0).Key(), IdempotencyKey: key}).Record)
	}
	for _, id := range w.mails {
		o.Mails = append(o.Mails, w.lookup(store.Query{Set: people(0).Key(), MessageID: id}).Record)
	}
	for i := range o.Keys {
		o.Keys[i] = plainRecord(o.Keys[i])
	}
	for i := range o.Mails {
		o.Mails[i] = plainRecord(o.Mails[i])
	}
	o.Uses = w.uses(w.lines...)
	if outbox, ok := w.Store.(store.Outbox); ok {
		var err error
		o.Backlog, err = outbox.Backlog(background)
		require.NoError(w, err)
	}
	return o
}

// unchanged calls do, and checks that nothing visible has changed.
func (w *world) unchanged(do func()) {
	w.Helper()
	before := w.observe()
	do()
	require.Equal(w, before, w.observe(), "something was written")
}

// uses returns how many chats some lines of the tenant opened, in the order of
// the lines. It omits soft counts and change numbers. It is empty if the store
// is no UseReader.
func (w *world) uses(lines ...recipients.Handle) []line.Use {
	w.Helper()
	return opened(w.allUses(lines...))
}

// requireUse checks the use of a line that has some, if the store is a
// UseReader.
func (w *world) requireUse(number recipients.Handle, check func(line.Use)) {
	w.Helper()
	if !w.has(UseReader) {
		return
	}
	uses := w.uses(number)
	require.Len(w, uses, 1)
	check(uses[0])
}

// allUses returns the use of those of some lines of the tenant that have any,
// in the order of the lines.
func (w *world) allUses(lines ...recipients.Handle) (found []line.Use) {
	w.Helper()
	if _, shows := w.Store.(store.UseReader); !shows {
		return nil
	}
	uses, _ := w.follow(0, store.MaxPage)
	for i, l := range lines {
		if slices.Contains(lines[:i], l) {
			continue
		}
		for _, u := range uses {
			if u.Tenant == w.tenant && u.Number == l {
				found = append(found, u)
			}
		}
	}
	return found
}

// hard returns a use without soft counts and change number.
func hard(u line.Use) line.Use {
	return line.Use{Tenant: u.Tenant, Number: u.Number, Hour: u.Hour, NewChats: u.NewChats, Failovers: u.Failovers, PacedAt: u.PacedAt}
}

// plain returns a snapshot such that equal ones are deeply equal.
func plain(s store.Snapshot) store.Snapshot {
	s.Chats = append([]store.Chat(nil), s.Chats...)
	s.Record = plainRecord(s.Record)
	return s
}

func plainRecord(r *store.Record) *store.Record {
	if r == nil {
		return nil
	}
	c := *r
	if len(c.Attachments) == 0 {
		c.Attachments = nil
	}
	if len(c.Notes) == 0 {
		c.Notes = nil
	}
	return &c
}

// kept returns a record as a store returns it.
func kept(r store.Record) *store.Record {
	r.At, r.KeepUntil, r.NotBefore = store.Micros(r.At), store.Micros(r.KeepUntil), store.Micros(r.NotBefore)
	return plainRecord(&r)
}

// requireChat checks all fields of a chat.
func (w *world) requireChat(want, got store.Chat) {
	w.Helper()
	require.Equal(w, want, got)
}

// requireOrder checks the chats of a set and their order.
func (w *world) requireOrder(set recipients.Set, want ...uuid.UUID) {
	w.Helper()
	require.Equal(w, want, append([]uuid.UUID(nil), idsOf(w.look(set).Chats)...))
}
