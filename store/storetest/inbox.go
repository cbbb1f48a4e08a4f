package storetest

import (
	"errors"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// wrote returns a message that a person sent to a line.
func wrote(who, to int, chat uuid.UUID, at time.Time) store.DirectMessage {
	return store.DirectMessage{Line: number(to), Sender: person(who), Chat: chat, At: at}
}

// hear passes a message to the store, and returns its chat.
func (w *world) hear(m store.DirectMessage, want store.Heard) uuid.UUID {
	w.Helper()
	chat, heard, err := w.Store.(store.Inbox).Hear(background, w.tenant, m)
	require.NoError(w, err)
	require.Equal(w, want, heard)
	return chat
}

// note returns the note with a name.
func (w *world) note(name string) store.Note {
	w.Helper()
	n, err := w.Store.(store.Inbox).Note(background, w.tenant, name)
	require.NoError(w, err)
	if len(n.Body) == 0 {
		n.Body = nil
	}
	return n
}

// keepNote replaces a note by another.
func (w *world) keepNote(was, now store.Note, want bool) {
	w.Helper()
	kept, err := w.Store.(store.Inbox).KeepNote(background, w.tenant, was, now)
	require.NoError(w, err)
	require.Equal(w, want, kept)
}

// messages returns how many messages are counted against a line.
func (w *world) messages(l int, at time.Time) int {
	w.Helper()
	w.settle()
	for _, u := range w.allUses(number(l)) {
		return u.MessagesWindow(line.HourOf(at))
	}
	return 0
}

var inboxClauses = []Clause{
	{
		Name:  "hear/who writes first has a chat",
		IDs:   []string{"hear.first", "hear.again"},
		Needs: []Power{Inbox, UseReader},
		check: func(w *world) {
			m := wrote(1, 1, w.id(), noon.Add(time.Nanosecond))
			m.Service = message.SMS
			before := w.revision(people(1))
			require.Equal(w, m.Chat, w.hear(m, store.HeardNews))
			want := store.Chat{
				ID: m.Chat, Line: number(1), Roster: store.NewRoster(people(1), noon), Service: message.SMS, CreatedAt: noon, ActiveAt: noon,
			}
			require.Equal(w, want, w.chat(people(1), m.Chat))
			require.NotEqual(w, before, w.revision(people(1)))
			require.Equal(w, 1, w.messages(1, noon))
			now := w.revision(people(1))
			for range 3 {
				require.Equal(w, m.Chat, w.hear(m, store.HeardBefore))
			}
			require.Equal(w, now, w.revision(people(1)))
			require.Equal(w, want, w.chat(people(1), m.Chat))
			require.Equal(w, 1, w.messages(1, noon))
			for _, u := range w.allUses(number(1)) {
				require.Zero(w, u.Window(line.HourOf(noon)), "no slot is taken")
			}
			w.tenant = "another tenant"
			require.Empty(w, w.look(people(1)).Chats)
		},
	},
	{
		Name:  "hear/a message counts with its own time",
		IDs:   []string{"hear.later"},
		Needs: []Power{Inbox, UseReader},
		check: func(w *world) {
			chat := w.open(people(1), number(1), noon)
			counted := w.messages(1, noon)
			m := wrote(1, 1, w.id(), noon.Add(-time.Hour))
			require.Equal(w, chat, w.hear(m, store.HeardBefore))
			require.Equal(w, noon, w.chat(people(1), chat).ActiveAt)
			require.Equal(w, counted, w.messages(1, noon), "history is not counted")
			m.Service = message.RCS
			w.hear(m, store.HeardNews)
			require.Equal(w, message.RCS, w.chat(people(1), chat).Service)
			m.Service, m.At = message.SMS, noon.Add(time.Minute)
			w.hear(m, store.HeardNews)
			got := w.chat(people(1), chat)
			require.Equal(w, noon.Add(time.Minute), got.ActiveAt)
			require.Equal(w, message.RCS, got.Service, "a service that is known stays")
			require.Equal(w, counted+1, w.messages(1, noon))
			other := w.open(people(1), number(2), noon.Add(time.Hour))
			before := w.revision(people(1))
			m.At = noon.Add(2 * time.Hour)
			w.hear(m, store.HeardNews)
			require.Equal(w, []uuid.UUID{chat, other}, idsOf(w.look(people(1)).Chats))
			require.NotEqual(w, before, w.revision(people(1)), "another chat is the most recent one")
		},
	},
	{
		Name:  "hear/which chat is meant",
		IDs:   []string{"hear.meant", "hear.note", "hear.elsewhere"},
		Needs: []Power{Inbox, ChatReader},
		check: func(w *world) {
			older, newer := w.open(people(1), number(1), noon), w.open(people(1), number(1), noon.Add(time.Minute))
			elsewhere := w.open(people(1), number(2), noon.Add(time.Hour))
			m := wrote(1, 1, w.id(), noon)
			m.Note = "chat \x01 \"net\" ☃"
			require.Equal(w, newer, w.hear(m, store.HeardBefore), "the most recent one on the line")
			require.Equal(w, store.Note{Name: m.Note, Of: newer}, w.note(m.Note))
			w.apply(store.Activity{Chat: older, At: noon.Add(2 * time.Hour)})
			require.Equal(w, newer, w.hear(m, store.HeardBefore), "the one that the note is about")
			m.Chat = older
			require.Equal(w, newer, w.hear(m, store.HeardBefore), "the note comes first")
			m.Note = "another"
			require.Equal(w, older, w.hear(m, store.HeardBefore), "the chat of that id")
			require.Zero(w, w.note("another"), "its note is the id")

			pending := store.Note{Name: "pending", Of: w.id(), Body: []byte("what is known"), Names: []recipients.Key{nameOf(w, person(7))}}
			w.keepNote(store.Note{}, pending, true)
			m.Note, m.Chat = "pending", pending.Of
			require.Equal(w, older, w.hear(m, store.HeardBefore))
			pending.Of = older
			require.Equal(w, pending, w.note("pending"), "the rest of the note stays")

			m.Note, m.Chat = "", elsewhere
			require.Equal(w, elsewhere, w.hear(m, store.HeardElsewhere))
			w.apply(store.LineLeft{Chat: older})
			m.Chat, m.At = older, noon.Add(9*time.Hour)
			require.Equal(w, older, w.hear(m, store.HeardLeft))
			c, err := w.Store.(store.ChatReader).Chat(background, acme, older)
			require.NoError(w, err)
			require.Equal(w, noon.Add(2*time.Hour), c.ActiveAt)
			m.Chat, m.At = w.id(), noon
			require.Equal(w, newer, w.hear(m, store.HeardBefore), "a chat that the line has left is passed over")
			m.Note, m.At = "with news", noon.Add(20*time.Hour)
			require.Equal(w, newer, w.hear(m, store.HeardNews), "a later message, and a chat that its note tells")
			require.Equal(w, store.Note{Name: m.Note, Of: newer}, w.note(m.Note))
			m.Note, m.At = "", noon

			group := w.seen(people(1, 2), number(1), noon)
			m.Chat = group
			require.Equal(w, group, w.hear(m, store.HeardBefore), "a group that is meant by its id")
			m = wrote(3, 1, w.id(), noon)
			m.Note = "first"
			require.Equal(w, m.Chat, w.hear(m, store.HeardNews))
			require.Zero(w, w.note("first"))
			for _, bad := range []store.DirectMessage{{}, wrote(1, 1, uuid.Nil, noon), wrote(1, 1, w.id(), time.Time{}), {
				Line: number(1), Sender: number(1), Chat: w.id(), At: noon,
			}, {Line: number(1), Chat: w.id(), At: noon}} {
				_, _, err := w.Store.(store.Inbox).Hear(background, acme, bad)
				require.ErrorIs(w, err, store.ErrInvalid)
			}
		},
	},
	{
		Name:  "hear/what the sender says of opting out",
		IDs:   []string{"hear.consent", "hear.blocked"},
		Needs: []Power{Inbox, Consents},
		check: func(w *world) {
			m := wrote(1, 1, w.id(), noon)
			yes, no := true, false
			m.OptedOut = &yes
			w.hear(m, store.HeardNews)
			kept := store.Consent{Name: nameOf(w, person(1)), Person: person(1), OptedOut: true, OptedAt: noon}
			require.Equal(w, []store.Consent{kept}, w.consents(5))
			w.hear(m, store.HeardBefore)
			m.OptedOut, m.At = &no, noon.Add(-time.Hour)
			w.hear(m, store.HeardBefore)
			require.Equal(w, []store.Consent{kept}, w.consents(5))

			w.say(person(1), block(true, "", noon), true)
			m.At, m.UnlessBlocked = noon.Add(time.Hour), true
			require.Zero(w, w.hear(m, store.HeardBlocked))
			got := w.consents(5)
			require.False(w, got[0].OptedOut, "the word is kept")
			require.Equal(w, noon, w.chat(people(1), m.Chat).ActiveAt, "the message is not")
			m.UnlessBlocked = false
			w.hear(m, store.HeardNews)
			require.Equal(w, noon.Add(time.Hour), w.chat(people(1), m.Chat).ActiveAt)
			stranger := wrote(3, 1, w.id(), noon)
			stranger.UnlessBlocked = true
			require.Equal(w, stranger.Chat, w.hear(stranger, store.HeardNews), "nobody has blocked them")
			stranger = wrote(2, 1, w.id(), noon)
			stranger.UnlessBlocked = true
			w.say(person(2), block(true, "", noon), true)
			w.hear(stranger, store.HeardBlocked)
			require.Empty(w, w.look(people(2)).Chats)
		},
	},
	{
		Name:  "hear/races the opening of a chat",
		IDs:   []string{"hear.first", "hear.meant"},
		Needs: []Power{Inbox},
		check: func(w *world) {
			for i := range size(24) {
				p := w.opening(people(i), number(1), noon)
				m := wrote(i, 1, w.id(), noon.Add(time.Second))
				var opened error
				w.together(2, func(caller int, _ func() bool) (err error) {
					if caller == 0 {
						opened = w.Store.Commit(background, p)
						return nil
					}
					_, _, err = w.Store.(store.Inbox).Hear(background, acme, m)
					return err
				})
				chats := w.look(people(i)).Chats
				require.Len(w, chats, 1, "one chat, whichever was first")
				kind, err := kindOf(opened)
				require.NoError(w, err)
				if kind == 0 {
					require.Equal(w, p.ChatID, chats[0].ID)
				} else {
					require.Equal(w, store.RevisionMoved, kind)
					require.Equal(w, m.Chat, chats[0].ID)
				}
				require.Equal(w, noon.Add(time.Second), chats[0].ActiveAt)
			}
		},
	},
	{
		Name:  "hear/many at once are one chat, counted once",
		IDs:   []string{"hear.first", "hear.again"},
		Needs: []Power{Inbox, UseReader},
		check: func(w *world) {
			for i := range size(8) {
				m := wrote(i, i, w.id(), noon)
				var mu sync.Mutex
				met := map[uuid.UUID]int{}
				news := 0
				w.together(callers, func(caller int, _ func() bool) error {
					other := m
					other.Chat[0] = byte(caller) // each caller gives an id of its own
					chat, heard, err := w.Store.(store.Inbox).Hear(background, acme, other)
					mu.Lock()
					defer mu.Unlock()
					met[chat]++
					if heard == store.HeardNews {
						news++
					}
					return err
				})
				require.Len(w, met, 1)
				require.Equal(w, 1, news)
				require.Len(w, w.look(people(i)).Chats, 1)
				require.Equal(w, 1, w.messages(i, noon))
			}
		},
	},
	{
		Name:  "note/is kept if it is as it was read",
		IDs:   []string{"note.whole", "note.swap"},
		Needs: []Power{Inbox},
		check: func(w *world) {
			first := store.Note{Name: "n", Of: w.id(), Body: []byte("a\x00b\xff"), Names: []recipients.Key{nameOf(w, person(2)), nameOf(w, person(1))}}
			require.Zero(w, w.note("n"))
			w.keepNote(first, first, false)
			w.keepNote(store.Note{}, first, true)
			require.Equal(w, first, w.note("n"))
			w.keepNote(store.Note{}, first, false)
			second := store.Note{Name: "n", Of: first.Of}
			w.keepNote(first, second, true)
			require.Equal(w, second, w.note("n"))
			w.keepNote(first, first, false)
			third := store.Note{Name: "n", Of: w.id()}
			w.keepNote(store.Note{Name: "n", Of: third.Of}, third, false)
			w.keepNote(second, third, true)
			require.Zero(w, w.note("N"))
			for _, bad := range []store.Note{{}, {Name: "n"}, {Of: w.id()}, {Name: string(make([]byte, 5)), Of: w.id()}} {
				_, err := w.Store.(store.Inbox).KeepNote(background, acme, store.Note{}, bad)
				require.ErrorIs(w, err, store.ErrInvalid)
			}
			_, err := w.Store.(store.Inbox).Note(background, acme, "")
			require.ErrorIs(w, err, store.ErrInvalid)
			w.tenant = "another tenant"
			require.Zero(w, w.note("n"))
		},
	},
	{
		Name:  "note/one of many writers at once",
		IDs:   []string{"note.swap"},
		Needs: []Power{Inbox},
		check: func(w *world) {
			id := w.id()
			const each = 5
			w.together(callers, func(caller int, well func() bool) error {
				lost := 0
				for i := 0; i < each && well(); {
					was, err := w.Store.(store.Inbox).Note(background, acme, "n")
					if err != nil {
						return err
					}
					now := store.Note{Name: "n", Of: id, Body: append(append([]byte(nil), was.Body...), byte(caller))}
					kept, err := w.Store.(store.Inbox).KeepNote(background, acme, was, now)
					if err != nil {
						return err
					}
					if kept {
						i++
					} else if lost++; lost > each*callers {
						return errors.New("a note was refused more often than others were kept")
					}
				}
				return nil
			})
			require.Len(w, w.note("n").Body, each*callers)
		},
	},
	{
		Name:  "note/of a message lives as long as its record",
		IDs:   []string{"note.record", "note.orphan"},
		Needs: []Power{Inbox, Purger, Forgetter},
		check: func(w *world) {
			keep := func(p *store.Plan, name string) store.Note {
				w.commit(p)
				n := store.Note{Name: name, Of: p.MessageID, OfMessage: true, Body: []byte(name)}
				w.keepNote(store.Note{}, n, true)
				return n
			}
			short, long := w.opening(people(1), number(1), noon), w.withKey(w.opening(people(2), number(1), noon), "k")
			long.KeepUntil = noon.Add(5 * time.Hour)
			gone, kept := keep(short, "short"), keep(long, "long")
			second := store.Note{Name: "second", Of: long.MessageID, OfMessage: true}
			w.keepNote(store.Note{}, second, true)
			purge := func(at time.Time) {
				n, err := w.Store.(store.Purger).Purge(background, at, 0)
				require.NoError(w, err)
				require.Equal(w, 1, n)
			}
			purge(noon.Add(2 * time.Hour))
			require.Zero(w, w.note("short"))
			require.Equal(w, kept, w.note("long"))
			for _, n := range []store.Note{gone, {Name: "x", Of: w.id(), OfMessage: true}} {
				did, err := w.Store.(store.Inbox).KeepNote(background, acme, store.Note{}, n)
				require.ErrorIs(w, err, store.ErrNoRecord)
				require.False(w, did)
			}
			purge(noon.Add(9 * time.Hour))
			require.Zero(w, w.note("long"))
			require.Zero(w, w.note("second"))
			same := w.opening(people(4), number(1), noon)
			w.commit(same)
			chatNote := store.Note{Name: "of a chat with the id of a message", Of: same.MessageID}
			w.keepNote(store.Note{}, chatNote, true)
			purge(noon.Add(2 * time.Hour))
			require.Equal(w, chatNote, w.note(chatNote.Name), "it goes with its chat")
			keep(w.opening(people(3), number(1), noon), "third")
			w.forget(person(3), 1)
			require.Zero(w, w.note("third"))
		},
	},
	{
		Name:  "note/goes with a chat or a person that is forgotten",
		IDs:   []string{"note.forgotten"},
		Needs: []Power{Inbox, Forgetter},
		check: func(w *world) {
			chat, stays := w.open(people(1), number(1), noon), w.open(people(2), number(1), noon)
			names := func(is ...int) (names []recipients.Key) {
				for _, i := range is {
					names = append(names, nameOf(w, person(i)))
				}
				return names
			}
			for _, n := range []store.Note{
				{Name: "of the chat", Of: chat}, {Name: "names the person", Of: w.id(), Names: names(9, 1)},
				{Name: "of another", Of: stays, Names: names(2, 3)}, {Name: "of none", Of: w.id(), Names: names(4)},
				{Name: "named before", Of: w.id(), Names: names(1)},
			} {
				w.keepNote(store.Note{}, n, true)
			}
			was := w.note("named before")
			w.keepNote(was, store.Note{Name: was.Name, Of: was.Of, Names: names(5)}, true)
			w.forget(person(1), 1)
			require.Zero(w, w.note("of the chat"))
			require.Zero(w, w.note("names the person"))
			require.NotZero(w, w.note("of another"))
			require.NotZero(w, w.note("of none"))
			require.NotZero(w, w.note("named before"))
			w.forget(person(4), 0)
			require.Zero(w, w.note("of none"), "a person without chats too")
			w.forget(person(9), 0)
		},
	},
	{
		Name:  "note/is copied",
		IDs:   []string{"copy.all", "copy.stays"},
		Needs: []Power{Inbox, Copier, Forgetter},
		check: func(w *world) {
			n := store.Note{Name: "n", Of: w.id(), Body: []byte("body"), Names: []recipients.Key{nameOf(w, person(1)), nameOf(w, person(2))}}
			w.keepNote(store.Note{}, n, true)
			p := w.opening(people(5), number(1), noon)
			w.commit(p)
			m := store.Note{Name: "m", Of: p.MessageID, OfMessage: true}
			w.keepNote(store.Note{}, m, true)
			var items []store.Item
			for _, item := range w.exported(acme) {
				if item.Note != nil {
					items = append(items, item)
				}
			}
			require.Len(w, items, 2)
			items = under("copy", items)
			w.imported(2, items...)
			w.imported(0, items...)
			w.tenant = "copy"
			require.Equal(w, n, w.note("n"))
			require.Equal(w, m, w.note("m"))
			w.keepNote(n, store.Note{Name: "n", Of: n.Of, Names: n.Names}, true)
			w.imported(0, items...)
			require.Nil(w, w.note("n").Body, "what is there stays")
			w.forget(person(2), 0)
			require.Zero(w, w.note("n"))
		},
	},
}
