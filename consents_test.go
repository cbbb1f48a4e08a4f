package fromline_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/inbound"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

// What the store keeps of people stops sends by the rules that are switched on,
// whatever it keeps: an opt-out stops a message to one person without
// override_optout, a block one whose people are all blocked, the list one with
// a person who is not on it. A message that is let through although its person
// opted out says so, in a replay too.
func TestConsents(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		rules := fromline.ConsentRules{
			OptOuts: rapid.Bool().Draw(rt, "opt-outs"), Blocks: rapid.Bool().Draw(rt, "blocks"), AllowList: rapid.Bool().Draw(rt, "list"),
		}
		override := rapid.Bool().Draw(rt, "override")
		r := newRig(t, fromline.Options{Consents: rules}, line.Line{Number: dc})
		people := []recipients.Handle{ann, bob, recipients.MustParse("eve@example.com")}[:rapid.IntRange(1, 3).Draw(rt, "people")]
		blocked, listed, optedOut := true, true, false
		yes := true
		for _, person := range people {
			say := func(w store.ConsentChange) {
				w.At = noon
				_, applied, err := r.ChangeConsent(t.Context(), "acme", person, w)
				require.NoError(rt, err)
				require.True(rt, applied)
			}
			out, block, list := rapid.Bool().Draw(rt, "out"), rapid.Bool().Draw(rt, "blocked"), rapid.Bool().Draw(rt, "listed")
			if out {
				say(store.ConsentChange{OptedOut: &yes})
			}
			if block {
				say(store.ConsentChange{Blocked: &yes})
			}
			if list {
				say(store.ConsentChange{Allowed: &yes})
			}
			blocked, listed, optedOut = blocked && block, listed && list, out && len(people) == 1
		}
		var want fromline.Admission
		switch {
		case rules.OptOuts && optedOut && !override:
			want = fromline.OptedOut
		case rules.Blocks && blocked:
			want = fromline.Blocked
		case rules.AllowList && !listed:
			want = fromline.NotAllowed
		}
		send := request(t, func(m *message.Request) {
			key := "key"
			m.HeaderKey, m.OverrideOptOut = &key, &override
		}, people...)
		d, err := r.send(send)
		if want != 0 {
			var stopped *fromline.GateError
			require.ErrorAs(rt, err, &stopped)
			require.Equal(rt, want, stopped.Admission)
			return
		}
		require.NoError(rt, err)
		overridden := func(d routing.Decision) bool {
			for _, a := range d.Advisories {
				if a.Rule == routing.OptOutOverridden {
					return true
				}
			}
			return false
		}
		require.Equal(rt, rules.OptOuts && optedOut, overridden(d))
		again, err := r.send(send)
		require.NoError(rt, err)
		require.True(rt, again.Replay)
		require.Equal(rt, d.Advisories, again.Advisories)
	})
}

// A person who opts out and writes again is written to again, and an earlier
// decision is answered whatever was said since.
func TestConsentsChange(t *testing.T) {
	r := newRig(t, fromline.Options{Consents: fromline.ConsentRules{OptOuts: true}}, line.Line{Number: dc})
	first, err := r.send(request(t, withKey("first"), ann))
	require.NoError(t, err)
	for i, out := range []bool{true, false} {
		_, _, err := r.ChangeConsent(t.Context(), "acme", ann, store.ConsentChange{OptedOut: &out, At: noon.Add(time.Duration(i) * time.Second)})
		require.NoError(t, err)
		_, err = r.send(request(t, nil, ann))
		if out {
			require.Equal(t, fault.Code(2024), fromline.CodeOf(err))
		} else {
			require.NoError(t, err)
		}
		again, err := r.send(request(t, withKey("first"), ann))
		require.NoError(t, err)
		require.Equal(t, first.MessageID, again.MessageID)
	}
}

// A stop word alone in a direct message opts a person out on all lines, and
// each other message of theirs takes that back: the latest by its own time
// counts, whatever the order in which they are heard.
func TestStopWordsOptOut(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r := newRig(t, fromline.Options{Consents: fromline.ConsentRules{OptOuts: true}}, line.Line{Number: dc}, line.Line{Number: boston})
		type said struct {
			text   string
			group  bool
			minute int
		}
		var heard []said
		for i := range rapid.IntRange(1, 6).Draw(rt, "messages") {
			heard = append(heard, said{
				rapid.SampledFrom([]string{"STOP", "opt out", "stop", "hello"}).Draw(rt, "text"), rapid.Bool().Draw(rt, "group"), i,
			})
		}
		latest := heard[len(heard)-1]
		for _, m := range rapid.Permutation(heard).Draw(rt, "order") {
			text := inbound.Text(m.text)
			e := inbound.Event{
				Type: inbound.MessageReceived, At: noon.Add(time.Duration(m.minute-10) * time.Minute), Line: dc,
				Chat: "direct", Sender: ann, Participants: []recipients.Handle{ann}, Text: &text,
			}
			if m.group {
				e.Chat, e.Group, e.Participants = "group", true, []recipients.Handle{ann, bob}
			}
			for range 2 {
				_, err := r.Receive(t.Context(), "acme", e)
				require.NoError(rt, err)
			}
		}
		_, err := r.send(request(t, nil, ann))
		if !latest.group && (latest.text == "STOP" || latest.text == "opt out") {
			require.Equal(rt, fault.Code(2024), fromline.CodeOf(err))
		} else {
			require.NoError(rt, err)
		}
	})
}

// A stop word in a group opts no one out, whomever of it the event lists.
func TestStopWordsInAGroup(t *testing.T) {
	for _, people := range [][]recipients.Handle{nil, {dc, ann}, {ann}, {dc, ann, bob}} {
		r := newRig(t, fromline.Options{Consents: fromline.ConsentRules{OptOuts: true}}, line.Line{Number: dc})
		stop := inbound.Text("STOP")
		r.receives(inbound.Event{Type: inbound.MessageReceived, At: noon, Line: dc, Chat: "g", Group: true, Sender: ann, Participants: people, Text: &stop})
		_, err := r.send(request(t, nil, ann))
		require.NoError(t, err, people)
	}
}

// Where there are start words, only they take an opt-out back.
func TestStartWordsTakeAnOptOutBack(t *testing.T) {
	words, err := inbound.StopWordsOf("en")
	require.NoError(t, err)
	chats := memory.New(memory.Options{})
	f, err := fleet.New(fleet.Options{})
	require.NoError(t, err)
	require.NoError(t, f.SetLines("acme", []line.Line{{Number: dc}}))
	r, err := fromline.New(chats, f, fromline.Options{Consents: fromline.ConsentRules{
		OptOuts: true, StopWords: words, StartWords: inbound.Words{Loose: []string{"start"}},
	}})
	require.NoError(t, err)
	at := time.Now().Add(-time.Hour)
	for _, step := range []struct {
		text     inbound.Text
		optedOut bool
	}{{"hello", false}, {"Stop.", true}, {"hello", true}, {"start it", true}, {"STOP", true}, {"Start!", false}, {"stop it", false}} {
		at = at.Add(time.Minute)
		_, err := r.Receive(t.Context(), "acme", inbound.Event{
			Type: inbound.MessageReceived, At: at, Line: dc, Chat: "c", Message: at.String(), Sender: ann, Text: &step.text,
		})
		require.NoError(t, err)
		_, err = r.Route(t.Context(), fromline.Outgoing{Tenant: "acme", Request: request(t, nil, ann)})
		require.Equal(t, step.optedOut, fromline.CodeOf(err) == fault.CodeOptedOut, "after %q: %v", string(step.text), err)
	}
}
