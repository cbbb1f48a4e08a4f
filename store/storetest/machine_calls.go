package storetest

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// look looks up a set in the model and all stores, and keeps the answer for
// plans.
func (m *machine) look(t *rapid.T) {
	q := store.Query{
		Tenant:    m.tenant(t),
		SkipNamed: rapid.IntRange(0, 4).Draw(t, "skip named") == 4,
	}
	set := pick(t, "set", m.sets)
	switch rapid.IntRange(0, 3).Draw(t, "record") {
	case 1:
		q.IdempotencyKey = m.key(t)
	case 2:
		q.MessageID = m.mail(t)
	case 3:
		q.IdempotencyKey, q.MessageID = m.key(t), m.mail(t)
	}
	m.sight(q, set)
}

// key draws an idempotency key.
func (m *machine) key(t *rapid.T) string {
	return pick(t, "key", []string{"a", "A", "b"})
}

// sight compares the answers to one look-up.
func (m *machine) sight(q store.Query, set recipients.Set) sight {
	q.Set = set.Key()
	want, err := m.model.Lookup(background, q)
	require.NoError(m, err)
	seen := sight{tenant: q.Tenant, set: set, chats: want.Chats, revision: want.Revision}
	for _, s := range m.subjects {
		got, err := s.Store.Lookup(background, q)
		require.NoError(m, err, s.name)
		s.sameRevision(m.T, place{q.Tenant, q.Set}, want.Revision, got.Revision, len(want.Chats) == 0)
		seen.revisions = append(seen.revisions, got.Revision)
		got.Revision = want.Revision
		require.Equal(m, plain(want), plain(got), s.name)
	}
	m.sights = append(m.sights, seen)
	return seen
}

// opened returns the uses of lines that opened chats, without soft counts.
func opened(uses []line.Use) (hardUses []line.Use) {
	for _, u := range uses {
		if u.Window(u.Hour) > 0 {
			hardUses = append(hardUses, hard(u))
		}
	}
	return hardUses
}

// sameRevision checks that a store has exactly one revision for each one of the
// model.
func (s *subject) sameRevision(t *rapid.T, at place, want, got store.Revision, empty bool) {
	known := s.revisions[at]
	if known == nil {
		known = map[store.Revision]store.Revision{0: 0}
		s.revisions[at] = known
	}
	if got == 0 && s.forgot && empty {
		return
	}
	if before, ok := known[want]; ok {
		require.Equal(t, before, got, "%s: the revision moved and should not have", s.name)
		return
	}
	for _, r := range known {
		require.NotEqual(t, r, got, "%s: the revision did not move, or came back", s.name)
	}
	known[want] = got
}

// checkAll compares all sets of all tenants.
func (m *machine) checkAll() {
	for _, tenant := range m.tenants {
		for _, set := range m.sets {
			m.sight(store.Query{Tenant: tenant}, set)
		}
	}
	for _, id := range m.mails {
		m.sight(store.Query{Tenant: m.tenants[0], MessageID: id}, m.sets[0])
	}
}

// commit commits a plan on a new look-up.
func (m *machine) commit(t *rapid.T) {
	m.commitOn(t, m.sight(store.Query{Tenant: m.tenant(t)}, pick(t, "set", m.sets)))
}

// commitStale commits a plan on any earlier look-up.
func (m *machine) commitStale(t *rapid.T) {
	if len(m.sights) > 0 {
		m.commitOn(t, pick(t, "look", m.sights))
	}
}

