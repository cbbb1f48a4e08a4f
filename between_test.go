package fromline_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/inbound"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

// happening is what a network tells of one chat: how it begins, and what may
// come then.
type happening struct {
	begins func(*testing.T, *fromline.Router, store.Store)
	events []inbound.Event
}

func happenings() map[string]happening {
	at := func(minutes int) time.Time { return noon.Add(time.Duration(minutes-20) * time.Minute) }
	of := func(kind string, minute int, e inbound.Event) inbound.Event {
		e.Type, e.At, e.Chat = kind, at(minute), "g"
		return e
	}
	lists := func(kind string, minute int, e inbound.Event, people ...recipients.Handle) inbound.Event {
		e.Line, e.Group, e.Participants = dc, true, append([]recipients.Handle{dc}, people...)
		return of(kind, minute, e)
	}
	group := []inbound.Event{
		lists(inbound.ChatCreated, 1, inbound.Event{Named: true}, ann, bob),
		lists(inbound.ChatCreated, 1, inbound.Event{Service: message.RCS}, ann, bob),
		lists(inbound.MessageReceived, 3, inbound.Event{Sender: ann, Service: message.RCS}, ann, bob),
		of(inbound.MessageReceived, 4, inbound.Event{Sender: ann, Line: dc, Group: true}),
		of(inbound.MessageReceived, 5, inbound.Event{Sender: bob, Line: dc, Group: true, Service: message.RCS}),
		of(inbound.MessageSent, 6, inbound.Event{Sender: dc, FromMe: true, Line: dc, Group: true}),
		of(inbound.ParticipantAdded, 2, inbound.Event{Participant: cat}),
		of(inbound.ParticipantRemoved, 4, inbound.Event{Participant: cat}),
		of(inbound.ParticipantRemoved, 5, inbound.Event{Participant: ann}),
		of(inbound.ParticipantRemoved, 7, inbound.Event{Participant: bob}),
		of(inbound.ParticipantAdded, 8, inbound.Event{Participant: ann}),
		of(inbound.ParticipantRemoved, 9, inbound.Event{Participant: dc}),
		of(inbound.GroupNameUpdated, 3, inbound.Event{Named: true}),
		of(inbound.GroupNameUpdated, 8, inbound.Event{}),
	}
	seen := func(t *testing.T, s store.Store, people ...recipients.Handle) {
		set, err := recipients.NewSet(people...)
		require.NoError(t, err)
		chat := store.ChatSeen{ID: [16]byte{0: 'c', 15: 1}, Line: dc, Participants: set, CreatedAt: at(0)}
		require.NoError(t, s.Apply(t.Context(), "acme", []store.Event{chat}))
	}
	alone := lists(inbound.ChatCreated, 1, inbound.Event{}, ann)
	alone.Group = false
	bare := wrote(ann, dc, "", at(3))
	bare.Service = message.RCS
	status := func(kind string, minute int, e inbound.Event) inbound.Event {
		e.Message, e.Key, e.Line = "net message", "key", dc
		return of(kind, minute, e)
	}
	statuses := []inbound.Event{
		status(inbound.MessageSent, 1, inbound.Event{Sender: dc, FromMe: true}), status(inbound.MessageDelivered, 2, inbound.Event{}),
		status(inbound.MessageDelivered, 3, inbound.Event{}), status(inbound.MessageRead, 4, inbound.Event{}),
		status(inbound.MessageFailed, 5, inbound.Event{Failure: 4001}), status(inbound.MessageFailed, 5, inbound.Event{Failure: 4007}),
		status(inbound.MessageFailed, 6, inbound.Event{Failure: 4003}), of(inbound.MessageReceived, 7, inbound.Event{Sender: ann, Line: dc, Group: true}),
		of(inbound.ParticipantRemoved, 8, inbound.Event{Participant: bob}),
	}
	decided := func(t *testing.T, r *fromline.Router, _ store.Store) {
		require.NoError(t, second(r.Route(t.Context(), fromline.Outgoing{Tenant: "acme", Request: request(t, withKey("key"), ann, bob)})))
	}
	return map[string]happening{
		"a group": {func(*testing.T, *fromline.Router, store.Store) {}, group},
		"a group that is known": {func(t *testing.T, r *fromline.Router, _ store.Store) {
			require.NoError(t, second(r.Receive(t.Context(), "acme", lists(inbound.ChatCreated, 0, inbound.Event{}, ann, bob))))
		}, group},
		"a group that we opened": {func(t *testing.T, _ *fromline.Router, s store.Store) { seen(t, s, ann, bob) }, group},
		"a group of which people were told": {func(t *testing.T, r *fromline.Router, _ store.Store) {
			require.NoError(t, second(r.Receive(t.Context(), "acme", of(inbound.ParticipantAdded, 0, inbound.Event{Participant: bob}))))
		}, group},
		"a chat with one person": {func(t *testing.T, _ *fromline.Router, s store.Store) { seen(t, s, ann) }, []inbound.Event{
			alone, bare, wrote(ann, dc, "g", at(4)), wrote(ann, dc, "g", at(5)),
			of(inbound.MessageSent, 6, inbound.Event{Sender: dc, FromMe: true, Line: dc, Service: message.RCS}),
			of(inbound.MessageSent, 2, inbound.Event{Sender: dc, FromMe: true, Line: dc, Participants: []recipients.Handle{dc, ann}}),
			of(inbound.ParticipantAdded, 7, inbound.Event{Participant: bob}), of(inbound.ParticipantRemoved, 8, inbound.Event{Participant: ann}),
			of(inbound.ParticipantRemoved, 9, inbound.Event{Participant: dc}), of(inbound.GroupNameUpdated, 3, inbound.Event{Named: true}),
		}},
		"a message of ours": {decided, statuses},
		"a message of ours that the network has named": {func(t *testing.T, r *fromline.Router, s store.Store) {
			decided(t, r, s)
			require.NoError(t, second(r.Receive(t.Context(), "acme", status(inbound.MessageDelivered, 4, inbound.Event{}))))
		}, statuses},
	}
}

