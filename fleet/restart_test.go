package fleet_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store/sqlite"
	"github.com/fromline/fromline/validate"
)

// This file lets a process with a fleet, a router and a store in a file die and
// start again, over and over. Use and states are what the store kept: limits
// hold across lives, and a line flagged in one is flagged in the next.

// hand is a clock that is set by hand.
type hand struct{ now time.Time }

func (c *hand) Now() time.Time { return c.now }

// life is one life of the process.
type life struct {
	*testing.T
	clock  *hand
	store  *sqlite.Store
	fleet  *fleet.Fleet
	router *fromline.Router
}

func start(t *testing.T, path string, clock *hand, lines []line.Line) *life {
	l := &life{T: t, clock: clock}
	var err error
	l.store, err = sqlite.Open(t.Context(), path, sqlite.Options{})
	require.NoError(t, err)
	l.fleet, err = fleet.New(fleet.Options{Clock: clock.Now})
	require.NoError(t, err)
	require.NoError(t, l.fleet.SetLines("acme", lines))
	l.router, err = fromline.New(l.store, l.fleet, fromline.Options{Clock: clock.Now})
	require.NoError(t, err)
	return l
}

// contact sends a first message to person i.
func (l *life) contact(i int) (routing.Decision, error) {
	request, err := validate.Request(&message.Request{
		To:      []string{fmt.Sprintf("+1415555%04d", i)},
		Message: &message.Content{Parts: []message.Part{message.Text("Hello")}},
	}, validate.Options{Recipients: recipients.Options{Strength: recipients.Syntax}})
	require.NoError(l, err)
	return l.router.Route(l.Context(), fromline.Outgoing{Tenant: "acme", Request: request})
}

func TestUseAndStatesOutliveTheProcess(t *testing.T) {
	for seed := range uint64(3) {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) { outlives(t, rand.New(rand.NewPCG(seed, 15))) })
	}
}

// Sixty-four first contacts at once, through a router: each of 64 equal lines
// opens one chat, for everybody's pick counts before it is committed.
func TestRoutersSpreadFirstContacts(t *testing.T) {
	var lines []line.Line
	for i := range 64 {
		lines = append(lines, line.Line{Number: number(fmt.Sprintf("+141555590%02d", i))})
	}
	l := start(t, filepath.Join(t.TempDir(), "chats.db"), &hand{time.Date(2026, 11, 21, 12, 30, 0, 0, time.UTC)}, lines)
	picked := make([]recipients.Handle, 64)
	var all sync.WaitGroup
	for i := range picked {
		all.Go(func() {
			d, err := l.contact(i)
			assert.NoError(t, err)
			picked[i] = d.Line
		})
	}
	all.Wait()
	require.NoError(t, l.store.Close())
	for _, line := range lines {
		require.Contains(t, picked, line.Number)
	}
}

func outlives(t *testing.T, random *rand.Rand) {
	const limit = 3
	var lines []line.Line
	// The model. A line is flagged by one event and at risk by another.
	opened, flagged, atRisk := map[recipients.Handle][]int64{}, map[recipients.Handle]bool{}, map[recipients.Handle]bool{}
	for i := range 4 {
		lines = append(lines, line.Line{Number: number(fmt.Sprintf("+1415555900%d", i)), Limits: line.Limits{NewChatsPerDay: limit}})
	}
	clock := &hand{time.Date(2026, 11, 21, 12, 30, 0, 0, time.UTC)}
	window := func(n recipients.Handle) (used int) {
		for _, hour := range opened[n] {
			if hour > line.HourOf(clock.now)-25 {
				used++
			}
		}
		return used
	}
	path := filepath.Join(t.TempDir(), "chats.db")
	l := start(t, path, clock, lines)
	require.NoError(t, l.fleet.Sync(t.Context(), l.store))
	refused := 0
	for person := range 80 {
		clock.now = clock.now.Add(time.Duration(random.IntN(150)) * time.Minute)
		polls := true
		if random.IntN(4) == 0 {
			require.NoError(t, l.store.Close())
			l = start(t, path, clock, lines)
			polls = random.IntN(3) > 0 // or it starts to send without knowing a thing
		}
		if polls {
			require.NoError(t, l.fleet.Sync(t.Context(), l.store))
			view, err := l.fleet.View(t.Context(), "acme", clock.now)
			require.NoError(t, err)
			for known := range view.All() {
				require.Equal(t, window(known.Number), known.NewChats, "use is that of all lives together")
				require.Equal(t, flagged[known.Number], known.Status == line.Flagged, "and so are states")
				require.Equal(t, atRisk[known.Number], known.Reputation == line.AtRisk, "both halves of them")
			}
		}
		if n := lines[random.IntN(len(lines))].Number; random.IntN(10) == 0 {
			e := fleet.Event{Type: fleet.StatusUpdated, Tenant: "acme", Number: n, ChangedAt: clock.now}
			half, now := flagged, !flagged[n]
			if random.IntN(2) == 0 {
				half, now = atRisk, !atRisk[n]
				e.Reputation = map[bool]line.Reputation{false: line.Healthy, true: line.AtRisk}[now]
			} else {
				e.Status = map[bool]line.Status{false: line.Active, true: line.Flagged}[now]
			}
			applied, err := l.router.ReportLine(t.Context(), e)
			require.NoError(t, err)
			if applied {
				half[n] = now
			}
		}
		d, err := l.contact(person)
		if err != nil {
			require.ErrorAs(t, err, new(*routing.Refusal))
			refused++
			for _, line := range lines {
				if polls {
					require.True(t, flagged[line.Number] || window(line.Number) >= limit, "there was a line")
				}
			}
			continue
		}
		if polls {
			require.False(t, flagged[d.Line])
		}
		opened[d.Line] = append(opened[d.Line], line.HourOf(clock.now))
		require.LessOrEqual(t, window(d.Line), limit, "limits hold, whatever a life knows")
	}
	require.NoError(t, l.store.Close())
	require.Greater(t, refused, 5, "the lines were used up now and then")
	require.Less(t, refused, 70)
}
