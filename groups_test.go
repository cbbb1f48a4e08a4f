package fromline_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/inbound"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

var cat = recipients.MustParse("cat@example.com")

// inChat is an event of the network's chat "net", so many minutes after the
// first.
func inChat(kind string, minute int, e inbound.Event) inbound.Event {
	e.Type, e.Chat, e.At = kind, "net", noon.Add(time.Duration(minute-20)*time.Minute)
	return e
}

// listing is an event of a group that lists all its people.
func listing(kind string, minute int, on recipients.Handle, people ...recipients.Handle) inbound.Event {
	return inChat(kind, minute, inbound.Event{Line: on, Group: true, Participants: append([]recipients.Handle{on}, people...)})
}

// notesOf are the notes that the store keeps of chats.
func (r *rig) notesOf() (all []store.Note) {
	for item, err := range r.chats.Export(r.t.Context()) {
		require.NoError(r.t, err)
		if item.Note != nil && !item.Note.OfMessage {
			all = append(all, *item.Note)
		}
	}
	return all
}

// messages is how many messages were counted against the lines.
func (r *rig) messages() (n int) {
	uses, _, err := r.chats.LineUse(r.t.Context(), 0, 0)
	require.NoError(r.t, err)
	for _, u := range uses {
		n += u.MessagesWindow(line.HourOf(noon))
	}
	return n
}

// A group that we opened is known under the network's own id from the first
// event that lists its people: no second chat appears, and later events with
// that id alone reach it. The same people on another line are another chat.
func TestTheNetworkNamesAGroupOfOurs(t *testing.T) {
	for _, kind := range []string{inbound.ChatCreated, inbound.MessageReceived, inbound.MessageSent} {
		r := newRig(t, fromline.Options{}, line.Line{Number: dc}, line.Line{Number: boston})
		d, err := r.send(request(t, nil, ann, bob))
		require.NoError(t, err)
		other := boston
		if d.Line == boston {
			other = dc
		}
		require.Equal(t, d.ChatID, r.receives(listing(kind, 25, d.Line, bob, ann)).Chat, kind)
		require.Equal(t, noon.Add(5*time.Minute), r.chatsOf(ann, bob)[0].ActiveAt)
		elsewhere := listing(inbound.ChatCreated, 1, other, ann, bob)
		elsewhere.Chat = "other"
		require.Equal(t, inbound.ChatID("other"), r.receives(elsewhere).Chat)
		require.Len(t, r.chatsOf(ann, bob), 2)

		joined := r.receives(inChat(inbound.ParticipantAdded, 2, inbound.Event{Participant: cat}))
		require.Equal(t, fromline.Receipt{EventType: inbound.ParticipantAdded, Applied: true, Chat: d.ChatID}, joined)
		require.Equal(t, d.ChatID, r.chatsOf(ann, bob, cat)[0].ID)
		message := inChat(inbound.MessageReceived, 25, inbound.Event{Sender: ann, Line: other, Group: true})
		require.Equal(t, fromline.Receipt{EventType: inbound.MessageReceived, Reason: fromline.UnknownChat}, r.receives(message), "on another line")
		require.True(t, r.receives(inChat(inbound.ParticipantRemoved, 3, inbound.Event{Participant: d.Line})).Applied)
		require.Empty(t, r.chatsOf(ann, bob, cat), "our line has left")
		left := r.receives(inChat(inbound.GroupNameUpdated, 4, inbound.Event{Named: true}))
		require.Equal(t, fromline.Receipt{EventType: inbound.GroupNameUpdated, Reason: fromline.LineLeft, Chat: d.ChatID}, left)
	}
}

// Our own message makes the direct chat that it went into more recent, whether
// the network names that or lists its person, and never less recent.
func TestOurMessageInADirectChat(t *testing.T) {
	both := []recipients.Handle{dc, ann}
	for name, e := range map[string]inbound.Event{
		"its id":           {Chat: "net"},
		"its id and all":   {Chat: "net", Participants: both},
		"another id":       {Chat: "another", Participants: both},
		"nothing but whom": {Participants: both},
	} {
		r := newRig(t, fromline.Options{}, line.Line{Number: dc})
		first := r.receives(wrote(ann, dc, "net", noon.Add(-2*time.Minute))).Chat
		e.Type, e.Line, e.Sender, e.FromMe = inbound.MessageSent, dc, dc, true
		for _, c := range []struct {
			at      time.Time
			applied bool
		}{{noon.Add(-3 * time.Minute), false}, {noon.Add(-time.Minute), true}, {noon.Add(-time.Minute), false}} {
			e.At = c.at
			receipt := r.receives(e)
			require.Equal(t, first, receipt.Chat, name)
			require.Equal(t, c.applied, receipt.Applied, name)
		}
		require.Len(t, r.chatsOf(ann), 1)
		require.Equal(t, noon.Add(-time.Minute), r.chatsOf(ann)[0].ActiveAt)
		require.Equal(t, 1, r.messages(), "what we sent was counted when it was decided")
	}
	r := newRig(t, fromline.Options{}, line.Line{Number: dc})
	require.Equal(t, fromline.UnknownChat, r.receives(inChat(inbound.MessageSent, 1, inbound.Event{Line: dc, FromMe: true, Participants: both})).Reason)
	require.Empty(t, r.chatsOf(ann), "our message alone makes no chat known")
	require.Empty(t, r.notesOf(), "and nothing is kept of an unknown direct chat")
}

