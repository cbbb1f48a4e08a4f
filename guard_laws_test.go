package fromline_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

// aGuard draws a guard that bounds something.
func aGuard(t *rapid.T) line.Guard {
	g := line.Guard{FailoverShare: rapid.SampledFrom([]int{0, 1, 20, 100}).Draw(t, "share")}
	if rapid.Bool().Draw(t, "paced") {
		g.Gap, g.Burst = time.Duration(rapid.IntRange(1, 600).Draw(t, "gap"))*time.Minute, rapid.IntRange(1, 3).Draw(t, "burst")
	}
	if rapid.Bool().Draw(t, "ramped") {
		g.RampDays, g.RampStart = rapid.IntRange(1, 20).Draw(t, "days"), rapid.IntRange(1, 100).Draw(t, "start")
	}
	return g
}

// With a guard or without one, with openings that may wait or that may not, the
// same sends are reuses, and each is the same to the byte (law 3; invariant
// 24).
func TestGuardsTouchNoReuse(tb *testing.T) {
	set, err := recipients.NewSet(ann)
	require.NoError(tb, err)
	numbers := []recipients.Handle{dc, boston, dallas, bob}
	rapid.Check(tb, func(t *rapid.T) {
		var lines []line.Line
		in := routing.Input{Send: request(tb, nil, ann), At: noon, MessageID: uuid.UUID{15: 1}, NewChatID: uuid.UUID{15: 2}, KeepTrace: rapid.Bool().Draw(t, "traced")}
		moment := func(name string) time.Time {
			return noon.Add(time.Duration(rapid.IntRange(-50, 3).Draw(t, name)) * time.Hour)
		}
		for i, n := range numbers[:rapid.IntRange(1, 4).Draw(t, "lines")] {
			l := line.Line{
				Number: n, Status: rapid.SampledFrom([]line.Status{line.Active, line.Flagged}).Draw(t, "status"),
				Reputation: line.Reputation(rapid.IntRange(1, 3).Draw(t, "reputation")), Ineligible: rapid.IntRange(0, 4).Draw(t, "ineligible") == 0,
				NewChats: rapid.IntRange(0, 5).Draw(t, "chats"), PacedAt: moment("paced"), StartedAt: moment("started"),
				RecoveredAt: moment("recovered"), FailoversFullUntil: moment("share"),
			}
			l.Limits.NewChatsPerDay = rapid.IntRange(0, 5).Draw(t, "limit")
			lines = append(lines, l)
			if rapid.Bool().Draw(t, "chat") {
				in.Chats = append(in.Chats, store.Chat{
					ID: uuid.UUID{0: 'c', 15: byte(i)}, Line: n, Roster: store.NewRoster(set, noon.Add(-time.Hour)), LineLeft: rapid.IntRange(0, 4).Draw(t, "left") == 0,
					CreatedAt: noon.Add(-time.Hour), ActiveAt: noon.Add(-time.Duration(rapid.IntRange(0, 50).Draw(t, "active")) * time.Minute),
				})
			}
		}
		decide := func(g line.Guard, deferUpTo time.Duration) (reuse bool, text string) {
			var err error
			in.Lines, err = fleet.NewView(lines, fleet.ViewOptions{Guard: g, At: noon})
			require.NoError(t, err)
			in.DeferUpTo = deferUpTo
			d, err := routing.Decide(in)
			if err != nil || d.OpensChat() {
				return false, ""
			}
			body, err := json.Marshal(d)
			require.NoError(t, err)
			return true, string(body) + d.KeptTrace
		}
		reuse, text := decide(line.Guard{}, 0)
		guarded, same := decide(aGuard(t), time.Duration(rapid.IntRange(0, 4).Draw(t, "hours"))*time.Hour)
		require.Equal(t, reuse, guarded)
		require.Equal(t, text, same)
	})
}

// A failover that is refused leaves the old chat as it was: when its line is
// back, the next send reuses it; and what was not refused stays where it went,
// or goes back to the chat that was active last (invariant 28).
func TestRefusedFailoversComeBack(tb *testing.T) {
	rapid.Check(tb, func(t *rapid.T) {
		now, guard := noon, aGuard(t)
		lines, err := fleet.New(fleet.Options{Guard: guard, Clock: func() time.Time { return now }})
		require.NoError(t, err)
		lonely := line.Line{Number: boston}
		lonely.Limits.NewChatsPerDay = rapid.IntRange(1, 6).Draw(t, "limit")
		require.NoError(t, lines.SetLines("acme", []line.Line{{Number: dc, Guard: &line.Guard{}}, lonely}))
		r, err := fromline.New(memory.New(memory.Options{}), lines, fromline.Options{Clock: func() time.Time { return now }})
		require.NoError(t, err)
		ctx := tb.Context()
		send := func(i int, exclude ...recipients.Handle) (routing.Decision, error) {
			change := func(m *message.Request) {
				for _, h := range exclude {
					m.ExcludeFrom = append(m.ExcludeFrom, h.String())
				}
			}
			return r.Route(ctx, fromline.Outgoing{Tenant: "acme", Request: request(tb, change, person(i))})
		}
		tell := func(e fleet.Event) {
			e.Type, e.Tenant, e.Number, e.ChangedAt = fleet.StatusUpdated, "acme", dc, now
			_, err := r.ReportLine(ctx, e)
			require.NoError(t, err)
		}
		people := rapid.IntRange(1, 8).Draw(t, "people")
		old := map[int]uuid.UUID{}
		for i := range people {
			d, err := send(i, boston)
			require.NoError(t, err)
			old[i] = d.ChatID
		}
		now = now.Add(time.Minute)
		tell(fleet.Event{Status: line.Flagged})
		moved := map[int]uuid.UUID{}
		for range rapid.IntRange(1, 20).Draw(t, "tries") {
			now = now.Add(time.Duration(rapid.IntRange(1, 90).Draw(t, "minutes")) * time.Minute)
			i := rapid.IntRange(0, people-1).Draw(t, "who")
			d, err := send(i)
			if err != nil {
				require.NotContains(t, moved, i, "who has moved goes on there")
				continue
			}
			if chat, there := moved[i]; there {
				require.Equal(t, chat, d.ChatID)
			}
			moved[i] = d.ChatID
		}
		now = now.Add(time.Minute)
		tell(fleet.Event{Status: line.Active})
		for i := range people {
			want, there := moved[i]
			if !there {
				want = old[i]
			}
			d, err := send(i)
			require.NoError(t, err)
			require.Equal(t, []any{store.ReusedActiveChat, want}, []any{d.Reason, d.ChatID}, fmt.Sprint("person ", i))
		}
	})
}
