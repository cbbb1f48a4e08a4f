package fromline_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store/memory"
)

// Every change of a line is told once to the observer and once to the log, in
// the process that learned it and in one that follows it; what changes nothing
// is not told. Neither needs the other.
func TestChangesOfLinesAreTold(t *testing.T) {
	chats := memory.New(memory.Options{})
	var told [2][]string
	var logs [2]bytes.Buffer
	var routers [2]*fromline.Router
	for i := range routers {
		f, err := fleet.New(fleet.Options{})
		require.NoError(t, err)
		require.NoError(t, f.SetLines("acme", []line.Line{{Number: dc}, {Number: boston}}))
		o := fromline.Options{Observer: fromline.Observer{LineChanged: func(_ context.Context, tenant string, before, after line.Line) {
			told[i] = append(told[i], fmt.Sprint(tenant, " ", before.Number, " ", before.Status, " ", after.Status))
		}}}
		if i == 0 { // the other one has no log
			o.Logger = slog.New(slog.NewJSONHandler(&logs[i], nil))
		}
		routers[i], err = fromline.New(chats, f, o)
		require.NoError(t, err)
		_, err = routers[i].Preview(t.Context(), fromline.Outgoing{Tenant: "acme", Request: request(t, nil, ann)}) // which polls the store
		require.NoError(t, err)
	}
	flagged := fleet.Event{Type: fleet.StatusUpdated, Tenant: "acme", Number: dc, Status: line.Flagged, ChangedAt: time.Now().Add(-time.Minute)}
	for range 2 { // the second time it is no news
		_, err := routers[0].ReportLine(t.Context(), flagged)
		require.NoError(t, err)
	}
	want := []string{fmt.Sprint("acme ", dc, " ACTIVE FLAGGED")}
	require.Equal(t, want, told[0])
	require.Equal(t, 1, bytes.Count(logs[0].Bytes(), []byte("ACTIVE → FLAGGED")))
	require.Empty(t, told[1])
	require.Eventually(t, func() bool { // its poll is due after a while
		_, err := routers[1].Preview(context.Background(), fromline.Outgoing{Tenant: "acme", Request: request(t, nil, ann)})
		return err == nil && len(told[1]) > 0
	}, time.Minute, 50*time.Millisecond)
	require.Equal(t, want, told[1])
}

// A change that the host's own table tells is told once to the observer and
// once to the log: by a table that the Router was given, and by a fleet over
// one. What the first answer says, what is told again and what an event has
// told before is no news.
func TestChangesThatTheTableTellsAreTold(t *testing.T) {
	for _, c := range []struct{ ownFleet, observed, logged bool }{
		{false, true, true}, {true, true, true}, {false, true, false}, {false, false, true},
	} {
		t.Run(fmt.Sprintf("%+v", c), func(t *testing.T) {
			var told []string
			var log bytes.Buffer
			o := fromline.Options{
				Logger: slog.New(slog.NewJSONHandler(&log, nil)),
				Observer: fromline.Observer{LineChanged: func(_ context.Context, tenant string, before, after line.Line) {
					told = append(told, fmt.Sprint(tenant, " ", before.Number, " ", before.Status, before.Reputation, before.Ineligible, " ", after.Status, after.Reputation, after.Ineligible))
				}},
			}
			if !c.observed {
				o.Observer = fromline.Observer{}
			}
			if !c.logged {
				o.Logger = nil
			}
			r := build(t, []line.Line{{Number: dc, Reputation: line.AtRisk}, {Number: boston}}, func(r *rig) (fromline.LineHealth, fromline.Options) {
				if !c.ownFleet {
					return r.lines, o
				}
				f, err := fleet.New(fleet.Options{Source: r.lines, RefreshEvery: 1, Clock: r.clock.Now})
				require.NoError(t, err)
				return f, o
			})
			asks := func() {
				_, err := r.Lines(t.Context(), "acme")
				require.NoError(t, err)
			}
			says := func(change func(lines []line.Line) []line.Line) {
				r.lines.lines = change(slices.Clone(r.lines.lines))
				for range 3 {
					asks()
				}
			}
			london := recipients.MustParse("+442079460104")
			asks()
			require.Empty(t, told)
			says(func(l []line.Line) []line.Line { l[0].Status = line.Flagged; return l })
			says(func(l []line.Line) []line.Line { l[0].Status, l[0].Reputation = line.Active, line.Healthy; return l })
			says(func(l []line.Line) []line.Line { l[1].Ineligible = true; return l })
			says(func(l []line.Line) []line.Line { return append(l, line.Line{Number: london}) })
			says(func(l []line.Line) []line.Line { return l[1:] })
			want := []string{
				fmt.Sprint("acme ", dc, " ACTIVE AT_RISK false FLAGGED AT_RISK false"),
				fmt.Sprint("acme ", dc, " FLAGGED AT_RISK false ACTIVE HEALTHY false"),
				fmt.Sprint("acme ", boston, " ACTIVE HEALTHY false ACTIVE HEALTHY true"),
			}
			if c.observed {
				require.Equal(t, want, told)
			}
			if c.logged {
				require.Equal(t, 3, bytes.Count(log.Bytes(), []byte(" → ")))
				require.Equal(t, 2, bytes.Count(log.Bytes(), []byte(`"WARN"`)), "those that stop chats")
			}

			// An event tells it first; then the table says the same.
			_, err := r.ReportLine(t.Context(), fleet.Event{Type: fleet.StatusUpdated, Tenant: "acme", Number: london, Status: line.Flagged, ChangedAt: noon})
			require.NoError(t, err)
			says(func(l []line.Line) []line.Line { l[1].Status = line.Flagged; return l })
			require.Equal(t, c.observed, len(told) == 4)
		})
	}
}

// A refusal for want of a line is a line of the log in words.
func TestRefusalsAreToldInWords(t *testing.T) {
	var log bytes.Buffer
	r := newRig(t, fromline.Options{Logger: slog.New(slog.NewJSONHandler(&log, nil))}, line.Line{Number: dc, Status: line.Flagged})
	_, err := r.send(request(t, nil, ann))
	require.Error(t, err)
	require.Contains(t, log.String(), "send refused, no line can take it: 1 flagged")
	require.NotContains(t, log.String(), ann.String()[1:])
}
