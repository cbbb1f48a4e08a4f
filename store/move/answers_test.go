//go:build unix

package move_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// answers are a store's answers to all questions, without revisions, change
// numbers and leases, which belong to each store.
type answers struct {
	lookups   []string
	decisions []string
	chats     []string
	uses      map[string]line.Use
	states    map[string]line.State
	parked    []string
	backlog   store.Backlog
}

func (w *world) answers(s store.Store) answers {
	a := answers{uses: make(map[string]line.Use), states: make(map[string]line.State)}
	for _, tenant := range tenants {
		for _, set := range sets() {
			for _, skip := range []bool{false, true} {
				snap, err := s.Lookup(ctx, store.Query{Tenant: tenant, Set: set.Key(), SkipNamed: skip})
				require.NoError(w, err)
				for _, c := range snap.Chats {
					a.lookups = append(a.lookups, fmt.Sprint(tenant, set, skip, snap.More, shown(c)))
				}
			}
		}
		for _, mail := range w.mails {
			r, err := s.Decision(ctx, tenant, mail)
			if errors.Is(err, store.ErrNoRecord) {
				continue
			}
			require.NoError(w, err)
			snap, err := s.Lookup(ctx, store.Query{Tenant: tenant, Set: r.Roster.Set().Key(), IdempotencyKey: r.Key, MessageID: mail})
			require.NoError(w, err)
			require.NotNil(w, snap.Record)
			require.Equal(w, recorded(r), recorded(*snap.Record))
			a.decisions = append(a.decisions, fmt.Sprint(tenant, recorded(r)))
		}
		for i := range 3 {
			chats, _, err := s.ChatsOfLine(ctx, tenant, number(i), uuid.Nil, 0)
			require.NoError(w, err)
			for _, c := range chats {
				a.chats = append(a.chats, fmt.Sprint(tenant, shown(c)))
			}
		}
		parked, _, err := s.Parked(ctx, tenant, uuid.Nil, 0)
		require.NoError(w, err)
		for _, p := range parked {
			a.parked = append(a.parked, fmt.Sprint(tenant, p.Attempts, p.At, p.Delivery))
		}
	}
	uses, _, err := s.LineUse(ctx, 0, 0)
	require.NoError(w, err)
	for _, u := range uses {
		u.Change = 0
		a.uses[u.Tenant+u.Number.String()] = u
	}
	states, _, err := s.LineStates(ctx, 0, 0)
	require.NoError(w, err)
	for _, st := range states {
		st.Change = 0
		a.states[st.Tenant+st.Number.String()] = st
	}
	a.backlog, err = s.Backlog(ctx)
	require.NoError(w, err)
	return a
}

// same fails unless two stores gave the same answers. It reports the first
// difference.
func (w *world) same(want, got answers) {
	for _, texts := range [][2][]string{
		{want.lookups, got.lookups}, {want.decisions, got.decisions}, {want.chats, got.chats}, {want.parked, got.parked},
	} {
		for i := range min(len(texts[0]), len(texts[1])) {
			require.Equal(w, texts[0][i], texts[1][i])
		}
		require.Equal(w, len(texts[0]), len(texts[1]))
	}
	require.Equal(w, want.uses, got.uses)
	require.Equal(w, want.states, got.states)
	require.Equal(w, want.backlog, got.backlog)
}

// shown returns all of a chat as text.
func shown(c store.Chat) string {
	text := fmt.Sprint(c.ID, c.Line, c.Service, c.Named, c.LineLeft, c.CreatedAt, c.ActiveAt, c.Successor, c.SucceededAt, c.Roster.Since())
	for i, h := range c.Roster.Set().All() {
		text += fmt.Sprint(h, c.Roster.JoinedAt(i))
	}
	return text
}

func recorded(r store.Record) string {
	roster := shown(store.Chat{Roster: r.Roster})
	r.Roster = store.Roster{}
	return fmt.Sprintf("%+v %s", r, roster)
}

// deeds does the same to each of two equal stores, and returns what happened.
func (w *world) deeds(s store.Store) (did []string) {
	// A lease in one store is not in the other.
	for _, tenant := range tenants {
		order := make(map[uuid.UUID][]string)
		const patience = 30 // rounds of 10 ms: longer than a chat waits for the chats before it
		for idle := 0; ; idle++ {
			claimed, err := s.Claim(ctx, time.Hour, 1)
			require.NoError(w, err)
			if len(claimed) == 0 {
				b, err := s.Backlog(ctx)
				require.NoError(w, err)
				if b.Waiting == 0 || idle == patience {
					break
				}
				time.Sleep(10 * time.Millisecond)
			}
			for _, c := range claimed {
				idle = 0
				order[c.Delivery.ChatID] = append(order[c.Delivery.ChatID], fmt.Sprint(c.Lease.Tenant, c.Attempts, c.At, c.Delivery))
				require.NoError(w, s.Ack(ctx, c.Lease))
			}
		}
		for _, chat := range w.chats {
			did = append(did, order[chat]...)
		}
		parked, _, err := s.Parked(ctx, tenant, uuid.Nil, 0)
		require.NoError(w, err)
		for _, p := range parked {
			require.NoError(w, s.Release(ctx, tenant, p.Delivery.MessageID, false))
		}
	}
	for _, tenant := range tenants {
		for i := range 3 { // the limits: how many more chats the line may open
			did = append(did, fmt.Sprint(w.fill(s, tenant, number(i))))
		}
		for i := range 4 { // the names under which a person is found
			n, err := s.Forget(ctx, tenant, person(i))
			require.NoError(w, err)
			did = append(did, fmt.Sprint(n))
		}
	}
	n, err := s.Purge(ctx, noon.Add(1000*time.Hour), 0)
	require.NoError(w, err)
	return append(did, fmt.Sprint(n))
}

// fill opens chats on a line until it is full, and returns the conflict.
func (w *world) fill(s store.Store, tenant string, on recipients.Handle) string {
	for n := range 100 {
		set, err := recipients.NewSet(phone(14_155_550_000 + int(on.Digits()%10)*100 + n))
		require.NoError(w, err)
		at := noon.Add(30 * time.Hour)
		err = s.Commit(ctx, &store.Plan{Tenant: tenant, Set: set, NewChatLimit: 20, Record: store.Record{
			MessageID: uuid.New(), Reason: store.NewBestNumber, ChatID: uuid.New(), Line: on, At: at,
			Roster: store.NewRoster(set, at), KeepUntil: at,
		}})
		if full, is := errors.AsType[*store.Conflict](err); is {
			return fmt.Sprint(n, full.Kind, full.NextFree)
		}
		require.NoError(w, err)
	}
	return "never full"
}
