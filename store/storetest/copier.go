package storetest

import (
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// exported returns the items of the tenants whose names have a prefix.
func (w *world) exported(tenants string) (items []store.Item) {
	w.Helper()
	w.settle()
	counts := map[string]int{"": 0, "nobody": 0}
	for item, err := range w.Store.(store.Copier).Export(background) {
		require.NoError(w, err)
		require.NoError(w, item.Check())
		counts[""]++
		if counts[item.Tenant]++; strings.HasPrefix(item.Tenant, tenants) {
			items = append(items, item)
		}
	}
	for tenant, want := range counts {
		n, err := w.Store.(store.Copier).Count(background, tenant)
		require.NoError(w, err)
		require.Equal(w, want, n, "the count of %q", tenant)
	}
	return items
}

// imported imports items, and checks how many changed something.
func (w *world) imported(changed int, items ...store.Item) {
	w.Helper()
	n, err := w.Store.(store.Copier).Import(background, items)
	require.NoError(w, err)
	require.Equal(w, changed, n)
}

// under returns items as those of a tenant that has none.
func under(tenant string, items []store.Item) []store.Item {
	moved := make([]store.Item, len(items))
	for i, item := range items {
		item.Tenant = tenant
		if item.State != nil {
			item.State = new(*item.State)
			item.State.Tenant = tenant
		}
		if item.Use != nil {
			item.Use = new(*item.Use)
			item.Use.Tenant = tenant
		}
		moved[i] = item
	}
	return moved
}

// full fills a world with items of all kinds, and returns its chats: one that
// was reused, one that took over from it, one whose participants changed, and
// one that our line left.
func (w *world) full() (opened, next, moved, left uuid.UUID) {
	w.Helper()
	set := people(1, 2)
	p := w.loaded(w.opening(set, number(1), noon))
	w.decorate(&p.Record)
	opened = w.commit(p)
	w.commit(w.loaded(w.reusing(set, opened, noon.Add(time.Minute))))
	failover := w.loaded(w.failing(set, opened, number(2), noon.Add(time.Hour)))
	failover.Pace, failover.NotBefore = paced, failover.At
	next = w.commit(failover)
	moved = w.seen(people(1), number(2), noon)
	w.apply(
		store.ParticipantAdded{Chat: moved, Handle: person(3), At: noon.Add(time.Hour)},
		store.ParticipantRemoved{Chat: moved, Handle: person(1)},
		store.Renamed{Chat: moved, Named: true},
		store.Activity{Chat: moved, At: noon.Add(3 * time.Hour), Messages: 7},
	)
	left = w.seen(people(4), number(1), noon)
	w.apply(store.LineLeft{Chat: left})
	if s, ok := w.Store.(store.LineStates); ok {
		_, err := s.ReportLine(background, line.State{
			Tenant: w.tenant, Number: number(1), Status: line.Flagged, StatusAt: noon, Reputation: line.AtRisk, ReputationAt: noon.Add(time.Hour),
		})
		require.NoError(w, err)
	}
	return opened, next, moved, left
}

var copierClauses = []Clause{
	{
		Name:  "copy/everything, once",
		IDs:   []string{"copy.all", "copy.count", "copy.order"},
		Needs: []Power{Copier, ChatReader, DecisionReader, UseReader, LineStates, Outbox, Forgetter},
		check: func(w *world) {
			require.Empty(w, w.exported(""))
			opened, next, moved, left := w.full()
			w.commit(withDelivery(w.opening(people(8), number(1), noon), "forgotten"))
			for _, c := range w.claim(0) { // all due deliveries
				require.NoError(w, w.Store.(store.Outbox).Try(background, c.Lease, 1))
			}
			w.forget(person(8), 1)
			w.tenant = "another tenant"
			w.full()
			w.tenant = acme

			s := w.Store.(store.DecisionReader)
			deliveries := make(map[uuid.UUID]int)
			kinds := make(map[string]int)
			chats := make(map[uuid.UUID]*store.CopiedChat)
			for _, item := range w.exported(acme) {
				switch {
				case item.State != nil:
					kinds["state"]++
					require.Equal(w, line.Flagged, item.State.Status)
					require.Equal(w, noon.Add(time.Hour), item.State.ReputationAt)
				case item.Use != nil:
					kinds["use"]++
					require.Equal(w, w.uses(item.Use.Number), []line.Use{hard(*item.Use)})
				case item.Chat != nil:
					kinds["chat"]++
					chats[item.Chat.ID] = item.Chat
					w.requireChat(w.read(item.Chat.ID), item.Chat.Chat)
				case item.Record != nil:
					kinds["record"]++
					r, err := s.Decision(background, acme, item.Record.MessageID)
					require.NoError(w, err)
					require.Equal(w, plainRecord(&r), plainRecord(item.Record))
				default:
					kinds["delivery"]++
					d := item.Delivery
					deliveries[d.ChatID]++
					require.Equal(w, "content", string(d.Content))
					require.False(w, d.Parked)
					// The head of the first chat was tried, and holds back the
					// other's.
					require.Equal(w, d.ChatID == opened && deliveries[d.ChatID] == 1, d.Attempts == 1)
				}
			}
			require.Equal(w, map[string]int{"state": 1, "use": 2, "chat": 4, "record": 3, "delivery": 3}, kinds)
			require.Equal(w, map[uuid.UUID]int{opened: 2, next: 1}, deliveries)
			require.Equal(w, []recipients.Key{people(1).Key()}, chats[moved].Past)
			require.Empty(w, chats[opened].Past)
			require.Empty(w, chats[left].Past)
			require.Len(w, w.exported("another"), 13)
		},
	},
	{
		Name:  "copy/one tenant",
		IDs:   []string{"copy.tenant", "copy.counted"},
		Needs: []Power{Copier},
		check: func(w *world) {
			for _, tenant := range []string{acme, "acm", "acme2", "another tenant"} {
				w.tenant = tenant
				w.full()
				if _, is := w.Store.(store.Consents); is {
					w.say(person(1), block(true, "why", noon), true)
				}
				if _, is := w.Store.(store.Inbox); is {
					w.keepNote(store.Note{}, store.Note{Name: "a note", Of: w.id(), Body: []byte(tenant)}, true)
				}
			}
			w.tenant = acme
			for _, tenant := range []string{acme, "acm", "unknown"} {
				var want, got []store.Item
				for _, item := range w.exported(tenant) {
					if item.Tenant == tenant {
						want = append(want, item)
					}
				}
				for item, err := range w.Store.(store.Copier).ExportTenant(background, tenant) {
					require.NoError(w, err)
					got = append(got, item)
				}
				require.ElementsMatch(w, want, got)
				require.Equal(w, tenant == "unknown", len(got) == 0)
				for range w.Store.(store.Copier).ExportTenant(background, tenant) {
					break
				}
			}
			for _, err := range w.Store.(store.Copier).ExportTenant(background, "") {
				require.ErrorIs(w, err, store.ErrInvalid)
			}
			for _, tenant := range []string{"\xff", "a\x00", strings.Repeat("a", store.MaxTenant+1)} {
				_, err := w.Store.(store.Copier).Count(background, tenant)
				require.ErrorIs(w, err, store.ErrInvalid)
			}
		},
	},
	{
		Name:  "copy/more than a page",
		IDs:   []string{"copy.all", "copy.count", "copy.tenant"},
		Needs: []Power{Copier},
		check: func(w *world) {
			const more = store.MaxPage + 50
			w.open(people(0), number(1), noon)
			var one *store.CopiedChat
			for _, item := range w.exported(acme) {
				if item.Chat != nil {
					one = item.Chat
				}
			}
			var items []store.Item
			want := map[uuid.UUID]int{one.ID: 1}
			for i := range more {
				c := *one
				c.ID, c.Roster = w.id(), store.NewRoster(people(1+i), c.CreatedAt)
				items, want[c.ID] = append(items, store.Item{Tenant: acme, Chat: &c}), 1
			}
			for some := range slices.Chunk(items, 100) {
				w.imported(len(some), some...)
			}
			chats := func(of iter.Seq2[store.Item, error]) map[uuid.UUID]int {
				seen := map[uuid.UUID]int{}
				for item, err := range of {
					require.NoError(w, err)
					if item.Chat != nil {
						seen[item.Chat.ID]++
					}
				}
				return seen
			}
			require.Equal(w, want, chats(w.Store.(store.Copier).Export(background)))
			require.Equal(w, want, chats(w.Store.(store.Copier).ExportTenant(background, acme)))
			w.exported(acme) // and their count
		},
	},
	{
		Name:  "copy/an export that ends early",
		IDs:   []string{"copy.early"},
		Needs: []Power{Copier},
		check: func(w *world) {
			for i := range 5 {
				w.open(people(i), number(i), noon)
			}
			for n := range 4 {
				for range w.Store.(store.Copier).Export(background) {
					if n--; n < 0 {
						break
					}
				}
				w.open(people(10+n), number(1), noon)
			}
		},
	},
	{
		Name:  "copy/what was imported answers as it did",
		IDs:   []string{"copy.keeps", "copy.joins"},
		Needs: []Power{Copier, ChatReader, UseReader, LineStates, Forgetter},
		check: func(w *world) {
			opened, next, moved, left := w.full()
			w.seen(people(1, 2), number(3), noon.Add(30*time.Minute)) // between the two other chats
			items := under("copy", w.exported(acme))
			w.imported(len(items), items...)
			w.imported(0, items...)
			w.settle()
			uses, _ := w.follow(0, 100)
			states, _ := w.states(0, 100)
			require.Len(w, uses, 4)
			require.Len(w, states, 2)
			require.Equal(w, states[0].StatusAt, states[1].StatusAt)
			require.Equal(w, states[0].Status, states[1].Status)

			for _, set := range []recipients.Set{people(1, 2), people(1), people(3), people(4)} {
				was := plain(w.look(set))
				w.tenant = "copy"
				is := plain(w.look(set))
				w.tenant = acme
				was.Revision, is.Revision = 0, 0
				require.Equal(w, was, is)
			}
			for _, id := range []uuid.UUID{opened, next, moved, left} {
				was := w.read(id)
				w.tenant = "copy"
				w.requireChat(was, w.read(id))
				w.tenant = acme
			}
			for _, mail := range w.mails {
				was := w.record(mail)
				w.tenant = "copy"
				require.Equal(w, plainRecord(was), plainRecord(w.record(mail)))
				require.NotNil(w, w.lookup(store.Query{IdempotencyKey: was.Key}).Record)
				w.tenant = acme
			}
			was := w.uses(number(1), number(2))
			w.tenant = "copy"
			for i, u := range w.uses(number(1), number(2)) {
				was[i].Tenant = "copy"
				require.Equal(w, was[i], u)
			}
			p := w.opening(people(9), number(1), noon.Add(2*time.Hour))
			p.NewChatLimit = 1
			w.conflict(p, store.LineFull)
			w.forget(person(4), 1)
			w.forget(person(1), 4)
			w.forget(person(3), 0)
		},
	},
	{
		Name:  "copy/deliveries as they stood",
		IDs:   []string{"copy.order", "copy.behind"},
		Needs: []Power{Copier, Outbox},
		check: func(w *world) {
			s := w.Store.(store.Outbox)
			for i := range 6 {
				w.ids ^= 1 << 31 // message ids do not have the order of commits
				w.deliver(1, string(rune('a'+i)))
			}
			w.deliver(2, "later")
			for _, content := range []string{"a", "b"} {
				got := w.claimed()
				if content == "a" {
					require.NoError(w, s.Park(background, got[content], 1, store.ParkedRefused))
				} else {
					require.NoError(w, s.Nack(background, got[content], 1, 0))
				}
				if later, ok := got["later"]; ok {
					require.NoError(w, s.Nack(background, later, 1, time.Hour))
				}
			}
			items := under("copy", w.exported(acme))
			w.imported(len(items), items...)
			backlog, err := s.Backlog(background)
			require.NoError(w, err)
			require.Equal(w, [2]int{12, 2}, [2]int{backlog.Waiting, backlog.Parked})
			claims := 0
			for range 6 { // six deliveries of acme, and each time the first of the copy
				for _, c := range w.claim(0) {
					if c.Lease.Tenant == acme {
						require.NoError(w, s.Ack(background, c.Lease))
					} else {
						require.Equal(w, "b", string(c.Delivery.Content))
						require.NoError(w, s.Nack(background, c.Lease, 1, 0))
						claims++
					}
				}
			}
			require.Equal(w, 6, claims)
			w.tenant = "copy"
			parked := w.parked(10)
			require.Len(w, parked, 1)
			require.Equal(w, "a", string(parked[0].Delivery.Content))
			require.Equal(w, 1, parked[0].Attempts)
			require.Equal(w, store.ParkedRefused, parked[0].Why)
			require.Equal(w, noon, parked[0].At)
			require.NoError(w, s.Release(background, "copy", parked[0].Delivery.MessageID, false))
			for _, content := range []string{"a", "b", "c", "d", "e", "f"} {
				got := w.claim(10)
				require.Len(w, got, 1, "one waits for its retry")
				require.Equal(w, content, string(got[0].Delivery.Content))
				require.NoError(w, s.Ack(background, got[0].Lease))
			}
			backlog, err = s.Backlog(background)
			require.NoError(w, err)
			require.Equal(w, 2, backlog.Waiting)
		},
	},
	{
		Name:  "copy/what is there stays",
		IDs:   []string{"copy.stays", "copy.merges", "copy.joins"},
		Needs: []Power{Copier, LineStates, Outbox},
		check: func(w *world) {
			w.full()
			items := w.exported(acme)
			stale := w.opening(people(1, 2), number(3), noon.Add(24*time.Hour))
			w.unchanged(func() {
				for _, item := range items {
					switch {
					case item.State != nil:
						continue
					case item.Use != nil:
						item.Use = new(*item.Use)
						item.Use.NewChats[0] += 5
					case item.Chat != nil:
						item.Chat = new(*item.Chat)
						item.Chat.ActiveAt = noon.Add(100 * time.Hour)
					case item.Record != nil:
						item.Record = new(*item.Record)
						item.Record.KeepUntil = noon.Add(100 * time.Hour)
						w.imported(0, item)
						item.Record.MessageID = w.id() // the idempotency key is taken then
					default:
						item.Delivery = new(*item.Delivery)
						item.Delivery.Content = []byte("another")
					}
					w.imported(0, item)
				}
			})
			for _, item := range items {
				if item.State != nil {
					item.State = new(*item.State)
					item.State.Status, item.State.StatusAt = line.Active, noon.Add(time.Hour)
					w.imported(1, item)
					w.imported(0, item)
				}
			}
			_, err := w.Store.(store.LineStates).ReportLine(background, line.State{
				Tenant: acme, Number: number(1), Status: line.Flagged, StatusAt: noon.Add(time.Minute),
			})
			require.NoError(w, err)
			states, _ := w.states(0, 10)
			require.Equal(w, line.Active, states[0].Status)
			require.Equal(w, line.AtRisk, states[0].Reputation)

			fresh := store.Chat{ID: w.id(), Line: number(7), Roster: store.NewRoster(people(1, 2), noon), CreatedAt: noon, ActiveAt: noon}
			w.imported(1, store.Item{Tenant: acme, Chat: &store.CopiedChat{Chat: fresh}})
			w.conflict(stale, store.RevisionMoved)
		},
	},
	{
		Name:  "copy/all of the items or none",
		IDs:   []string{"copy.whole"},
		Needs: []Power{Copier},
		check: func(w *world) {
			s := w.Store.(store.Copier)
			w.open(people(1), number(1), noon)
			items := under("copy", w.exported(acme))
			for because, bad := range map[string]store.Item{
				"nothing":         {Tenant: "copy"},
				"two things":      {Tenant: "copy", Chat: items[1].Chat, Use: items[0].Use},
				"no tenant":       {Chat: items[1].Chat},
				"another tenant":  {Tenant: acme, Use: items[0].Use},
				"no chat id":      {Tenant: "copy", Chat: &store.CopiedChat{}},
				"no message id":   {Tenant: "copy", Record: &store.Record{}},
				"no delivery":     {Tenant: "copy", Delivery: &store.CopiedDelivery{}},
				"an unknown line": {Tenant: "copy", Use: &line.Use{Tenant: "copy"}},
				"an empty state":  {Tenant: "copy", State: &line.State{Tenant: "copy", Number: number(1)}},
			} {
				_, err := s.Import(background, append(items[:len(items):len(items)], bad))
				require.ErrorIs(w, err, store.ErrInvalid, because)
			}
			var many []store.Item
			for range store.MaxPage + 1 {
				many = append(many, items[0])
			}
			_, err := s.Import(background, many)
			require.ErrorIs(w, err, store.ErrInvalid)
			require.Empty(w, w.exported("copy"))
			w.imported(1, many[:store.MaxPage]...)
			w.imported(0)
		},
	},
	{
		Name:  "copy/a full store takes none of them",
		IDs:   []string{"copy.full"},
		Needs: []Power{Copier, Bound},
		check: func(w *world) {
			for i := range 4 {
				w.open(people(i), number(1), noon)
			}
			items := w.exported(acme)
			small := &world{TB: w.TB, Harness: Harness{Store: w.Bounded(3)}, tenant: acme}
			defer small.close()
			_, err := small.Store.(store.Copier).Import(background, items)
			require.ErrorIs(w, err, store.ErrFull)
			require.Empty(w, small.exported(""))
			exact := &world{TB: w.TB, Harness: Harness{Store: w.Bounded(4)}, tenant: acme}
			defer exact.close()
			exact.imported(len(items), items...)
		},
	},
}