// No note holds who is in a chat with one person; that is in the chat. But a
// group that shrank to one person still takes in who joins, and its name.
func TestNotesOfChatsWithOnePerson(t *testing.T) {
	created := listing(inbound.ChatCreated, 2, dc, ann)
	created.Group = false
	sent := inChat(inbound.MessageSent, 3, inbound.Event{Line: dc, Sender: dc, FromMe: true, Participants: []recipients.Handle{dc, ann}})
	for _, e := range []inbound.Event{created, sent, inChat(inbound.MessageReceived, 4, inbound.Event{Line: dc, Sender: ann})} {
		r := newRig(t, fromline.Options{}, line.Line{Number: dc})
		r.seen(1, dc, time.Hour, ann)
		require.True(t, r.receives(e).Applied)
		require.Len(t, r.notesOf(), 1)
		require.Empty(t, r.notesOf()[0].Body, e)
		require.Empty(t, r.notesOf()[0].Names, e)
	}
	for _, shrunk := range []bool{false, true} {
		r := newRig(t, fromline.Options{}, line.Line{Number: dc})
		people, err := recipients.NewSet(ann)
		require.NoError(t, err)
		if shrunk {
			people, err = recipients.NewSet(ann, bob)
			require.NoError(t, err)
		}
		seen := store.ChatSeen{ID: inbound.ChatID("net"), Line: dc, Participants: people, CreatedAt: noon.Add(-time.Hour)}
		require.NoError(t, r.chats.Apply(t.Context(), "acme", []store.Event{seen}))
		if shrunk {
			require.True(t, r.receives(inChat(inbound.ParticipantRemoved, 1, inbound.Event{Participant: bob})).Applied)
		}
		// That its only person joined says nothing new.
		require.Equal(t, fromline.NotNewer, r.receives(inChat(inbound.ParticipantAdded, 1, inbound.Event{Participant: ann})).Reason)
		require.Equal(t, shrunk, r.receives(inChat(inbound.GroupNameUpdated, 2, inbound.Event{Named: true})).Applied, "a chat with one person has no name")
		require.Equal(t, shrunk, r.chatsOf(ann)[0].Named)
		require.True(t, r.receives(inChat(inbound.ParticipantAdded, 3, inbound.Event{Participant: cat})).Applied)
		require.Len(t, r.chatsOf(ann, cat), 1)
	}
}

// What is told of a group before its people are known counts once it is known:
// each message once, the service, the name, and since when each person is in
// it.
func TestAGroupIsToldBeforeItIsKnown(t *testing.T) {
	says := func(minute int, service message.Service) inbound.Event {
		return inChat(inbound.MessageReceived, minute, inbound.Event{Line: dc, Sender: ann, Group: true, Service: service})
	}
	ours := inChat(inbound.MessageSent, 9, inbound.Event{Line: dc, Sender: dc, FromMe: true, Group: true})
	joins := inChat(inbound.ParticipantAdded, 5, inbound.Event{Participant: cat})
	open := listing(inbound.ChatCreated, 1, dc, ann, bob)
	for name, c := range map[string]struct {
		told    []inbound.Event
		counted int
		service message.Service
	}{
		"two messages, one of them twice": {[]inbound.Event{says(4, 0), says(4, message.RCS), says(6, message.RCS)}, 2, message.RCS},
		"a message of ours":               {[]inbound.Event{ours}, 0, 0},
		"both":                            {[]inbound.Event{says(3, message.SMS), ours}, 1, message.SMS},
		"nothing":                         {nil, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, fromline.Options{}, line.Line{Number: dc})
			require.Equal(t, fromline.UnknownChat, r.receives(joins).Reason)
			latest := open.At
			for _, e := range c.told {
				require.NotEmpty(t, r.receives(e).Reason)
				require.Zero(t, r.messages())
				latest = e.At
			}
			for _, n := range r.notesOf() {
				require.Equal(t, inbound.ChatID("net"), n.Of)
			}
			require.Empty(t, r.chatsOf(cat), "the one who joined is not all of them")
			require.True(t, r.receives(open).Applied)
			chats := r.chatsOf(ann, bob, cat)
			require.Len(t, chats, 1)
			require.Equal(t, open.At, chats[0].CreatedAt)
			require.Equal(t, []any{latest, c.service}, []any{chats[0].ActiveAt, chats[0].Service})
			for i, h := range chats[0].Roster.Set().All() {
				require.Equal(t, h == cat, chats[0].Roster.JoinedAt(i).After(open.At), "%s joined at %s", h, chats[0].Roster.JoinedAt(i))
			}
			require.Equal(t, c.counted, r.messages())
			for _, e := range append(c.told, open, joins) { // what is told again changes nothing
				require.Equal(t, fromline.NotNewer, r.receives(e).Reason)
			}
			require.Equal(t, c.counted, r.messages())
			require.True(t, r.receives(says(15, message.RCS)).Applied)
			require.Equal(t, c.counted+1, r.messages())
			require.True(t, r.receives(inChat(inbound.GroupNameUpdated, 16, inbound.Event{Named: true})).Applied)
			require.Equal(t, c.counted+1, r.messages())
		})
	}
}

