package fromline_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
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
	r := newRig(t, fromline.Options{Retries: 1}, line.Line{Number: dc}, line.Line{Number: boston}, line.Line{Number: dallas})
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
	r := newRig(t, fromline.Options{}, line.Line{Number: dc, Limits: line.Limits{NewChatsPerDay: 2}}, line.Line{Number: boston})
	old := r.seen(1, dc, time.Hour, bob)
	tried := r.fullLines(noon.Add(time.Hour), dc)
	try := func(want recipients.Handle, tries int, at time.Time, digits uint64) {
		t.Helper()
		person, err := recipients.FromDigits(digits)
		require.NoError(t, err)
		*tried = 0
		d, err := r.Route(t.Context(), fromline.Outgoing{Tenant: "acme", Request: request(t, nil, person), At: at})
		require.NoError(t, err)
		require.Equal(t, want, d.Line)
		require.Equal(t, tries, *tried)
	}
	try(boston, 2, noon, 12025550101)
	try(boston, 1, noon, 12025550102)
	try(boston, 1, noon.Add(time.Hour-time.Microsecond), 12025550103)
	try(boston, 2, noon.Add(time.Hour), 12025550104) // asked again, and still full

	r.fullLines(noon.Add(2*time.Hour), dc)
	r.lines.lines = []line.Line{{Number: dc, Limits: line.Limits{NewChatsPerDay: 3}}, {Number: boston}} // what was remembered is about another limit
	tried = r.fullLines(noon.Add(2 * time.Hour))
	try(dc, 1, noon, 12025550105)

	d, err := r.send(request(t, nil, bob))
	require.NoError(t, err)
	require.Equal(t, old, d.ChatID)

	// Another tenant's memory is its own.
	d, err = r.Route(t.Context(), fromline.Outgoing{Tenant: "beta", Request: request(t, nil, ann)})
	require.NoError(t, err)
	require.Equal(t, dc, d.Line)
}

// When every line turns out to be full the send is refused, and says when the
// first slot frees.
func TestEveryLineFull(t *testing.T) {
	r := newRig(t, fromline.Options{}, line.Line{Number: dc}, line.Line{Number: boston})
	tried := r.fullLines(noon.Add(time.Hour), dc, boston)
	_, err := r.send(request(t, nil, ann))
	var refusal *routing.Refusal
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, fault.CodeNoLine, refusal.Code)
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
	r := newRig(t, fromline.Options{}, line.Line{Number: dc})
	tried := r.fullLines(noon.Add(-time.Hour), dc)
	_, err := r.send(request(t, nil, ann))
	var refusal *routing.Refusal
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, 1, refusal.PassedOver.NewChatLimit)
	require.Equal(t, noon.Add(time.Minute), refusal.NextFree.Truncate(time.Second), "when it is asked again")
	require.Equal(t, 1, *tried)
}

// A store that names a line that was left out already does not keep the send
// going for ever.
func TestStoreThatNamesTheWrongLine(t *testing.T) {
	r := newRig(t, fromline.Options{Retries: 3}, line.Line{Number: dc}, line.Line{Number: boston})
	tried := 0
	r.chats.aroundCommit = func(*store.Plan, func() error) error {
		tried++
		return &store.Conflict{Kind: store.LineFull, Line: boston, NextFree: noon.Add(time.Hour)}
	}
	_, err := r.send(request(t, nil, ann))
	require.True(t, r.unavailable(err).Retry)
	require.Equal(t, 1+1+3, tried, "one for the line named, and the retries")
}

// The use of the lines of a table is that of the store, also that of other
// processes and of an earlier life of this one.
func TestUseComesFromTheStore(t *testing.T) {
	limit := line.Limits{NewChatsPerDay: 1}
	chats := memory.New(memory.Options{})
	send := func(person uint64) (routing.Decision, error) {
		router, err := fromline.New(chats, lineTable{&table{notes: &notes{}, lines: []line.Line{{Number: dc, Limits: limit}, {Number: boston, Limits: limit}}}},
			fromline.Options{Clock: func() time.Time { return noon }})
		require.NoError(t, err)
		to, err := recipients.FromDigits(person)
		require.NoError(t, err)
		return router.Route(t.Context(), fromline.Outgoing{Tenant: "acme", Request: request(t, nil, to), At: noon})
	}
	first, err := send(12025550101)
	require.NoError(t, err)
	second, err := send(12025550102)
	require.NoError(t, err)
	require.NotEqual(t, first.Line, second.Line)
	_, err = send(12025550103)
	var refusal *routing.Refusal
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, 2, refusal.PassedOver.NewChatLimit)
	require.Equal(t, noon.Add(25*time.Hour), refusal.NextFree)
}

// A line over its message limit, which no commit checks, opens nothing, also
// when another pick came in between.
func TestAChattyLineOpensNothing(t *testing.T) {
	for _, refuses := range []int{0, 1} {
		r, reserver := newReserving(t, fromline.Options{}, line.Line{Number: dc, Limits: line.Limits{MessagesPerDay: 5}}, line.Line{Number: boston})
		chatty := r.seen(1, dc, time.Hour, bob)
		require.NoError(t, r.chats.Apply(t.Context(), "acme", []store.Event{store.Activity{Chat: chatty, At: noon, Messages: 10}}))
		reserver.refuses = refuses
		d, err := r.send(request(t, nil, ann))
		require.NoError(t, err)
		require.Equal(t, boston, d.Line)
	}
}

// A line that was full once is not full for ever.
func TestAWindowEnds(t *testing.T) {
	r := newRig(t, fromline.Options{}, line.Line{Number: dc, Limits: line.Limits{NewChatsPerDay: 1}})
	for week, person := range []recipients.Handle{ann, bob} {
		at := noon.AddDate(0, 0, 7*week)
		_, err := r.Route(t.Context(), fromline.Outgoing{Tenant: "acme", Request: request(t, nil, person), At: at})
		require.NoError(t, err)
		_, err = r.Route(t.Context(), fromline.Outgoing{Tenant: "acme", Request: request(t, nil, boston), At: at})
		var refusal *routing.Refusal
		require.ErrorAs(t, err, &refusal)
		require.Equal(t, at.Add(25*time.Hour), refusal.NextFree)
	}
}
