package fromline_test

import (
	"bytes"
	"errors"
	"log/slog"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/inbound"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// wrote is a message that a person sent directly to one of our lines.
func wrote(who, to recipients.Handle, chat string, at time.Time) inbound.Event {
	return inbound.Event{Type: inbound.MessageReceived, ID: "e", Sender: who, Line: to, Chat: chat, At: at, Service: message.SMS}
}

func (r *rig) receives(e inbound.Event) fromline.Receipt {
	receipt, err := r.Receive(r.t.Context(), "acme", e)
	require.NoError(r.t, err)
	return receipt
}

func (r *rig) chatsOf(people ...recipients.Handle) []store.Chat {
	set, err := recipients.NewSet(people...)
	require.NoError(r.t, err)
	found, err := r.chats.Store.Lookup(r.t.Context(), store.Query{Tenant: "acme", Set: set.Key()})
	require.NoError(r.t, err)
	return found.Chats
}

// The person who writes first is answered on the line and in the chat that they
// wrote to, whichever line a new chat would be opened from.
func TestWhoWritesFirstIsAnsweredThere(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		lines := []line.Line{{Number: dc}, {Number: boston}, {Number: dallas}}
		r := newRig(t, fromline.Options{}, lines...)
		to := rapid.SampledFrom(lines).Draw(rt, "line").Number
		chat := rapid.SampledFrom([]string{"", "net-1", "6f6f7a0e-8a3b-4c55-9a0e-0f5b1d7e7a11"}).Draw(rt, "chat")
		receipt := r.receives(wrote(ann, to, chat, noon.Add(-time.Minute)))
		seen := r.chatsOf(ann)
		require.Len(rt, seen, 1)
		require.Equal(rt, fromline.Receipt{EventType: inbound.MessageReceived, EventID: "e", Applied: true, Chat: seen[0].ID}, receipt)
		d, err := r.Route(t.Context(), fromline.Outgoing{Tenant: "acme", Request: request(t, nil, ann)})
		require.NoError(rt, err)
		require.Equal(rt, store.ReusedActiveChat, d.Reason)
		require.Equal(rt, seen[0].ID, d.ChatID)
		require.Equal(rt, to, d.Line)
		if len(chat) == 36 {
			require.Equal(rt, chat, d.ChatID.String(), "a network's UUID is the id of our chat too")
		}
	})
}

// The answer to one of our own first messages comes into our chat, whatever id
// the network has for it: no second chat appears.
func TestAnAnswerOpensNoSecondChat(t *testing.T) {
	r := newRig(t, fromline.Options{}, line.Line{Number: dc})
	d, err := r.Route(t.Context(), fromline.Outgoing{Tenant: "acme", Request: request(t, nil, ann)})
	require.NoError(t, err)
	for i, chat := range []string{"a", uuid.NewString(), "a", ""} {
		require.True(t, r.receives(wrote(ann, dc, chat, noon.Add(time.Duration(i+1)*time.Second))).Applied)
	}
	chats := r.chatsOf(ann)
	require.Len(t, chats, 1)
	require.Equal(t, d.ChatID, chats[0].ID)
	require.Equal(t, noon.Add(4*time.Second), chats[0].ActiveAt)
}

// A receipt names the chat of ours that the event is about, whether it was
// known under the network's id, under its people or not at all; and none where
// there is none.
func TestAReceiptNamesTheChat(t *testing.T) {
	lines := []line.Line{{Number: dc}, {Number: boston}}
	r := newRig(t, fromline.Options{}, lines...)
	people, err := recipients.NewSet(ann)
	require.NoError(t, err)
	imported := store.ChatSeen{ID: inbound.ChatID("known"), Line: dc, Participants: people, CreatedAt: noon.Add(-time.Hour)}
	require.NoError(t, r.chats.Store.Apply(t.Context(), "acme", []store.Event{imported}))

	group := func(kind, chat string, people ...recipients.Handle) inbound.Event {
		return inbound.Event{Type: kind, Line: dc, Chat: chat, Group: true, At: noon, Participants: people}
	}
	left := inbound.Event{Type: inbound.ParticipantRemoved, Chat: "g", At: noon.Add(time.Minute), Participant: dc}
	for _, c := range []struct {
		event inbound.Event
		want  uuid.UUID
	}{
		{wrote(ann, dc, "known", noon), imported.ID},
		{wrote(ann, dc, "another id of it", noon.Add(time.Second)), imported.ID},
		{wrote(ann, boston, "known", noon), uuid.Nil},
		{wrote(bob, boston, "new", noon), inbound.ChatID("new")},
		{wrote(bob, boston, "new", noon), inbound.ChatID("new")},
		{group(inbound.GroupNameUpdated, "g"), uuid.Nil},
		{group(inbound.ChatCreated, "g", dc, ann, bob), inbound.ChatID("g")},
		{group(inbound.ChatCreated, "g", dc, ann, bob), inbound.ChatID("g")},
		{left, inbound.ChatID("g")},
		{group(inbound.GroupNameUpdated, "g"), inbound.ChatID("g")},
		{inbound.Event{Type: "reaction.added"}, uuid.Nil},
	} {
		receipt := r.receives(c.event)
		require.Equal(t, c.want, receipt.Chat, "%v: %v", c.event, receipt)
	}
}

