package storetest

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/store"
)

// long returns n bytes of text that hardly compress, always the same.
func long(n int) string {
	r := rand.New(rand.NewPCG(7, 7))
	var b bytes.Buffer
	for b.Len() < n {
		b.WriteByte(byte('!' + r.IntN(94)))
	}
	return b.String()
}

// lookalikes are different texts that a careless engine takes for equal, or
// interprets.
func lookalikes() []string {
	almost := long(1000)
	return []string{
		"acme", "Acme", "ACME", "acme ", " acme", "acme\n", "acme\t", "ac", "acme2",
		"é", "e\u0301", "É", "ß", "ss", "ẞ", "ı", "i", "İ", "I", "ﬁ", "fi", "K", "\u212a",
		"a%", "a_", "%", "_", "a'b", `a"b`, `a\b`, "a;b", "--", "/", "a/b", "..", "\x01", "\x7f", "\ufeff", "\u200b",
		"0", "00", "0x0", "null", "NULL", "true", "{}", "🙂", "🙃", "\U0010ffff",
		almost + "a", almost + "b", almost + "A",
	}
}

var tenantClauses = []Clause{
	{
		Name: "tenants/nothing crosses them",
		IDs:  []string{"tenant.apart"},
		check: func(w *world) {
			tenants := append(lookalikes(), long(store.MaxTenant), long(store.MaxTenant-1)+" ")
			set, chat, mail := people(1, 2), w.id(), w.id()
			planFor := func(i int, tenant string) *store.Plan {
				p := planOf(store.NewBestNumber, set, chat, number(1), noon.Add(time.Duration(i)*time.Second), mail)
				p.Tenant, p.Key, p.NewChatLimit = tenant, "key", 1
				return p
			}
			q := store.Query{Set: set.Key(), IdempotencyKey: "key"}
			for i, tenant := range tenants {
				w.tenant = tenant
				snap := w.lookup(q)
				require.Empty(w, snap.Chats, "%q", tenant)
				require.Zero(w, snap.Revision)
				require.Nil(w, snap.Record)
				require.Empty(w, w.allUses(number(1)))
				w.notApplied(0, store.ErrUnknownChat, store.Renamed{Chat: chat})
				w.commit(planFor(i, tenant))
			}
			for i, tenant := range tenants {
				w.tenant = tenant
				snap := w.lookup(q)
				want := planFor(i, tenant)
				require.Len(w, snap.Chats, 1)
				require.Equal(w, want.At, snap.Chats[0].ActiveAt, "%q", tenant)
				require.Equal(w, kept(want.Record), plainRecord(snap.Record))
				w.requireUse(number(1), func(u line.Use) { require.Equal(w, 1, u.Window(u.Hour)) })
			}
			chat, mail = w.id(), w.id()
			for _, tenant := range tenants { // the store has all of them now
				w.tenant = tenant
				p := w.withKey(planOf(store.NewBestNumber, people(3), chat, number(2), noon, mail), "second key")
				p.Tenant = tenant
				w.commit(p)
			}
		},
	},
	{
		Name: "tenants/the empty one and others that cannot be",
		IDs:  []string{"tenant.refused"},
		check: func(w *world) {
			for _, tenant := range []string{"", "\xff", "a\x00", strings.Repeat("a", store.MaxTenant+1)} {
				_, err := w.Store.Lookup(background, store.Query{Tenant: tenant})
				require.ErrorIs(w, err, store.ErrInvalid)
				p := planOf(store.NewBestNumber, people(1), w.id(), number(1), noon, w.id())
				p.Tenant = tenant
				require.ErrorIs(w, w.Store.Commit(background, p), store.ErrInvalid)
				require.ErrorIs(w, w.Store.Apply(background, tenant, nil), store.ErrInvalid)
				require.ErrorIs(w, w.Store.Apply(background, tenant, []store.Event{
					store.ChatSeen{ID: w.id(), Line: number(1), Participants: people(1), CreatedAt: noon},
				}), store.ErrInvalid)

				if s, ok := w.Store.(store.ChatReader); ok {
					_, err := s.Chat(background, tenant, w.id())
					require.ErrorIs(w, err, store.ErrInvalid)
					_, _, err = s.ChatsOfLine(background, tenant, number(1), uuid.Nil, 0)
					require.ErrorIs(w, err, store.ErrInvalid)
				}
				if s, ok := w.Store.(store.ChatWalker); ok {
					_, _, err := s.ChatsOfTenant(background, tenant, uuid.Nil, 0)
					require.ErrorIs(w, err, store.ErrInvalid)
					_, err = s.ChatsByID(background, tenant, nil)
					require.ErrorIs(w, err, store.ErrInvalid)
				}
				if s, ok := w.Store.(store.ChatFinder); ok {
					_, _, err := s.ChatsOfPerson(background, tenant, person(1), uuid.Nil, 0)
					require.ErrorIs(w, err, store.ErrInvalid)
				}
				if s, ok := w.Store.(store.DecisionReader); ok {
					_, err := s.Decision(background, tenant, w.id())
					require.ErrorIs(w, err, store.ErrInvalid)
				}
				if s, ok := w.Store.(store.DeliveryReader); ok {
					_, err := s.Delivery(background, tenant, w.id())
					require.ErrorIs(w, err, store.ErrInvalid)
				}
				if s, ok := w.Store.(store.KnownReader); ok {
					_, err := s.KnownLines(background, tenant, handlesOf(1))
					require.ErrorIs(w, err, store.ErrInvalid)
				}
				if s, ok := w.Store.(store.Forgetter); ok {
					_, err := s.Forget(background, tenant, person(1))
					require.ErrorIs(w, err, store.ErrInvalid)
				}
				if s, ok := w.Store.(store.LineStates); ok {
					_, err := s.ReportLine(background, line.State{Tenant: tenant, Number: number(1), Status: line.Active, Reputation: line.Healthy, StatusAt: noon, ReputationAt: noon})
					require.ErrorIs(w, err, store.ErrInvalid)
				}
				if s, ok := w.Store.(store.Outbox); ok {
					_, _, err := s.Parked(background, tenant, uuid.Nil, 0)
					require.ErrorIs(w, err, store.ErrInvalid)
					require.ErrorIs(w, s.Release(background, tenant, w.id(), false), store.ErrInvalid)
				}
			}
		},
	},
}

