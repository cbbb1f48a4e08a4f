package fromline_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// reserving is a fleet over the table of a rig whose picks are noted, and
// refused for a while.
type reserving struct {
	*fleet.Fleet
	notes   *notes
	refuses int
	before  func() // each pick; nil for nothing
}

func (r *reserving) Reserve(tenant string, at time.Time, q fleet.Query, line recipients.Handle) bool {
	r.notes.add("reserve %s", line)
	if r.before != nil {
		r.before()
	}
	r.refuses--
	return r.refuses < 0 && r.Fleet.Reserve(tenant, at, q, line)
}

func (r *reserving) Confirm(tenant string, at time.Time, line recipients.Handle, failover bool) {
	r.notes.add("confirm %s", line)
	r.Fleet.Confirm(tenant, at, line, failover)
}

func (r *reserving) Release(tenant string, at time.Time, line recipients.Handle, failover bool) {
	r.notes.add("release %s", line)
	r.Fleet.Release(tenant, at, line, failover)
}

func (r *reserving) Full(tenant string, line recipients.Handle, until time.Time) {
	r.notes.add("full %s for %v", line, until.Sub(noon))
	r.Fleet.Full(tenant, line, until)
}

// newReserving is a rig over a line health that counts picks.
func newReserving(t *testing.T, o fromline.Options, lines ...line.Line) (*rig, *reserving) {
	var reserver *reserving
	r := build(t, lines, func(r *rig) (fromline.LineHealth, fromline.Options) {
		f, err := fleet.New(asking(r.lines))
		require.NoError(t, err)
		reserver = &reserving{Fleet: f, notes: r.notes}
		return reserver, o
	})
	return r, reserver
}

// A pick is reserved, and then confirmed or released exactly once; the line
// health is told of full lines.
func TestPicksAreCountedAtOnce(t *testing.T) {
	r, reserver := newReserving(t, fromline.Options{}, line.Line{Number: dc}, line.Line{Number: boston})
	r.fullLines(noon.Add(time.Hour), dc)
	_, err := r.send(request(t, nil, ann))
	require.NoError(t, err)
	require.Equal(t, []string{
		"lines", "lookup", "reserve +12025550161", "commit", "release +12025550161", "full +12025550161 for 1h0m0s",
		"lines", "lookup", "reserve +16175550162", "commit", "confirm +16175550162",
	}, r.notes.take())

	// A reuse picks nothing.
	_, err = r.send(request(t, nil, ann))
	require.NoError(t, err)
	require.Equal(t, []string{"lines", "lookup", "commit"}, r.notes.take())

	// Another send was faster: a new view, and another decision.
	reserver.refuses = 2
	_, err = r.send(request(t, nil, bob))
	require.NoError(t, err)
	require.Equal(t, []string{
		"lines", "lookup", "reserve +16175550162", "lines", "reserve +16175550162",
		"lines", "reserve +16175550162", "commit", "confirm +16175550162",
	}, r.notes.take())
}