// A group that is listed more than once before its line is known began when it
// was listed first, in whatever order that is told.
func TestAGroupBeganWhenItWasListedFirst(t *testing.T) {
	for _, minutes := range [][]int{{1, 4}, {4, 1}, {4, 4}} {
		r := newRig(t, fromline.Options{}, line.Line{Number: dc})
		for _, minute := range minutes {
			e := listing(inbound.MessageReceived, minute, recipients.Handle{}, ann, bob)
			e.Participants = e.Participants[1:]
			require.Equal(t, fromline.ParticipantsUnknown, r.receives(e).Reason)
		}
		require.True(t, r.receives(inChat(inbound.MessageReceived, 6, inbound.Event{Line: dc, Sender: ann, Group: true})).Applied)
		require.Equal(t, noon.Add(time.Duration(min(minutes[0], minutes[1])-20)*time.Minute), r.chatsOf(ann, bob)[0].CreatedAt)
	}
}

// A group may be as old as times of a computer are.
func TestAGroupOfTheFirstMoment(t *testing.T) {
	r := newRig(t, fromline.Options{}, line.Line{Number: dc})
	e := listing(inbound.ChatCreated, 1, dc, ann, bob)
	e.At = time.Unix(0, 0)
	require.True(t, r.receives(e).Applied)
	require.Equal(t, e.At.UTC(), r.chatsOf(ann, bob)[0].CreatedAt)
}

// A group that all have left takes in what is told, and the next who joins is
// in it.
func TestAGroupThatAllHaveLeft(t *testing.T) {
	r := newRig(t, fromline.Options{}, line.Line{Number: dc})
	r.receives(listing(inbound.ChatCreated, 1, dc, ann))
	require.True(t, r.receives(inChat(inbound.ParticipantRemoved, 2, inbound.Event{Participant: ann})).Applied)
	for _, e := range []inbound.Event{
		inChat(inbound.MessageSent, 3, inbound.Event{Line: dc, FromMe: true, Group: true, Service: message.RCS}),
		inChat(inbound.MessageReceived, 4, inbound.Event{Line: dc, Sender: ann, Group: true, Service: message.RCS}),
		inChat(inbound.ChatCreated, 5, inbound.Event{Line: dc, Group: true, Service: message.RCS}),
	} {
		require.Equal(t, inbound.ChatID("net"), r.receives(e).Chat)
	}
	require.True(t, r.receives(inChat(inbound.ParticipantAdded, 6, inbound.Event{Participant: bob})).Applied)
	require.Len(t, r.chatsOf(bob), 1)

	// It is the same for one of which the removal is told first.
	r = newRig(t, fromline.Options{}, line.Line{Number: dc})
	r.receives(inChat(inbound.ParticipantRemoved, 2, inbound.Event{Participant: ann}))
	require.Equal(t, fromline.ParticipantsUnknown, r.receives(listing(inbound.ChatCreated, 1, dc, ann)).Reason)
	require.True(t, r.receives(inChat(inbound.ParticipantAdded, 6, inbound.Event{Participant: bob})).Applied)
	require.Len(t, r.chatsOf(bob), 1)
}

