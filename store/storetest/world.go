package storetest

import (
	"encoding/binary"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// acme is the tenant of clauses that need no special one.
const acme = "acme"

// noon is the time at which most clauses begin.
var noon = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)

// world is a store with short forms of the calls in clauses. Ids come from a
// counter, so that a clause does the same in every run.
type world struct {
	testing.TB
	Harness
	tenant string
	ids    uint64

	// What plans touched, for observe.
	sets  []recipients.Set
	lines []recipients.Handle
	mails []uuid.UUID
	keys  []string
}

func newWorld(tb testing.TB, h Harness) *world {
	return &world{TB: tb, Harness: h, tenant: acme}
}

func (w *world) close() {
	if c, ok := w.Store.(io.Closer); ok {
		require.NoError(w, c.Close())
	}
}

// id returns a new id, greater than all before.
func (w *world) id() uuid.UUID {
	w.ids++
	var id uuid.UUID
	id[0], id[6], id[8] = 0x10, 0x70, 0x80
	binary.BigEndian.PutUint32(id[12:], uint32(w.ids))
	return id
}

// person returns one of the people, and number one of our lines.
func person(i int) recipients.Handle { return digits(12025550000 + uint64(i)) }
func number(i int) recipients.Handle { return digits(13015550000 + uint64(i)) }

func digits(d uint64) recipients.Handle {
	h, err := recipients.FromDigits(d)
	if err != nil {
		panic(err)
	}
	return h
}

// people returns the set of some people.
func people(is ...int) recipients.Set {
	handles := make([]recipients.Handle, len(is))
	for i, n := range is {
		handles[i] = person(n)
	}
	return setOf(handles...)
}

func setOf(handles ...recipients.Handle) recipients.Set {
	set, err := recipients.NewSet(handles...)
	if err != nil {
		panic(err)
	}
	return set
}

// look looks up a set.
func (w *world) look(set recipients.Set) store.Snapshot {
	w.Helper()
	return w.lookup(store.Query{Set: set.Key()})
}

// lookup looks up in the tenant of the world.
func (w *world) lookup(q store.Query) store.Snapshot {
	w.Helper()
	q.Tenant = w.tenant
	snap, err := w.Store.Lookup(background, q)
	require.NoError(w, err)
	return snap
}

// revision returns the revision of a set.
func (w *world) revision(set recipients.Set) store.Revision {
	w.Helper()
	return w.look(set).Revision
}

// chat returns a chat of a set, and fails if the set does not have it.
func (w *world) chat(set recipients.Set, id uuid.UUID) store.Chat {
	w.Helper()
	for _, c := range w.look(set).Chats {
		if c.ID == id {
			return c
		}
	}
	require.FailNow(w, "the set does not have the chat", "%s", id)
	return store.Chat{}
}

// opening returns a plan that opens a chat, on the current revision.
func (w *world) opening(set recipients.Set, line recipients.Handle, at time.Time) *store.Plan {
	w.Helper()
	return w.plan(store.NewBestNumber, set, w.id(), line, at)
}

// reusing returns a plan that reuses a chat, on the current revision.
func (w *world) reusing(set recipients.Set, chat uuid.UUID, at time.Time) *store.Plan {
	w.Helper()
	return w.plan(store.ReusedActiveChat, set, chat, w.chat(set, chat).Line, at)
}

// failing returns a plan that fails over from a chat, on the current revision.
func (w *world) failing(set recipients.Set, from uuid.UUID, line recipients.Handle, at time.Time) *store.Plan {
	w.Helper()
	p := w.plan(store.FailoverFlagged, set, w.id(), line, at)
	p.PreviousChatID = from
	return p
}

func (w *world) plan(reason store.Reason, set recipients.Set, chat uuid.UUID, line recipients.Handle, at time.Time) *store.Plan {
	w.Helper()
	p := planOf(reason, set, chat, line, at, w.id())
	p.Tenant, p.Revision = w.tenant, w.revision(set)
	w.touch(p)
	return p
}

// planOf returns a complete plan for acme.
func planOf(reason store.Reason, set recipients.Set, chat uuid.UUID, line recipients.Handle, at time.Time, mail uuid.UUID) *store.Plan {
	return &store.Plan{
		Tenant: acme, Set: set,
		Record: store.Record{
			MessageID: mail, ChatID: chat, Line: line, Reason: reason, At: at,
			Roster:      store.NewRoster(set, at),
			Service:     message.IMessage,
			Fingerprint: message.Fingerprint{Version: 1, Sum: [32]byte{1, 2, 3}},
			Trace:       "trace of " + mail.String(),
			KeepUntil:   at.Add(time.Hour),
		},
	}
}