// Whatever ends a send after its pick gives the pick back.
func TestPicksAreGivenBack(t *testing.T) {
	for name, end := range map[string]struct {
		options fromline.Options
		commit  error
	}{
		"conflict":    {commit: &store.Conflict{Kind: store.RevisionMoved}},
		"full store":  {commit: store.ErrFull},
		"an image":    {options: fromline.Options{Media: brokenMedia{}}},
		"the service": {options: fromline.Options{Capability: brokenCapability{}}},
	} {
		t.Run(name, func(t *testing.T) {
			end.options.Retries = 1
			r, _ := newReserving(t, end.options, line.Line{Number: dc})
			r.chats.aroundCommit = func(*store.Plan, func() error) error { return end.commit }
			_, err := r.send(request(t, media, ann))
			require.Error(t, err)
			held := 0
			for _, note := range r.notes.take() {
				switch note {
				case "reserve +12025550161":
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
	r, reserver := newReserving(t, fromline.Options{}, line.Line{Number: dc})
	reserver.refuses, reserver.before = 1, cancel
	_, err := r.Route(ctx, fromline.Outgoing{Tenant: "acme", Request: request(t, nil, ann), At: noon})
	require.ErrorIs(t, err, context.Canceled)
	require.False(t, r.unavailable(err).Unknown)
}

// A new view in the middle of a round shows the lines full that commits of this
// send found so.
func TestFullLineStaysFullWhenOthersComeIn(t *testing.T) {
	r, reserver := newReserving(t, fromline.Options{}, line.Line{Number: dc}, line.Line{Number: boston})
	r.chats.aroundCommit = func(p *store.Plan, commit func() error) error {
		if p.Line != dc {
			return commit()
		}
		reserver.refuses = 1
		return &store.Conflict{Kind: store.LineFull, Line: dc, NextFree: noon.Add(time.Hour)}
	}
	d, err := r.send(request(t, nil, ann))
	require.NoError(t, err)
	require.Equal(t, boston, d.Line)
	require.Equal(t, []string{
		"lines", "lookup", "reserve +12025550161", "commit", "release +12025550161", "full +12025550161 for 1h0m0s",
		"lines", "lookup", "reserve +16175550162", "lines", "reserve +16175550162", "commit", "confirm +16175550162",
	}, r.notes.take())
}

// Several lines of a fleet that commits found full are passed over, in whatever
// order they were found, also if the fleet's clock says that they have room.
func TestSeveralFullLinesOfAFleet(t *testing.T) {
	lines := []line.Line{{Number: dc}, {Number: boston}, {Number: dallas}}
	for digits := range uint64(20) {
		person, err := recipients.FromDigits(442079460000 + digits)
		require.NoError(t, err)
		r := build(t, nil, func(r *rig) (fromline.LineHealth, fromline.Options) {
			f, err := fleet.New(fleet.Options{})
			require.NoError(t, err)
			require.NoError(t, f.SetLines("acme", lines))
			return f, fromline.Options{}
		})
		tried := 0
		r.chats.aroundCommit = func(p *store.Plan, commit func() error) error {
			if tried++; tried == len(lines) {
				return commit()
			}
			return &store.Conflict{Kind: store.LineFull, Line: p.Line, NextFree: noon.Add(-time.Hour)}
		}
		_, err = r.send(request(t, nil, person))
		require.NoError(t, err)
		require.Equal(t, len(lines), tried)
		require.NotContains(t, r.notes.take(), "wait 1")
	}
}

// filtered hides lines from the Router that it goes on to compare picks with.
type filtered struct {
	*fleet.Fleet
	asked int
}

func (f *filtered) View(ctx context.Context, tenant string, at time.Time) (fleet.View, error) {
	v, err := f.Fleet.View(ctx, tenant, at)
	if err != nil || !v.Find(dc).IsValid() {
		return v, err
	}
	rest, err := fleet.New(fleet.Options{})
	if err != nil {
		return v, err
	}
	_ = rest.SetLines(tenant, []line.Line{{Number: boston}})
	return rest.View(ctx, tenant, at)
}

func (f *filtered) Reserve(tenant string, at time.Time, q fleet.Query, line recipients.Handle) bool {
	f.asked++
	return f.Fleet.Reserve(tenant, at, q, line)
}

// A line health that refuses every pick gets waits between tries, and an end.
func TestReservationsAreBounded(t *testing.T) {
	var health *filtered
	r := build(t, nil, func(r *rig) (fromline.LineHealth, fromline.Options) {
		f, err := fleet.New(fleet.Options{})
		require.NoError(t, err)
		require.NoError(t, f.SetLines("acme", []line.Line{{Number: dc}, {Number: boston}}))
		health = &filtered{Fleet: f}
		return health, fromline.Options{Retries: 2}
	})
	_, err := r.send(request(t, nil, ann))
	require.True(t, r.unavailable(err).Retry)
	require.False(t, r.unavailable(err).Unknown)
	require.Equal(t, []string{"lookup", "wait 1", "lookup", "wait 2", "lookup"}, r.notes.take())
	require.Equal(t, 3*32, health.asked)
	require.Empty(t, r.chats.plans)
}