// knownOf is what a store keeps of chats, without how many messages it counted:
// of a chat that no send can match only that.
func knownOf(t *testing.T, chats store.Store) (all []string) {
	for item, err := range chats.Export(t.Context()) {
		require.NoError(t, err)
		switch c := item.Chat; {
		case item.Note != nil:
			all = append(all, fmt.Sprintf("note %s of %s: %s", item.Note.Name, item.Note.Of, item.Note.Body))
		case c == nil:
		case c.LineLeft || c.Roster.Len() == 0:
			all = append(all, fmt.Sprint("chat ", c.ID, " that nothing matches"))
		default:
			all = append(all, fmt.Sprint("chat ", c.ID, c.Line, " ", c.Roster.Set(), c.ActiveAt, c.Named, c.Service))
		}
	}
	slices.Sort(all)
	return all
}

// Whichever event is taken in between any two steps of another about the same
// chat, and wherever the taking in of the first broke off before that and was
// done again, the end is one of the two that both have one after the other.
func TestWhatComesBetweenTwoSteps(t *testing.T) {
	for name, h := range happenings() {
		t.Run(name, func(t *testing.T) {
			// end tells the events in their order to a Router on a store of its own,
			// after what prepare does with that, and returns what the store keeps then.
			end := func(prepare func(*faltering, *fromline.Router), events ...inbound.Event) (kept []string, calls int) {
				chats := &faltering{Store: memory.New(memory.Options{})}
				router, err := fromline.New(chats, lineTable{&table{notes: &notes{}, lines: []line.Line{{Number: dc}}}}, fromline.Options{
					Clock: func() time.Time { return noon }, NewID: new(counted).NewID,
					Fleet: fleet.Options{RefreshEvery: 1, Clock: new(ticking).Now},
					Wait:  func(ctx context.Context, _ int) error { return ctx.Err() },
				})
				require.NoError(t, err)
				h.begins(t, router, chats.Store)
				chats.calls = 0
				prepare(chats, router)
				for _, e := range events {
					_, err := router.Receive(t.Context(), "acme", e)
					require.NoError(t, err, e)
				}
				return knownOf(t, chats.Store), chats.calls
			}
			nothing := func(*faltering, *fromline.Router) {}
			for i, first := range h.events {
				_, calls := end(nothing, first)
				for j, other := range h.events {
					one, _ := end(nothing, first, other)
					two, _ := end(nothing, other, first)
					for at := 1; at <= calls; at++ {
						between, _ := end(func(chats *faltering, r *fromline.Router) {
							chats.at = at
							chats.between = func() { require.NoError(t, second(r.Receive(t.Context(), "acme", other))) }
						}, first)
						require.Contains(t, [][]string{one, two}, between, "%d %v and before its call %d %d %v", i, first, at, j, other)
						again, _ := end(func(chats *faltering, r *fromline.Router) {
							chats.at, chats.last = at, math.MaxInt
							require.ErrorIs(t, second(r.Receive(t.Context(), "acme", first)), errFails)
							chats.last = 0
						}, other, first)
						require.Contains(t, [][]string{one, two}, again, fmt.Sprintf("%d %v failed at call %d, then came %d %v", i, first, at, j, other))
					}
				}
			}
		})
	}
}