func (m *machine) commitOn(t *rapid.T, seen sight) {
	reason := store.Reason(rapid.IntRange(1, 3).Draw(t, "reason"))
	some := func() (uuid.UUID, recipients.Handle) {
		if len(seen.chats) > 0 && rapid.IntRange(0, 9).Draw(t, "any chat") > 0 {
			c := pick(t, "chat of the set", seen.chats)
			return c.ID, c.Line
		}
		return m.chat(t), m.line(t)
	}
	at := m.at(t)
	p := planOf(reason, seen.set, uuid.Nil, m.line(t), at, m.fresh())
	p.Tenant = seen.tenant
	if reason == store.ReusedActiveChat {
		p.ChatID, p.Line = some()
	} else if p.ChatID = m.fresh(); rapid.IntRange(0, 19).Draw(t, "chat that exists") == 19 {
		p.ChatID = m.chat(t)
	} else {
		m.chats = append(m.chats, p.ChatID)
		p.NewChatLimit = rapid.IntRange(0, 4).Draw(t, "limit")
		p.FailoverLimit = rapid.IntRange(0, 2).Draw(t, "failovers")
		if rapid.IntRange(0, 2).Draw(t, "paced") == 0 {
			p.Pace = line.Pace{Step: time.Duration(rapid.IntRange(1, 90).Draw(t, "step")) * time.Minute, Burst: rapid.IntRange(1, 3).Draw(t, "burst")}
		}
	}
	if reason == store.FailoverFlagged {
		p.PreviousChatID, _ = some()
	}
	if rapid.IntRange(0, 9).Draw(t, "message again") == 9 {
		p.MessageID = m.mail(t)
	} else {
		m.mails = append(m.mails, p.MessageID)
	}
	if rapid.IntRange(0, 2).Draw(t, "keyed") == 2 {
		p.Key = m.key(t)
	}
	p.KeepUntil = at.Add(time.Duration(rapid.IntRange(0, 3).Draw(t, "keep"))*time.Hour + time.Duration(m.ids)*time.Second)
	m.expiry = append(m.expiry, p.KeepUntil)
	if rapid.Bool().Draw(t, "decorated") {
		p.Notes = []string{"note"}
		p.Attachments = []message.Media{{ID: m.fresh(), Filename: "file", SizeBytes: int64(m.ids)}}
	}
	if m.outboxes && rapid.IntRange(0, 3).Draw(t, "delivered") > 0 {
		withDelivery(p, fmt.Sprint(m.ids))
	}

	p.Revision = seen.revision
	var holding []store.Conflict
	if p.Check() == nil {
		holding = m.model.Conflicts(p)
	}
	commit := func(s store.ChatStore) (store.LeaseID, error) { return store.LeaseID{}, s.Commit(background, p) }
	if m.outboxes && !m.subjects[0].forgot && rapid.Bool().Draw(t, "leased at once") {
		commit = func(s store.ChatStore) (store.LeaseID, error) {
			return s.(store.Leaser).CommitLeased(background, p, time.Minute)
		}
	}
	lease, want := commit(m.model)
	given := leases{model: lease}
	for i, s := range m.subjects {
		p.Revision = seen.revisions[i]
		lease, got := commit(s.Store)
		given.stores = append(given.stores, lease)
		require.Equal(m, given.model.MessageID, lease.MessageID, "%s: is it leased", s.name)
		var conflict *store.Conflict
		if errors.As(got, &conflict) {
			require.True(m, slices.Contains(holding, *conflict), "%s: %v, of %v", s.name, conflict, holding)
			continue
		}
		require.Empty(m, holding, "%s: %v", s.name, got)
		m.sameError(s, want, got)
	}
	if given.model != (store.LeaseID{}) {
		m.leases = append(m.leases, given)
	}
}

// sentinels are the errors that callers distinguish.
var sentinels = []error{
	store.ErrNotWritten, store.ErrInvalid, store.ErrFull, store.ErrClosed, store.ErrUnknownChat, store.ErrNoRecord, store.ErrLeaseLost,
}

// sameError checks that a store fails exactly when the model does, and with the
// same sentinels.
func (m *machine) sameError(s *subject, want, got error) {
	if want == nil {
		require.NoError(m, got, s.name)
		return
	}
	require.Error(m, got, "%s, but not the model: %v", s.name, want)
	for _, sentinel := range sentinels {
		require.Equal(m, errors.Is(want, sentinel), errors.Is(got, sentinel), "%s: is it %q: %v", s.name, sentinel, got)
	}
	var wantEvent, gotEvent *store.EventError
	require.Equal(m, errors.As(want, &wantEvent), errors.As(got, &gotEvent), s.name)
	if wantEvent != nil {
		require.Equal(m, wantEvent.Index, gotEvent.Index, s.name)
		require.Equal(m, wantEvent.Chat, gotEvent.Chat, s.name)
	}
}

// apply applies some events to the model and all stores.
func (m *machine) apply(t *rapid.T) {
	tenant := m.tenant(t)
	var events []store.Event
	for range rapid.IntRange(1, 4).Draw(t, "events") {
		events = append(events, m.event(t))
	}
	if rapid.IntRange(0, 4).Draw(t, "twice") == 4 {
		events = append(events, events...)
	}
	want := m.model.Apply(background, tenant, events)
	for _, s := range m.subjects {
		m.sameError(s, want, s.Store.Apply(background, tenant, events))
	}
	m.sight(store.Query{Tenant: tenant}, pick(t, "set", m.sets))
}

// event draws an event.
func (m *machine) event(t *rapid.T) store.Event {
	switch rapid.IntRange(0, 9).Draw(t, "event") {
	default:
		created := m.at(t)
		e := store.ChatSeen{
			ID: m.chat(t), Line: m.line(t), Participants: pick(t, "set", m.sets),
			Named: rapid.Bool().Draw(t, "named"), Service: message.Service(rapid.IntRange(0, 3).Draw(t, "service")), CreatedAt: created,
		}
		if rapid.Bool().Draw(t, "active") {
			e.ActiveAt = m.at(t)
		}
		return e
	case 3, 4:
		return store.Activity{Chat: m.chat(t), At: m.at(t), Messages: rapid.IntRange(-1, 3).Draw(t, "messages")}
	case 5:
		h := m.person(t)
		if rapid.IntRange(0, 9).Draw(t, "a line joins") == 9 {
			h = m.line(t)
		}
		return store.ParticipantAdded{Chat: m.chat(t), Handle: h, At: m.at(t)}
	case 6, 7:
		return store.ParticipantRemoved{Chat: m.chat(t), Handle: m.person(t)}
	case 8:
		return store.Renamed{Chat: m.chat(t), Named: rapid.Bool().Draw(t, "named")}
	case 9:
		return store.LineLeft{Chat: m.chat(t)}
	}
}
