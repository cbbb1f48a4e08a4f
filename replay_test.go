package fromline_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/store"
)

// A replay is the first decision, whatever happened since, and asks no hook
// (docs/rules.md §8).
func TestReplayHolds(t *testing.T) {
	everything := func(r *message.Request) {
		answered, text, service := uuid.UUID{0: 'r'}.String(), "It is me.", "iMessage"
		withKey("k")(r)
		media(r)
		r.Message.ReplyTo = &message.ReplyTo{MessageID: &answered}
		r.Message.PreferredService = &service
		r.ContinuationMessage = &message.Continuation{Text: &text}
	}
	for name, world := range map[string]func(r *rig){
		"new":   func(*rig) {},
		"reuse": func(r *rig) { r.seen(1, dc, time.Hour, ann) },
		"reuse in bad shape": func(r *rig) {
			r.seen(1, boston, time.Hour, ann)
			r.lines.lines[1].Reputation = line.Critical
			r.lines.lines[1].MessagesFullUntil = noon.Add(time.Hour)
			r.lines.lines[1].Services = line.Services(message.SMS)
		},
		"failover": func(r *rig) {
			r.seen(1, boston, time.Hour, ann)
			r.setStatus(boston, line.Flagged)
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := withHooks(t, line.Line{Number: dc}, line.Line{Number: boston})
			world(r)
			send := request(t, everything, ann)
			first, err := r.send(send)
			require.NoError(t, err)
			require.False(t, first.Replay)
			require.NoError(t, r.committed(first))
			r.notes.take()

			then := map[string]func(){
				"at once":          func() {},
				"the line flagged": func() { r.setStatus(first.Line, line.Flagged) },
				"the line gone":    func() { r.lines.lines = nil },
				"no line health":   func() { r.lines.err = fleet.ErrStale },
				"another chat is newer": func() {
					r.seen(9, dallas, -time.Hour, ann)
				},
			}
			for _, what := range []string{"at once", "the line flagged", "the line gone", "another chat is newer", "no line health"} {
				then[what]()
				again, err := r.Route(t.Context(), fromline.Outgoing{Tenant: "acme", Request: send, At: noon.Add(time.Hour)})
				require.NoError(t, err, what)
				require.True(t, again.Replay, what)
				require.Equal(t, []string{"lines", "lookup"}, r.notes.take(), what)
				require.Equal(t, answerOf(t, first), answerOf(t, again), what)
				again.Replay = false
				require.Equal(t, body(t, first), body(t, again), what)
			}
			require.NoError(t, r.committed(first))
		})
	}
}

func body(t *testing.T, v any) string {
	text, err := json.Marshal(v)
	require.NoError(t, err)
	return string(text)
}

// The same key with another request is a fault of the request; what the
// fingerprint leaves out makes no other request.
func TestKeyWithAnotherRequest(t *testing.T) {
	r := newRig(t, fromline.Options{}, line.Line{Number: dc})
	first, err := r.send(request(t, withKey("k"), ann, bob))
	require.NoError(t, err)

	again, err := r.send(request(t, func(r *message.Request) {
		key, yes := "k", true
		r.Message.IdempotencyKey, r.OverrideOptOut = &key, &yes
	}, bob, ann, bob))
	require.NoError(t, err)
	require.True(t, again.Replay)
	require.Equal(t, first.MessageID, again.MessageID)

	text := "It is me."
	for name, change := range map[string]func(*message.Request){
		"content":      func(r *message.Request) { r.Message.Parts = []message.Part{message.Text("Dinner at nine?")} },
		"continuation": func(r *message.Request) { r.ContinuationMessage = &message.Continuation{Text: &text} },
		"exclude_from": func(r *message.Request) { r.ExcludeFrom = []string{boston.String()} },
		"recipients":   func(r *message.Request) { r.To = r.To[:1] },
	} {
		_, err := r.send(request(t, func(r *message.Request) { withKey("k")(r); change(r) }, ann, bob))
		var wrong *fault.Error
		require.ErrorAs(t, err, &wrong, name)
		require.Equal(t, fault.RuleKeyReused, wrong.Primary().Rule, name)
		require.Equal(t, fault.CodeValue, fromline.CodeOf(err), name)
	}
	require.NoError(t, r.committed(first))

	// A key is the tenant's own.
	d, err := r.Route(t.Context(), fromline.Outgoing{Tenant: "beta", Request: request(t, withKey("k"), ann)})
	require.NoError(t, err)
	require.False(t, d.Replay)
	require.NotEqual(t, first.MessageID, d.MessageID)
}

