package routing_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/validate"
)

// fullLines makes the store report lines as full, and counts the commits tried.
func (r *rig) fullLines(until time.Time, lines ...recipients.Handle) *int {
	tried := 0
	r.chats.aroundCommit = func(p *store.Plan, commit func() error) error {
		tried++
		for _, line := range lines {
			if p.Line == line && p.Reason != store.ReusedActiveChat {
				return &store.Conflict{Kind: store.LineFull, Line: line, NextFree: until}
			}
		}
		return commit()
	}
	return &tried
}

// A commit that finds the line full leads to another pick, and is no retry
// (docs/rules.md §10).
func TestFullLineLeadsToAnotherPick(t *testing.T) {
	r := newRig(t, routing.Options{Retries: 1}, fleet.Line{Number: dc}, fleet.Line{Number: boston}, fleet.Line{Number: dallas})
	tried := r.fullLines(noon.Add(time.Hour), dc, boston)
	d, err := r.send(request(t, nil, ann))
	require.NoError(t, err)
	require.Equal(t, dallas, d.Line)
	require.Equal(t, 3, *tried)
	require.NotContains(t, r.notes.take(), "wait 1")
}

// Later sends remember it, until the slot frees or the limit is another one; a
// chat on the line goes on.
func TestFullLineIsRemembered(t *testing.T) {
	r := newRig(t, routing.Options{}, fleet.Line{Number: dc, Limits: fleet.Limits{NewChatsPerDay: 2}}, fleet.Line{Number: boston})
	old := r.seen(1, dc, time.Hour, bob)
	tried := r.fullLines(noon.Add(time.Hour), dc)
	try := func(want recipients.Handle, tries int, at time.Time, digits uint64) {
		t.Helper()
		person, err := recipients.FromDigits(digits)
		require.NoError(t, err)
		*tried = 0
		d, err := r.Route(t.Context(), routing.Send{Tenant: "acme", Request: request(t, nil, person), At: at})
		require.NoError(t, err)
		require.Equal(t, want, d.Line)
		require.Equal(t, tries, *tried)
	}
	try(boston, 2, noon, 12025550101)
	try(boston, 1, noon, 12025550102)
	try(boston, 1, noon.Add(time.Hour-time.Microsecond), 12025550103)
	try(boston, 2, noon.Add(time.Hour), 12025550104) // asked again, and still full

	r.fullLines(noon.Add(2*time.Hour), dc)
	r.lines.lines[0].Limits.NewChatsPerDay = 3 // what was remembered is about another limit
	tried = r.fullLines(noon.Add(2 * time.Hour))
	try(dc, 1, noon, 12025550105)

	d, err := r.send(request(t, nil, bob))
	require.NoError(t, err)
	require.Equal(t, old, d.ChatID)

	// Another tenant's memory is its own.
	d, err = r.Route(t.Context(), routing.Send{Tenant: "beta", Request: request(t, nil, ann)})
	require.NoError(t, err)
	require.Equal(t, dc, d.Line)
}

// When every line turns out to be full the send is refused, and says when the
// first slot frees.
func TestEveryLineFull(t *testing.T) {
	r := newRig(t, routing.Options{}, fleet.Line{Number: dc}, fleet.Line{Number: boston})
	tried := r.fullLines(noon.Add(time.Hour), dc, boston)
	_, err := r.send(request(t, nil, ann))
	var refusal *routing.Refusal
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, validate.CodeNoLine, refusal.Code)
	require.Equal(t, 2, refusal.PassedOver.NewChatLimit)
	require.Equal(t, noon.Add(time.Hour), refusal.NextFree)
	require.Equal(t, 2, *tried)

	// The next send knows without asking the store.
	*tried = 0
	_, err = r.send(request(t, nil, bob))
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, noon.Add(time.Hour), refusal.NextFree)
	require.Zero(t, *tried)
}

// A slot that freed before the view's time is no reason to pick the line again
// in the same send: clocks differ.
func TestFullLineOfAnotherClock(t *testing.T) {
	r := newRig(t, routing.Options{}, fleet.Line{Number: dc})
	tried := r.fullLines(noon.Add(-time.Hour), dc)
	_, err := r.send(request(t, nil, ann))
	var refusal *routing.Refusal
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, 1, refusal.PassedOver.NewChatLimit)
	require.Zero(t, refusal.NextFree)
	require.Equal(t, 1, *tried)
}

// A store that names a line that was left out already does not keep the send
// going for ever.
func TestStoreThatNamesTheWrongLine(t *testing.T) {
	r := newRig(t, routing.Options{Retries: 3}, fleet.Line{Number: dc}, fleet.Line{Number: boston})
	tried := 0
	r.chats.aroundCommit = func(*store.Plan, func() error) error {
		tried++
		return &store.Conflict{Kind: store.LineFull, Line: boston, NextFree: noon.Add(time.Hour)}
	}
	_, err := r.send(request(t, nil, ann))
	require.True(t, r.unavailable(err).Retry)
	require.Equal(t, 1+1+3, tried, "one for the line named, and the retries")
}

// reserving is a line health that counts picks.
type reserving struct {
	lineTable
	notes   *notes
	refuses int
}

