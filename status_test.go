package fromline_test

import (
	"context"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/inbound"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store/memory"
)

// What the network tells of a message is kept beside its record and shown, the
// earliest time of each thing, in whatever order and however often it is told,
// and by whichever of its names, with or without its chat and line.
func TestMessageStatusInAnyOrder(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r := newRig(t, fromline.Options{}, line.Line{Number: dc})
		d, err := r.send(request(t, withKey("key"), ann))
		require.NoError(rt, err)
		names := []func(*inbound.Event){
			func(e *inbound.Event) { e.Message = d.MessageID.String() },
			func(e *inbound.Event) { e.Message, e.Key = "net-7", "key" },
			func(e *inbound.Event) { e.Key = d.MessageID.String() },
		}
		var want fromline.MessageStatus
		var told []inbound.Event
		for range rapid.IntRange(1, 8).Draw(rt, "events") {
			at := noon.Add(-time.Duration(rapid.IntRange(0, 9).Draw(rt, "minutes")) * time.Minute)
			e := inbound.Event{Line: dc, Chat: "net", At: at, FromMe: true, Sender: dc}
			e.Type = rapid.SampledFrom([]string{inbound.MessageSent, inbound.MessageDelivered, inbound.MessageRead, inbound.MessageFailed}).Draw(rt, "type")
			earliest := map[string]*time.Time{
				inbound.MessageSent: &want.SentAt, inbound.MessageDelivered: &want.DeliveredAt,
				inbound.MessageRead: &want.ReadAt, inbound.MessageFailed: &want.FailedAt,
			}[e.Type]
			if e.Type == inbound.MessageFailed {
				e.Failure = rapid.IntRange(4001, 4008).Draw(rt, "code")
				if want.FailedAt.IsZero() || at.Before(want.FailedAt) || at.Equal(want.FailedAt) && e.Failure > want.Failure {
					want.Failure = e.Failure
				}
			}
			if earliest.IsZero() || at.Before(*earliest) {
				*earliest = at
			}
			rapid.SampledFrom(names).Draw(rt, "name")(&e)
			if e.Type != inbound.MessageSent && rapid.Bool().Draw(rt, "the message alone") { // as message.failed may
				e.Line, e.Chat, e.Sender = recipients.Handle{}, "", recipients.Handle{}
			}
			told = append(told, e, e)
		}
		seed := rapid.Uint64().Draw(rt, "order")
		rand.New(rand.NewPCG(seed, 0)).Shuffle(len(told), func(i, j int) { told[i], told[j] = told[j], told[i] })
		for _, e := range told {
			r.receives(e)
		}
		back, err := r.ReadBack(t.Context(), "acme", d.MessageID)
		require.NoError(rt, err)
		require.Equal(rt, want, back.Told)
		word := want.String()
		require.Equal(rt, word, back.Status())
		require.Len(rt, r.chatsOf(ann), 1, "the network's chat id means our chat")
	})
}

// The network's ids lead to our chat and our message from when they are first
// met together with what we know; when the record goes, what was told goes with
// it.
func TestReferencesOfOurOwnMessage(t *testing.T) {
	r := newRig(t, fromline.Options{}, line.Line{Number: dc})
	d, err := r.send(request(t, nil, ann, bob))
	require.NoError(t, err)
	sent := inbound.Event{Type: inbound.MessageSent, Chat: "net group", Message: "net message", Key: d.MessageID.String(), Line: dc, At: noon, Sender: dc, FromMe: true}
	require.True(t, r.receives(sent).Applied)
	require.Equal(t, fromline.NotNewer, r.receives(sent).Reason)
	read := inbound.Event{Type: inbound.MessageRead, Message: "net message", Chat: "net group", At: noon.Add(time.Minute)}
	require.True(t, r.receives(read).Applied)
	answer := wrote(bob, dc, "net group", noon.Add(2*time.Minute))
	answer.Group = true
	require.True(t, r.receives(answer).Applied, "the group is known by its reference")
	require.Equal(t, noon.Add(2*time.Minute), r.chatsOf(ann, bob)[0].ActiveAt)
	require.Equal(t, d.ChatID, r.chatsOf(ann, bob)[0].ID)

	_, err = r.chats.Purge(t.Context(), noon.Add(999*time.Hour), 0)
	require.NoError(t, err)
	require.Equal(t, fromline.NotKept, r.receives(read).Reason)
	stranger := read
	stranger.Message = uuid.NewString()
	require.Equal(t, fromline.NotKept, r.receives(stranger).Reason)
}