// Direct messages come in any order and any number of times, and the same chats
// are as recent as the latest message of each made them.
func TestDirectMessagesCommute(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var events []inbound.Event
		latest := map[[2]recipients.Handle]time.Time{}
		for range rapid.IntRange(1, 12).Draw(rt, "messages") {
			who := rapid.SampledFrom([]recipients.Handle{ann, bob}).Draw(rt, "who")
			to := rapid.SampledFrom([]recipients.Handle{dc, boston}).Draw(rt, "line")
			at := noon.Add(-time.Duration(rapid.IntRange(0, 20).Draw(rt, "minutes")) * time.Minute)
			e := wrote(who, to, "net "+who.String()+to.String(), at)
			e.Reconciled = rapid.Bool().Draw(rt, "found later")
			events = append(events, e)
			if key := [2]recipients.Handle{who, to}; at.After(latest[key]) {
				latest[key] = at
			}
		}
		told := append(slices.Clone(events), events[:rapid.IntRange(0, len(events)).Draw(rt, "twice")]...)
		seed := rapid.Uint64().Draw(rt, "order")
		rand.New(rand.NewPCG(seed, 0)).Shuffle(len(told), func(i, j int) { told[i], told[j] = told[j], told[i] })

		r := newRig(t, fromline.Options{}, line.Line{Number: dc}, line.Line{Number: boston})
		for _, e := range told {
			r.receives(e)
		}
		got := map[[2]recipients.Handle]time.Time{}
		for _, who := range []recipients.Handle{ann, bob} {
			for _, c := range r.chatsOf(who) {
				key := [2]recipients.Handle{who, c.Line}
				require.NotContains(rt, got, key, "one chat of a person on a line")
				got[key] = c.ActiveAt
			}
		}
		require.Equal(rt, latest, got)
	})
}

// A message is counted against its line once, however often it is told; our own
// sends that are reported back are not counted again.
func TestMessagesAreCountedOnce(t *testing.T) {
	r := newRig(t, fromline.Options{}, line.Line{Number: dc})
	messages := func() (n int) {
		uses, _, err := r.chats.LineUse(t.Context(), 0, 0)
		require.NoError(t, err)
		for _, u := range uses {
			require.Zero(t, u.Window(line.HourOf(noon)), "a chat that others open takes no slot")
			n += u.MessagesWindow(line.HourOf(noon))
		}
		return n
	}
	for i := range 3 {
		receipt := r.receives(wrote(ann, dc, "a", noon.Add(-time.Minute)))
		require.Equal(t, i == 0, receipt.Applied)
	}
	require.Equal(t, 1, messages())
	require.Equal(t, fromline.NotNewer, r.receives(wrote(ann, dc, "a", noon.Add(-time.Hour))).Reason)
	own := wrote(dc, dc, "a", noon)
	own.Type, own.FromMe = inbound.MessageSent, true
	require.True(t, r.receives(own).Applied)
	require.Equal(t, 1, messages())
	require.Equal(t, noon, r.chatsOf(ann)[0].ActiveAt, "but it makes the chat more recent")
}