func (r *reserving) Reserve(_ string, _ time.Time, q fleet.Query, line recipients.Handle) bool {
	r.notes.add("reserve %s excluding %d", line, len(q.Excluded))
	r.refuses--
	return r.refuses < 0
}

func (r *reserving) Confirm(_ string, _ time.Time, line recipients.Handle) {
	r.notes.add("confirm %s", line)
}
func (r *reserving) Release(_ string, _ time.Time, line recipients.Handle) {
	r.notes.add("release %s", line)
}
func (r *reserving) Full(_ string, line recipients.Handle, until time.Time) {
	r.notes.add("full %s for %v", line, until.Sub(noon))
}

// newReserving is a rig over a line health that counts picks.
func newReserving(t *testing.T, o routing.Options, lines ...fleet.Line) (*rig, *reserving) {
	var reserver *reserving
	r := build(t, lines, func(r *rig) (routing.LineHealth, routing.Options) {
		reserver = &reserving{lineTable: r.lines, notes: r.notes}
		return reserver, o
	})
	return r, reserver
}

// A pick is reserved, and then confirmed or released exactly once; the line
// health is told of full lines.
func TestPicksAreCountedAtOnce(t *testing.T) {
	r, reserver := newReserving(t, routing.Options{}, fleet.Line{Number: dc}, fleet.Line{Number: boston})
	r.fullLines(noon.Add(time.Hour), dc)
	_, err := r.send(request(t, nil, ann))
	require.NoError(t, err)
	require.Equal(t, []string{
		"lines", "lookup", "reserve +12025550161 excluding 0", "commit", "release +12025550161", "full +12025550161 for 1h0m0s",
		"lines", "lookup", "reserve +16175550162 excluding 1", "commit", "confirm +16175550162",
	}, r.notes.take())

	// A reuse picks nothing.
	_, err = r.send(request(t, nil, ann))
	require.NoError(t, err)
	require.Equal(t, []string{"lines", "lookup", "commit"}, r.notes.take())

	// Somebody else was faster: a new view, and another decision.
	reserver.refuses = 2
	_, err = r.send(request(t, nil, bob))
	require.NoError(t, err)
	require.Equal(t, []string{
		"lines", "lookup", "reserve +16175550162 excluding 0", "lines", "reserve +16175550162 excluding 0",
		"lines", "reserve +16175550162 excluding 0", "commit", "confirm +16175550162",
	}, r.notes.take())
}

// Whatever ends a send after its pick gives the pick back.
func TestPicksAreGivenBack(t *testing.T) {
	for name, end := range map[string]struct {
		options routing.Options
		commit  error
	}{
		"conflict":    {commit: &store.Conflict{Kind: store.RevisionMoved}},
		"full store":  {commit: store.ErrFull},
		"an image":    {options: routing.Options{Media: brokenMedia{}}},
		"the service": {options: routing.Options{Capability: brokenCapability{}}},
	} {
		t.Run(name, func(t *testing.T) {
			end.options.Retries = 1
			r, _ := newReserving(t, end.options, fleet.Line{Number: dc})
			r.chats.aroundCommit = func(*store.Plan, func() error) error { return end.commit }
			_, err := r.send(request(t, media, ann))
			require.Error(t, err)
			held := 0
			for _, note := range r.notes.take() {
				switch note {
				case "reserve +12025550161 excluding 0":
					held++
				case "release +12025550161":
					held--
				}
			}
			require.Zero(t, held)
		})
	}
}

// A reservation that is never to be had ends with the context.
func TestReservationEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	r := build(t, []fleet.Line{{Number: dc}}, func(r *rig) (routing.LineHealth, routing.Options) {
		return &cancellingReserver{&reserving{lineTable: r.lines, notes: r.notes, refuses: 1}, cancel}, routing.Options{}
	})
	_, err := r.Route(ctx, routing.Send{Tenant: "acme", Request: request(t, nil, ann), At: noon})
	require.ErrorIs(t, err, context.Canceled)
	require.False(t, r.unavailable(err).Unknown)
}

type cancellingReserver struct {
	*reserving
	cancel func()
}

func (c *cancellingReserver) Reserve(tenant string, at time.Time, q fleet.Query, line recipients.Handle) bool {
	c.cancel()
	return c.reserving.Reserve(tenant, at, q, line)
}

// A line health that does not know the use of its lines has it folded in from
// the store.
func TestUseIsFoldedIn(t *testing.T) {
	limit := fleet.Limits{NewChatsPerDay: 1}
	r := newRig(t, routing.Options{}, fleet.Line{Number: dc, Limits: limit}, fleet.Line{Number: boston, Limits: limit})
	r.lines.use = true
	first, err := r.send(request(t, nil, ann))
	require.NoError(t, err)
	second, err := r.send(request(t, nil, bob))
	require.NoError(t, err)
	require.NotEqual(t, first.Line, second.Line)
	person, err := recipients.FromDigits(12025550101)
	require.NoError(t, err)
	_, err = r.send(request(t, nil, person))
	var refusal *routing.Refusal
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, 2, refusal.PassedOver.NewChatLimit)
	require.Equal(t, noon.Add(25*time.Hour), refusal.NextFree)
	require.Len(t, r.chats.plans, 2)
	require.NotContains(t, r.notes.take(), "wait 1", "the view knew")
}
