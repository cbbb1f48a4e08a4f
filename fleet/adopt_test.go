package fleet

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/line"
)

// A number becomes a line when a store says that it was assigned to us, where
// the options say with which defaults, its tenant is known, and no fleet has
// it. Where one of these is missing it becomes none.
func TestAssignedNumberBecomesALine(t *testing.T) {
	theirs, free := handle("+14157770001"), handle("+14157770002")
	says := line.State{Tenant: "acme", Number: free, Ownership: line.Assigned, OwnershipAt: epoch}
	for name, c := range map[string]struct {
		but    func(*Options, *line.State)
		adopts bool
	}{
		"all is there":             {func(*Options, *line.State) {}, true},
		"no defaults":              {func(o *Options, _ *line.State) { o.Assigned = nil }, false},
		"a source says what is":    {func(o *Options, _ *line.State) { o.Source = oneLine{} }, false},
		"it was released":          {func(_ *Options, s *line.State) { s.Ownership = line.Released }, false},
		"only its status was told": {func(_ *Options, s *line.State) { s.Ownership, s.Status, s.StatusAt = 0, line.Active, epoch }, false},
		"an unknown tenant":        {func(_ *Options, s *line.State) { s.Tenant = "nobody" }, false},
		"another tenant's":         {func(_ *Options, s *line.State) { s.Number = theirs }, false},
	} {
		t.Run(name, func(t *testing.T) {
			o, s := Options{Clock: fixedClock(epoch), Assigned: &line.Line{Label: "new"}}, says
			c.but(&o, &s)
			f, err := New(o)
			require.NoError(t, err)
			if o.Source != nil {
				_, err := f.View(context.Background(), "acme", epoch) // from now on it is known
				require.NoError(t, err)
			} else {
				require.NoError(t, f.SetLines("acme", []line.Line{{Number: handle("+14157770000")}}))
				require.NoError(t, f.SetLines("other", []line.Line{{Number: theirs}}))
			}
			applied, err := f.Learn(s)
			require.Equal(t, c.adopts, applied)
			owner, _ := f.Owner(s.Number)
			if !c.adopts {
				require.ErrorIs(t, err, ErrUnknownNumber)
				require.NotEqual(t, s.Tenant, owner)
				return
			}
			require.NoError(t, err)
			require.Equal(t, "acme", owner)
			lines, err := f.Lines(context.Background(), "acme")
			require.NoError(t, err)
			require.Len(t, lines, 2)
			for _, l := range lines {
				if l.Number == free {
					require.Equal(t, "new", l.Label)
					require.NotEmpty(t, l.ID)
				}
			}
		})
	}
}

// A number that was taken out is a line again where it is told again that it
// was assigned, and that is a change although nothing of it was learned.
func TestAssignedNumberThatWasTakenOut(t *testing.T) {
	free := handle("+14157770002")
	f := newFleet(t, Options{Clock: fixedClock(epoch), Assigned: &line.Line{}})
	for range 2 {
		applied, err := f.Learn(line.State{Tenant: "acme", Number: free, Ownership: line.Assigned, OwnershipAt: epoch})
		require.NoError(t, err)
		require.True(t, applied)
		require.NoError(t, f.RemoveLine("acme", free), "it is a line")
	}
}

// oneLine is a source of one tenant with one line.
type oneLine struct{}

func (oneLine) Lines(context.Context, string) ([]line.Line, error) {
	return []line.Line{{Number: handle("+14157770000")}}, nil
}

// An event about a number that is no line is taken only if it says that the
// number was assigned, to a tenant that is known, and nobody else has it.
func TestEventsAboutNumbersThatAreNoLines(t *testing.T) {
	ours, theirs, free := handle("+14157770000"), handle("+14157770001"), handle("+14157770002")
	f := newFleet(t, Options{Clock: fixedClock(epoch)}, line.Line{Number: ours})
	require.NoError(t, f.SetLines("other", []line.Line{{Number: theirs}}))
	assigned := Event{Type: NumberAssigned, Tenant: "acme", Number: free, ChangedAt: epoch}
	for name, c := range map[string]struct {
		but func(*Event)
		err error
	}{
		"assigned to a known tenant":    {func(*Event) {}, nil},
		"our own, assigned again":       {func(e *Event) { e.Number = ours }, nil},
		"assigned, and another's":       {func(e *Event) { e.Number = theirs }, ErrUnknownNumber},
		"assigned to an unknown tenant": {func(e *Event) { e.Tenant = "nobody" }, ErrUnknownNumber},
		"assigned to no tenant":         {func(e *Event) { e.Tenant = "" }, ErrUnknownNumber},
		"released":                      {func(e *Event) { e.Type = NumberReleased }, ErrUnknownNumber},
		"its status": {func(e *Event) {
			e.Type, e.Status = StatusUpdated, line.Flagged
		}, ErrUnknownNumber},
		"as far ahead as may be": {func(e *Event) { e.ChangedAt = epoch.Add(maxAhead) }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			e := assigned
			c.but(&e)
			_, err := f.StateOf(context.Background(), e)
			require.ErrorIs(t, err, c.err)
		})
	}
	late := assigned
	late.ChangedAt = epoch.Add(maxAhead + time.Nanosecond)
	var ahead *AheadError
	_, err := f.StateOf(context.Background(), late)
	require.ErrorAs(t, err, &ahead)
}