// A group is known from an event that lists all its people; until then its
// messages are acknowledged, and say why. Its changes move the set.
func TestGroups(t *testing.T) {
	r := newRig(t, fromline.Options{}, line.Line{Number: dc})
	group := wrote(ann, dc, "g", noon)
	group.Group = true
	require.Equal(t, fromline.ParticipantsUnknown, r.receives(group).Reason)

	created := inbound.Event{
		Type: inbound.ChatCreated, Line: dc, Chat: "g", Group: true, At: noon.Add(-time.Hour),
		Participants: []recipients.Handle{dc, ann, bob},
	}
	require.True(t, r.receives(created).Applied)
	require.Equal(t, fromline.NotNewer, r.receives(created).Reason)
	require.Equal(t, fromline.NotNewer, r.receives(group).Reason, "it was kept until the people were known")
	require.Len(t, r.chatsOf(ann, bob), 1)
	require.Equal(t, noon, r.chatsOf(ann, bob)[0].ActiveAt)
	group.At = noon.Add(time.Second)
	require.True(t, r.receives(group).Applied)

	cat := recipients.MustParse("cat@example.com")
	change := func(kind string, who recipients.Handle, at time.Time) fromline.Receipt {
		return r.receives(inbound.Event{Type: kind, Chat: "g", Participant: who, At: at})
	}
	require.True(t, change(inbound.ParticipantAdded, cat, noon).Applied)
	require.Empty(t, r.chatsOf(ann, bob))
	require.Len(t, r.chatsOf(ann, bob, cat), 1)
	require.Equal(t, fromline.NotNewer, change(inbound.ParticipantAdded, cat, noon).Reason)
	require.Equal(t, fromline.NotNewer, change(inbound.ParticipantRemoved, cat, noon.Add(-time.Second)).Reason,
		"who came back later is in the group")
	require.True(t, change(inbound.ParticipantRemoved, cat, noon.Add(time.Second)).Applied)
	require.Len(t, r.chatsOf(ann, bob), 1)

	named := inbound.Event{Type: inbound.GroupNameUpdated, Chat: "g", Named: true, At: noon}
	require.True(t, r.receives(named).Applied)
	require.Equal(t, fromline.NotNewer, r.receives(named).Reason)
	require.True(t, r.chatsOf(ann, bob)[0].Named)

	require.True(t, change(inbound.ParticipantRemoved, dc, noon).Applied)
	require.Empty(t, r.chatsOf(ann, bob), "our line has left")
	require.Equal(t, fromline.LineLeft, r.receives(group).Reason)
}

// What cannot be meant for us is acknowledged with a reason, and changes
// nothing.
func TestWhatIsAcknowledged(t *testing.T) {
	var log bytes.Buffer
	r := newRig(t, fromline.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))}, line.Line{Number: dc})
	for want, e := range map[fromline.Reason]inbound.Event{
		fromline.UnknownType: {Type: "reaction.added"},
		fromline.UnknownLine: wrote(ann, boston, "a", noon),
		fromline.UnknownChat: {Type: inbound.GroupNameUpdated, Chat: "x", At: noon},
		fromline.NotKept:     {Type: inbound.MessageFailed, Chat: "x", At: noon, Line: dc, Failure: 4001, Message: "m-1"},
	} {
		receipt := r.receives(e)
		require.Equal(t, fromline.Receipt{EventType: e.Type, EventID: e.ID, Reason: want}, receipt)
	}
	require.Contains(t, log.String(), "4001", "a failure is told")
	require.Empty(t, r.chatsOf(ann))

	d, err := r.send(request(t, nil, ann))
	require.NoError(t, err)
	log.Reset()
	require.True(t, r.receives(inbound.Event{Type: inbound.MessageFailed, At: noon, Failure: 4002, Message: d.MessageID.String()}).Applied)
	require.Contains(t, log.String(), "line="+dc.String()+" ", "the record knows the line, which the event does not name")
	_, err = r.Receive(t.Context(), "acme", wrote(ann, dc, "a", noon.Add(inbound.MaxAhead+time.Second)))
	require.Equal(t, fault.CodeValue, fromline.CodeOf(err))
	_, err = r.Receive(t.Context(), "", wrote(ann, dc, "a", noon))
	require.ErrorIs(t, err, store.ErrInvalid)
}

// What could not be kept is to be given again.
func TestReceiveWhileTheStoreIsDown(t *testing.T) {
	r := newRig(t, fromline.Options{}, line.Line{Number: dc})
	down := errors.New("down")
	r.chats.beforeHear = func(store.DirectMessage) error { return down }
	_, err := r.Receive(t.Context(), "acme", wrote(ann, dc, "a", noon))
	var unavailable *fromline.UnavailableError
	require.ErrorAs(t, err, &unavailable)
	require.ErrorIs(t, err, down)
	require.True(t, unavailable.Retry)
}

// What blocked people write directly is dropped where blocks stop sends; what
// it says of opting out is kept.
func TestBlockedPeopleAreNotHeard(t *testing.T) {
	yes := true
	for _, blocks := range []bool{false, true} {
		r := newRig(t, fromline.Options{Consents: fromline.ConsentRules{Blocks: blocks, OptOuts: true}}, line.Line{Number: dc})
		_, _, err := r.ChangeConsent(t.Context(), "acme", ann, store.ConsentChange{Blocked: &yes, At: noon})
		require.NoError(t, err)
		e := wrote(ann, dc, "a", noon)
		e.Text = new(inbound.Text("STOP"))
		receipt := r.receives(e)
		kept, _, err := r.Consents(t.Context(), "acme", recipients.Key{}, 0)
		require.NoError(t, err)
		require.True(t, kept[0].OptedOut)
		if blocks {
			require.Equal(t, fromline.SenderBlocked, receipt.Reason)
			require.Empty(t, r.chatsOf(ann))
		} else {
			require.True(t, receipt.Applied)
		}
	}
}