var textClauses = []Clause{
	{
		Name: "texts/keys are compared byte by byte",
		IDs:  []string{"record.keys"},
		check: func(w *world) {
			keys := []string{strings.Repeat("🙂", store.MaxKey), strings.Repeat("🙂", store.MaxKey-1) + "🙃"}
			for _, key := range lookalikes() {
				if len(key) <= store.MaxKey {
					keys = append(keys, key)
				}
			}
			mails := make(map[string]uuid.UUID)
			for i, key := range keys {
				require.Nil(w, w.lookup(store.Query{IdempotencyKey: key}).Record, "%q", key)
				p := w.withKey(w.opening(people(i), number(1), noon), key)
				w.commit(p)
				mails[key] = p.MessageID
			}
			for _, key := range keys {
				r := w.lookup(store.Query{IdempotencyKey: key}).Record
				require.Equal(w, key, r.Key)
				require.Equal(w, mails[key], r.MessageID)
			}
		},
	},
	{
		Name: "texts/come back byte for byte",
		IDs:  []string{"text.bytes", "text.empty"},
		check: func(w *world) {
			p := w.opening(people(1), number(1), noon)
			for _, text := range append(lookalikes(), "", long(4096)) {
				p.Notes = append(p.Notes, text)
				p.Attachments = append(p.Attachments,
					message.Media{Filename: text}, message.Media{MimeType: text}, message.Media{URL: text})
			}
			w.commit(p)
			got := w.lookup(store.Query{MessageID: p.MessageID}).Record
			require.Equal(w, kept(p.Record), plainRecord(got))

			p = w.opening(people(1), number(1), noon)
			p.Notes, p.Attachments = []string{}, []message.Media{}
			w.commit(p)
			got = w.lookup(store.Query{MessageID: p.MessageID}).Record
			require.Equal(w, kept(p.Record), plainRecord(got))
		},
	},
	{
		Name: "texts/some are refused",
		IDs:  []string{"text.refused"},
		check: func(w *world) {
			for _, text := range []string{"\xc3", "a\x00b", "\xed\xa0\x80"} {
				for _, put := range []func(*store.Record){
					func(r *store.Record) { r.Key = text },
					func(r *store.Record) { r.Notes = []string{"fine", text} },
					func(r *store.Record) { r.Attachments = []message.Media{{Filename: text}} },
					func(r *store.Record) { r.Attachments = []message.Media{{MimeType: text}} },
					func(r *store.Record) { r.Attachments = []message.Media{{URL: text}} },
				} {
					p := w.opening(people(1), number(1), noon)
					put(&p.Record)
					w.refused(p, store.ErrInvalid)
				}
				_, err := w.Store.Lookup(background, store.Query{Tenant: w.tenant, IdempotencyKey: text})
				require.ErrorIs(w, err, store.ErrInvalid)
			}
			p := w.opening(people(1), number(1), noon)
			p.Key = strings.Repeat("k", store.MaxKey+1)
			w.refused(p, store.ErrInvalid)
		},
	},
}