// Of two failures of one time the larger code stays, and of two times the
// earlier one, in whatever order they are told.
func TestWhichFailureStays(t *testing.T) {
	failed := func(minute, code int) inbound.Event {
		return inbound.Event{Type: inbound.MessageFailed, Key: "key", Line: dc, At: noon.Add(time.Duration(minute) * time.Minute), Failure: code}
	}
	for _, events := range [][2]inbound.Event{ // the one that stays, and another
		{failed(1, 4007), failed(1, 4001)}, {failed(1, 4001), failed(2, 4007)}, {failed(1, 4007), failed(2, 4001)}, {failed(1, 4001), failed(1, 4001)},
	} {
		for _, order := range [][]int{{0, 1}, {1, 0}} {
			r := newRig(t, fromline.Options{}, line.Line{Number: dc})
			d, err := r.send(request(t, withKey("key"), ann))
			require.NoError(t, err)
			for i, k := range order {
				receipt := r.receives(events[k])
				require.Equal(t, i == 0 || k == 0 && !reflect.DeepEqual(events[0], events[1]), receipt.Applied, "%v in order %v", events, order)
			}
			back, err := r.ReadBack(t.Context(), "acme", d.MessageID)
			require.NoError(t, err)
			require.Equal(t, fromline.MessageStatus{FailedAt: events[0].At, Failure: events[0].Failure}, back.Told)
		}
	}
}

// The network's ids of the chat and of the message are kept each where an event
// names it, also if the other is known, and lead to what they first led to.
func TestEachReferenceIsKept(t *testing.T) {
	r := newRig(t, fromline.Options{}, line.Line{Number: dc})
	d, err := r.send(request(t, withKey("key"), ann, bob))
	require.NoError(t, err)
	_, err = r.send(request(t, withKey("other"), cat))
	require.NoError(t, err)
	says := func(chat, message, key string) []string {
		e := inbound.Event{Type: inbound.MessageDelivered, Chat: chat, Message: message, Key: key, Line: dc, At: noon}
		require.NotEqual(t, fromline.NotKept, r.receives(e).Reason)
		var names []string
		for item, err := range r.chats.Export(t.Context()) {
			require.NoError(t, err)
			if n := item.Note; n != nil && n.Body == nil {
				require.Equal(t, map[bool]uuid.UUID{false: d.ChatID, true: d.MessageID}[n.OfMessage], n.Of)
				names = append(names, n.Name)
			}
		}
		slices.Sort(names)
		return names
	}
	require.Empty(t, says("", "", "key"))
	require.Empty(t, says("", d.MessageID.String(), ""), "its own id leads to it")
	require.Empty(t, says(d.ChatID.String(), d.MessageID.String(), "key"), "and so does that of the chat")
	require.Equal(t, []string{"chat c"}, says("c", "", "key"))
	require.Equal(t, []string{"chat c", "message m"}, says("c", "m", "key"))
	require.Equal(t, []string{"chat c", "message m"}, says("c", "m", "other"), "an id means what it was first found to mean")
	require.Equal(t, []string{"chat c", "chat d", "message m"}, says("d", "m", ""))
	for _, key := range []string{uuid.Nil.String(), "no key"} {
		e := inbound.Event{Type: inbound.MessageDelivered, Message: uuid.Nil.String(), Key: key, Line: dc, At: noon}
		require.Equal(t, fromline.NotKept, r.receives(e).Reason)
	}
	elsewhere := inbound.Event{Type: inbound.MessageRead, Message: "m", Line: boston, At: noon}
	require.Equal(t, fromline.UnknownLine, r.receives(elsewhere).Reason)
}

// naming is a Sender that learns the network's ids.
type naming struct{}

func (naming) Send(_ context.Context, d delivery.Delivery) error {
	d.Network.Chat, d.Network.Message = "net chat", "net message"
	return nil
}

// What the receiver of a delivery calls the chat and the message leads to ours.
func TestTheReceiverNamesTheNetworksIDs(t *testing.T) {
	chats := memory.New(memory.Options{})
	lines := lineTable{&table{notes: &notes{}, lines: []line.Line{{Number: dc}}}}
	router, err := fromline.New(chats, lines, fromline.Options{Sender: naming{}, Deliver: true})
	require.NoError(t, err)
	d, err := router.Route(t.Context(), fromline.Outgoing{Tenant: "acme", Request: request(t, nil, ann, bob)})
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- router.Run(ctx) }()
	require.Eventually(t, func() bool {
		n, err := chats.Note(t.Context(), "acme", "message net message")
		return err == nil && n.Of == d.MessageID
	}, time.Minute, time.Millisecond)
	stop()
	require.NoError(t, <-ended)
	read := inbound.Event{Type: inbound.MessageRead, Message: "net message", Chat: "net chat", At: time.Now()}
	receipt, err := router.Receive(t.Context(), "acme", read)
	require.NoError(t, err)
	require.True(t, receipt.Applied)
	answer := wrote(bob, dc, "net chat", time.Now())
	answer.Group = true
	receipt, err = router.Receive(t.Context(), "acme", answer)
	require.NoError(t, err)
	require.True(t, receipt.Applied, "the group is known by its reference")
}
