package fromline_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/validate"
)

// observing notes what an Observer is told.
func observing(n *notes) fromline.Observer {
	return fromline.Observer{
		Decided: func(_ context.Context, _ string, d *routing.Decision, took time.Duration) {
			n.add("decided %s replay=%v took=%v", d.Reason, d.Replay, took >= 0)
		},
		Refused: func(_ context.Context, _ string, err error, took time.Duration) {
			n.add("refused %d took=%v", fromline.CodeOf(err), took >= 0)
		},
		Conflicted: func(_ context.Context, _ string, kind store.ConflictKind) { n.add("conflicted %s", kind) },
	}
}

// What is observed and logged tells every way in which a send can end, and
// nothing about people: no number, no address, no key, no text.
func TestObserverAndLogNameNobody(t *testing.T) {
	var out bytes.Buffer
	var seen *notes
	r := build(t, []line.Line{{Number: dc, Limits: line.Limits{NewChatsPerDay: 2}}}, func(r *rig) (fromline.LineHealth, fromline.Options) {
		seen = &notes{}
		return r.lines, fromline.Options{
			Observer: observing(seen), Logger: slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug})), Gate: gateFor{bob}, Retries: 1,
		}
	})
	secret := func(r *message.Request) {
		withKey("secret-key")(r)
		r.Message.Parts = []message.Part{message.Text("secret text")}
	}
	mail := recipients.MustParse("dora@example.com")

	send := func(what string, send validate.Checked) {
		t.Helper()
		r.send(send)
		require.NotEmpty(t, seen.list, what)
	}
	send("new", request(t, secret, ann, mail))
	send("replay", request(t, secret, ann, mail))
	send("another request", request(t, withKey("secret-key"), ann))
	send("stopped", request(t, nil, bob))
	r.chats.aroundCommit = func(_ *store.Plan, commit func() error) error {
		r.chats.aroundCommit = nil
		return &store.Conflict{Kind: store.RevisionMoved}
	}
	send("reuse after a conflict", request(t, nil, ann, mail))
	r.fullLines(noon.Add(time.Hour), dc)
	send("refused", request(t, nil, ann))
	r.chats.aroundCommit = func(*store.Plan, func() error) error { return errLost }
	r.chats.beforeLookup = nil
	send("unknown", request(t, secret2, ann, mail))
	r.chats.beforeLookup = func(store.Query) error { return errors.New("broken") }
	send("unavailable", request(t, nil, mail))

	require.Equal(t, []string{
		"decided new_best_number replay=false took=true",
		"decided new_best_number replay=true took=true",
		"refused 1005 took=true",
		"refused 2026 took=true",
		"conflicted revision_moved",
		"decided reused_active_chat replay=false took=true",
		"conflicted line_full",
		"refused 2015 took=true",
		"refused 4004 took=true",
		"refused 4004 took=true",
	}, seen.take())
	log := out.String()
	require.Equal(t, 8, strings.Count(log, "\n"), log)
	require.Equal(t, 3, strings.Count(log, "msg=decided"))
	require.Contains(t, log, "tenant=acme")
	require.Contains(t, log, "chat_id="+r.chats.plans[0].ChatID.String())
	for _, word := range []string{ann.String()[1:], bob.String()[1:], "dora", "example.com", "secret"} {
		require.NotContains(t, log, word)
	}
}

func secret2(r *message.Request) { r.Message.Parts = []message.Part{message.Text("secret too")} }

// gateFor blocks one person.
type gateFor struct{ blocked recipients.Handle }

func (g gateFor) Admit(_ context.Context, _ string, to recipients.Set) (fromline.Admission, error) {
	if to.Contains(g.blocked) {
		return fromline.Blocked, nil
	}
	return fromline.Admitted, nil
}

// Errors and decisions can be logged as they are.
func TestErrorsAndDecisionsNameNobody(t *testing.T) {
	r := newRig(t, fromline.Options{}, line.Line{Number: dc})
	d, err := r.send(request(t, nil, ann))
	require.NoError(t, err)
	var out bytes.Buffer
	slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug})).Info("sent", "decision", d)
	require.Contains(t, out.String(), d.ChatID.String())
	for _, text := range []string{out.String(), d.String()} {
		require.NotContains(t, text, ann.String())
		require.NotContains(t, text, "Dinner")
	}
	require.Contains(t, out.String(), dc.String(), "our own numbers are not masked")

	_, err = r.send(request(t, func(r *message.Request) { r.ExcludeFrom = []string{dc.String()} }, bob))
	require.Error(t, err)
	require.NotContains(t, fmt.Sprint(err), bob.String())
	require.NotContains(t, fmt.Sprint(err), dc.String())
}

// A line that is flagged makes the next send fail over.
func TestLineFlagged(t *testing.T) {
	f, err := fleet.New(fleet.Options{})
	require.NoError(t, err)
	require.NoError(t, f.SetLines("acme", []line.Line{{Number: dc}, {Number: boston}}))
	r := build(t, nil, func(*rig) (fromline.LineHealth, fromline.Options) { return f, fromline.Options{} })
	first, err := r.send(request(t, nil, ann))
	require.NoError(t, err)
	require.NoError(t, r.LineFlagged(t.Context(), "acme", first.Line))
	second, err := r.send(request(t, nil, ann))
	require.NoError(t, err)
	require.Equal(t, store.FailoverFlagged, second.Reason)
	require.Equal(t, first.ChatID, second.PreviousChatID)
}

// Either of the two is told alone as well, and neither has to be there.
func TestObserverOrLogAlone(t *testing.T) {
	for _, observed := range []bool{false, true} {
		for _, logged := range []bool{false, true} {
			var out bytes.Buffer
			seen := &notes{}
			o := fromline.Options{}
			if observed {
				o.Observer = observing(seen)
			}
			if logged {
				o.Logger = slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
			}
			_, err := newRig(t, o, line.Line{Number: dc}).send(request(t, nil, ann))
			require.NoError(t, err)
			require.Equal(t, observed, len(seen.take()) == 1)
			require.Equal(t, logged, strings.Contains(out.String(), "msg=decided"))
		}
	}
}