// withKey sets the idempotency key of a plan.
func (w *world) withKey(p *store.Plan, key string) *store.Plan {
	p.Key = key
	w.touch(p)
	return p
}

// withDelivery adds a delivery of that content to a plan.
func withDelivery(p *store.Plan, content string) *store.Plan {
	p.Content = []byte(content)
	return p
}

// loaded adds everything to a plan that it can carry: a key, and a delivery if
// the store has an outbox.
func (w *world) loaded(p *store.Plan) *store.Plan {
	if _, ok := w.Store.(store.Outbox); ok {
		withDelivery(p, "content")
	}
	return w.withKey(p, "key "+p.MessageID.String())
}

// touch notes what observe must read.
func (w *world) touch(p *store.Plan) {
	w.sets = append(w.sets, p.Set)
	w.lines = append(w.lines, p.Line)
	w.mails = append(w.mails, p.MessageID)
	if p.Key != "" {
		w.keys = append(w.keys, p.Key)
	}
}

// commit commits a plan and returns the id of its chat.
func (w *world) commit(p *store.Plan) uuid.UUID {
	w.Helper()
	require.NoError(w, w.Store.Commit(background, p))
	return p.ChatID
}

// open opens a chat and returns its id.
func (w *world) open(set recipients.Set, line recipients.Handle, at time.Time) uuid.UUID {
	w.Helper()
	return w.commit(w.opening(set, line, at))
}

// reuse reuses a chat.
func (w *world) reuse(set recipients.Set, chat uuid.UUID, at time.Time) {
	w.Helper()
	w.commit(w.reusing(set, chat, at))
}

// conflict commits a plan, and checks that it ends in a conflict and writes
// nothing.
func (w *world) conflict(p *store.Plan, kind store.ConflictKind) *store.Conflict {
	w.Helper()
	var conflict *store.Conflict
	w.unchanged(func() {
		w.Helper()
		err := w.Store.Commit(background, p)
		require.ErrorAs(w, err, &conflict)
		require.ErrorIs(w, err, store.ErrNotWritten)
		require.Equal(w, kind, conflict.Kind)
	})
	return conflict
}

// refused commits a plan, and checks that it is refused with an error that is
// no conflict, and writes nothing.
func (w *world) refused(p *store.Plan, want error) {
	w.Helper()
	w.unchanged(func() {
		w.Helper()
		err := w.Store.Commit(background, p)
		require.ErrorIs(w, err, want)
		require.ErrorIs(w, err, store.ErrNotWritten)
		var conflict *store.Conflict
		require.False(w, errors.As(err, &conflict))
	})
}

// apply applies events.
func (w *world) apply(events ...store.Event) {
	w.Helper()
	require.NoError(w, w.Store.Apply(background, w.tenant, events))
}

// seen applies a ChatSeen of a new chat, and returns its id.
func (w *world) seen(set recipients.Set, line recipients.Handle, at time.Time) uuid.UUID {
	w.Helper()
	id := w.id()
	w.apply(store.ChatSeen{ID: id, Line: line, Participants: set, CreatedAt: at})
	return id
}

// notApplied applies events, and checks that the one at index is refused.
func (w *world) notApplied(index int, want error, events ...store.Event) {
	w.Helper()
	err := w.Store.Apply(background, w.tenant, events)
	require.ErrorIs(w, err, want)
	var failed *store.EventError
	require.ErrorAs(w, err, &failed)
	require.Equal(w, index, failed.Index)
	if e := events[index]; e != nil {
		require.Equal(w, e.ChatID(), failed.Chat)
	}
}

// settle makes soft counts visible.
func (w *world) settle() {
	if w.Settle != nil {
		w.Settle()
	}
}

// idsOf returns the ids of chats, in their order.
func idsOf(chats []store.Chat) []uuid.UUID {
	ids := make([]uuid.UUID, len(chats))
	for i, c := range chats {
		ids[i] = c.ID
	}
	return ids
}

// decorate sets every field of a record that planOf leaves empty.
func (w *world) decorate(r *store.Record) {
	r.Roster = store.NewRosterJoined(people(1, 2), noon, []time.Time{noon.Add(time.Second), noon.Add(time.Minute)})
	r.Service = message.SMS
	r.Continuation, r.MoreChats = true, true
	r.Fingerprint.Version = 255
	for i := range r.Fingerprint.Sum {
		r.Fingerprint.Sum[i] = byte(255 - i)
	}
	r.Attachments = []message.Media{
		{ID: w.id(), Filename: "photo.jpg", MimeType: "image/jpeg", SizeBytes: 1 << 40, URL: "https://example.com/photo.jpg"},
		{ID: w.id()},
		{ID: w.id(), Filename: "b"},
	}
	r.Notes = []string{"text.link", "", "text.link"}
}