// The message id of a send with a key derives from tenant, key and request, so
// that it is the same after the record has expired.
func TestMessageIDOfAKey(t *testing.T) {
	id := func(tenant, key, text string) uuid.UUID {
		r := newRig(t, fromline.Options{}, line.Line{Number: dc})
		send := request(t, func(r *message.Request) {
			withKey(key)(r)
			r.Message.Parts = []message.Part{message.Text(text)}
		}, ann)
		d, err := r.Route(t.Context(), fromline.Outgoing{Tenant: tenant, Request: send})
		require.NoError(t, err)
		require.Equal(t, 1, r.ids.n, "only the chat's id is drawn")
		return d.MessageID
	}
	ids := map[uuid.UUID]bool{}
	for _, of := range [][3]string{{"acme", "k", "Hello"}, {"acme", "l", "Hello"}, {"acm", "ek", "Hello"}, {"beta", "k", "Hello"}, {"acme", "k", "Bye"}} {
		require.Equal(t, id(of[0], of[1], of[2]), id(of[0], of[1], of[2]))
		ids[id(of[0], of[1], of[2])] = true
	}
	require.Len(t, ids, 5)
	require.Equal(t, "e310eae8-dd18-5949-aaa2-888033b8437f", id("acme", "k", "Hello").String(), "derived ids never change")
}

// Records are kept for as long as the options say; those of sends without a key
// for as long as their outcome can be in doubt.
func TestRecordsAreKept(t *testing.T) {
	const day = 24 * time.Hour
	for _, row := range []struct {
		options        fromline.Options
		keyed, unkeyed time.Duration
	}{
		{fromline.Options{}, 7 * day, time.Hour},
		{fromline.Options{KeepRecords: day, KeepUnkeyed: time.Minute}, day, time.Minute},
	} {
		r := newRig(t, row.options, line.Line{Number: dc})
		_, err := r.send(request(t, withKey("k"), ann))
		require.NoError(t, err)
		_, err = r.send(request(t, nil, ann))
		require.NoError(t, err)
		require.Equal(t, noon.Add(row.keyed), r.chats.plans[0].KeepUntil)
		require.Equal(t, noon.Add(row.unkeyed), r.chats.plans[1].KeepUntil)

		// From now on, also if history is replayed; later for what is ahead.
		for _, at := range []time.Time{noon.AddDate(-1, 0, 0), noon.Add(time.Hour)} {
			r.chats.plans = nil
			_, err := r.Route(t.Context(), fromline.Outgoing{Tenant: "acme", Request: request(t, nil, bob), At: at})
			require.NoError(t, err)
			until := noon.Add(row.unkeyed)
			if at.After(noon) {
				until = at.Add(row.unkeyed)
			}
			require.Equal(t, until, r.chats.plans[0].KeepUntil)
		}
	}
}

// A purged key is free again: the decision is made anew, and is recognisable
// downstream by its message id. The purged send is in the same chat.
func TestKeyAfterThePurge(t *testing.T) {
	r := newRig(t, fromline.Options{}, line.Line{Number: dc})
	send := request(t, withKey("k"), ann)
	first, err := r.send(send)
	require.NoError(t, err)
	at := noon.Add(8 * 24 * time.Hour)
	late, err := r.Route(t.Context(), fromline.Outgoing{Tenant: "acme", Request: send, At: at})
	require.NoError(t, err)
	require.True(t, late.Replay, "an expired record answers until it is purged")
	removed, err := r.chats.Purge(t.Context(), at, 0)
	require.NoError(t, err)
	require.Equal(t, 1, removed)
	again, err := r.Route(t.Context(), fromline.Outgoing{Tenant: "acme", Request: send, At: at})
	require.NoError(t, err)
	require.False(t, again.Replay)
	require.Equal(t, store.ReusedActiveChat, again.Reason)
	require.Equal(t, first.MessageID, again.MessageID)
	require.Equal(t, first.ChatID, again.ChatID)
}