var timeClauses = []Clause{
	{
		Name: "times/UTC and cut to microseconds",
		IDs:  []string{"time.micros"},
		check: func(w *world) {
			tokyo := time.FixedZone("Tokyo", 9*3600)
			fine := func(d time.Duration) time.Time { return noon.Add(d + 1999*time.Nanosecond).In(tokyo) }
			cut := func(d time.Duration) time.Time { return noon.Add(d + time.Microsecond) }
			set := people(1)

			old := w.open(set, number(1), fine(0))
			w.requireChat(store.Chat{
				ID: old, Line: number(1), Roster: store.NewRoster(set, cut(0)), CreatedAt: cut(0), ActiveAt: cut(0),
			}, w.chat(set, old))
			p := w.failing(set, old, number(2), fine(0))
			w.commit(p)
			require.Equal(w, cut(0), w.chat(set, old).SucceededAt)
			require.Equal(w, cut(time.Microsecond), w.chat(set, p.ChatID).ActiveAt)
			r := w.lookup(store.Query{MessageID: p.MessageID}).Record
			require.Equal(w, cut(0), r.At)
			require.Equal(w, cut(time.Hour), r.KeepUntil)

			seen := w.id()
			w.apply(
				store.ChatSeen{ID: seen, Line: number(1), Participants: people(2), CreatedAt: fine(0), ActiveAt: fine(time.Second)},
				store.ParticipantAdded{Chat: seen, Handle: person(3), At: fine(time.Minute)},
			)
			want := store.Chat{
				ID: seen, Line: number(1),
				Roster:    store.NewRosterJoined(people(2, 3), cut(0), []time.Time{cut(0), cut(time.Minute)}),
				CreatedAt: cut(0), ActiveAt: cut(time.Second),
			}
			w.requireChat(want, w.chat(people(2, 3), seen))
			w.apply(store.Activity{Chat: seen, At: fine(time.Hour)})
			want.ActiveAt = cut(time.Hour)
			w.requireChat(want, w.chat(people(2, 3), seen))
		},
	},
	{
		Name: "times/from 1970 to 9999",
		IDs:  []string{"time.range"},
		check: func(w *world) {
			first := time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)
			last := time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC)
			for i, at := range []time.Time{first, last} {
				p := w.opening(people(i), number(i), at)
				p.KeepUntil = last
				w.commit(p)
				require.Equal(w, at, w.chat(p.Set, p.ChatID).ActiveAt)
				require.Equal(w, kept(p.Record), plainRecord(w.lookup(store.Query{MessageID: p.MessageID}).Record))
			}
			id := w.seen(people(5), number(5), noon)
			for _, at := range []time.Time{first.Add(-1), last.Add(time.Second), {}} {
				p := w.opening(people(3), number(3), at)
				if at.After(last) {
					p.At = noon
				}
				w.refused(p, store.ErrInvalid)
				w.notApplied(0, store.ErrInvalid, store.ChatSeen{ID: w.id(), Line: number(1), Participants: people(3), CreatedAt: at})
				w.notApplied(0, store.ErrInvalid, store.Activity{Chat: id, At: at})
				w.notApplied(0, store.ErrInvalid, store.ParticipantAdded{Chat: id, Handle: person(1), At: at})
			}
		},
	},
}