// An event of a group that tells nothing of it leaves no note, and a note names
// each person of whom it tells, so that it goes when one of them is forgotten.
func TestNotesNameWhomTheyTellOf(t *testing.T) {
	r := newRig(t, fromline.Options{}, line.Line{Number: dc})
	people, err := recipients.NewSet(ann, bob)
	require.NoError(t, err)
	seen := store.ChatSeen{ID: inbound.ChatID("net"), Line: dc, Participants: people, CreatedAt: noon.Add(-time.Hour)}
	require.NoError(t, r.chats.Apply(t.Context(), "acme", []store.Event{seen}))
	require.True(t, r.receives(inChat(inbound.MessageReceived, 1, inbound.Event{Sender: ann, Group: true})).Applied)
	require.Empty(t, r.notesOf())

	for _, chat := range []string{"known", "unknown"} {
		for _, e := range []inbound.Event{
			listing(inbound.ChatCreated, 1, dc, ann, bob), inChat(inbound.ParticipantAdded, 2, inbound.Event{Participant: cat}),
		} {
			if e.Chat = chat; chat == "known" || e.Type != inbound.ChatCreated {
				r.receives(e)
			}
		}
	}
	named := map[recipients.Key]string{}
	for _, h := range []recipients.Handle{ann, bob, cat, dc} {
		alone, err := recipients.NewSet(h)
		require.NoError(t, err)
		named[alone.Key()] = h.String()
	}
	require.Len(t, r.notesOf(), 2)
	for _, n := range r.notesOf() {
		for _, k := range n.Names {
			require.Contains(t, string(n.Body), named[k])
		}
		require.Len(t, n.Names, strings.Count(string(n.Body), `"is"`), "%s", n.Body)
	}
	_, err = r.chats.Forget(t.Context(), "acme", cat)
	require.NoError(t, err)
	require.Empty(t, r.notesOf())
}

// A message counts once in a group whose service it fills in, and our own not
// at all; a late one does not make it less recent.
func TestAMessageFillsInTheService(t *testing.T) {
	for _, kind := range []string{inbound.MessageReceived, inbound.MessageSent} {
		for minute, counted := range map[int]int{0: 0, 5: 1} {
			r := newRig(t, fromline.Options{}, line.Line{Number: dc})
			r.receives(listing(inbound.ChatCreated, 2, dc, ann, bob))
			e := inChat(kind, minute, inbound.Event{Line: dc, Group: true, Service: message.RCS})
			if e.Sender = ann; kind == inbound.MessageSent {
				e.Sender, e.FromMe, counted = dc, true, 0
			}
			require.True(t, r.receives(e).Applied)
			c := r.chatsOf(ann, bob)[0]
			require.Equal(t, []any{message.RCS, noon.Add(time.Duration(max(minute, 2)-20) * time.Minute)}, []any{c.Service, c.ActiveAt})
			require.Equal(t, counted, r.messages(), "%s in minute %d", kind, minute)
			require.Equal(t, fromline.NotNewer, r.receives(e).Reason)
		}
	}
}

// What names a participant or people as no handle, or not at all, is
// acknowledged.
func TestDirectEventsThatSayTooLittle(t *testing.T) {
	r := newRig(t, fromline.Options{}, line.Line{Number: dc})
	for _, e := range []inbound.Event{
		inChat(inbound.MessageReceived, 1, inbound.Event{Sender: ann}),
		inChat(inbound.MessageReceived, 1, inbound.Event{Line: dc}),
		inChat(inbound.MessageReceived, 1, inbound.Event{Line: dc, FromMe: true, Sender: dc}),
		inChat(inbound.ChatCreated, 1, inbound.Event{Line: dc, Participants: []recipients.Handle{dc}}),
		inChat(inbound.ParticipantAdded, 1, inbound.Event{}),
	} {
		receipt := r.receives(e)
		require.Equal(t, []any{fromline.ParticipantsUnknown, uuid.Nil}, []any{receipt.Reason, receipt.Chat}, e)
	}
	require.Empty(t, r.notesOf())
}

// The service of a group that becomes known is the one that any event named, of
// whatever type.
func TestAnyEventNamesTheService(t *testing.T) {
	created := inbound.Event{Type: inbound.ChatCreated, Line: dc, Chat: "g", Group: true, At: noon.Add(-3 * time.Minute), Participants: []recipients.Handle{dc, ann}}
	left := inbound.Event{Type: inbound.ParticipantRemoved, Chat: "g", At: noon.Add(-2 * time.Minute), Participant: ann}
	joined := inbound.Event{Type: inbound.ParticipantAdded, Chat: "g", At: noon.Add(-time.Minute), Participant: bob}
	for named := range 3 {
		events := []inbound.Event{left, created, joined}
		events[named].Service = message.IMessage
		r := newRig(t, fromline.Options{}, line.Line{Number: dc})
		for _, e := range events {
			r.receives(e)
		}
		chats := r.chatsOf(bob)
		require.Len(t, chats, 1)
		require.Equal(t, message.IMessage, chats[0].Service, "named by %s", events[named].Type)
	}
}
