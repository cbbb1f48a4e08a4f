package fromline_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

// host is one process of several that share a store.
type host struct {
	*testing.T
	fleet  *fleet.Fleet
	router *fromline.Router
	store  *memory.Store
}

func newHost(t *testing.T, chats *memory.Store) *host {
	f, err := fleet.New(fleet.Options{})
	require.NoError(t, err)
	require.NoError(t, f.SetLines("acme", []line.Line{{Number: dc}, {Number: boston}}))
	require.NoError(t, f.Sync(t.Context(), chats))
	r, err := fromline.New(chats, f, fromline.Options{})
	require.NoError(t, err)
	return &host{t, f, r, chats}
}

func (h *host) poll() { require.NoError(h, h.fleet.Sync(h.Context(), h.store)) }

// line returns a line as the process knows it.
func (h *host) line(n recipients.Handle) line.Line {
	v, err := h.fleet.View(h.Context(), "acme", time.Now())
	require.NoError(h, err)
	l, there := v.Line(n)
	require.True(h, there)
	return l
}

func (h *host) says(e fleet.Event) {
	e.Type, e.Number = fleet.StatusUpdated, dc
	_, err := h.router.ReportLine(h.Context(), e)
	require.NoError(h, err)
}

// Two events that each say one half, heard by two processes within one poll:
// both know both, and so does one that starts then, and one that hears of
// neither.
func TestHalvesOfAnEvent(t *testing.T) {
	chats := memory.New(memory.Options{})
	now := time.Now()
	a, b, other := newHost(t, chats), newHost(t, chats), newHost(t, chats)
	a.says(fleet.Event{Reputation: line.Critical, ChangedAt: now.Add(-2 * time.Second)})
	b.says(fleet.Event{Status: line.Flagged, ChangedAt: now.Add(-time.Second)})
	require.Equal(t, line.Critical, a.line(dc).Reputation, "in this process at once")
	require.Equal(t, line.Flagged, b.line(dc).Status)
	for _, h := range []*host{a, b, other} {
		h.poll()
	}
	for i, h := range []*host{a, b, other, newHost(t, chats)} {
		require.Equal(t, []any{line.Flagged, line.Critical}, []any{h.line(dc).Status, h.line(dc).Reputation}, "process %d", i)
	}
}

// A line that a delivery found flagged is flagged in this process at once, in
// the others when they have polled, and after a restart (docs/rules.md §15, law
// 17), and nothing else is learned of it.
func TestReportIsDurable(t *testing.T) {
	chats := memory.New(memory.Options{})
	a, b := newHost(t, chats), newHost(t, chats)
	a.says(fleet.Event{Reputation: line.AtRisk, ChangedAt: time.Now().Add(-time.Second)})
	require.NoError(t, b.router.LineFlagged(t.Context(), "acme", dc))
	require.NoError(t, b.router.LineFlagged(t.Context(), "acme", boston))
	require.False(t, b.line(dc).CanContinue())
	require.False(t, b.line(boston).CanContinue())
	a.poll()
	b.poll()
	for i, h := range []*host{a, b, newHost(t, chats)} {
		require.Equal(t, []any{line.Flagged, line.AtRisk}, []any{h.line(dc).Status, h.line(dc).Reputation}, "process %d", i)
		require.Equal(t, []any{line.Flagged, line.Healthy}, []any{h.line(boston).Status, h.line(boston).Reputation}, "process %d", i)
	}
	a.says(fleet.Event{Status: line.Active, ChangedAt: time.Now().Add(time.Second)})
	require.True(t, a.line(dc).CanContinue(), "the line recovers")
}

// What cannot be believed is learned nowhere and kept nowhere.
func TestReportsThatAreNotBelieved(t *testing.T) {
	chats := memory.New(memory.Options{})
	h := newHost(t, chats)
	for _, row := range []struct {
		because, tenant string
		line            recipients.Handle
		err             error
		code            fault.Code
	}{
		{"no line of ours", "acme", ann, fleet.ErrUnknownNumber, fault.CodeLineNotFound},
		{"no line at all", "acme", recipients.Handle{}, fleet.ErrUnknownNumber, fault.CodeLineNotFound},
		{"another tenant", "beta", dc, fleet.ErrUnknownNumber, fault.CodeLineNotFound},
	} {
		err := h.router.LineFlagged(t.Context(), row.tenant, row.line)
		require.ErrorIs(t, err, row.err, row.because)
		require.Equal(t, row.code, fromline.CodeOf(err), row.because)
		require.True(t, h.line(dc).CanContinue(), row.because)
		kept, _, err := chats.LineStates(t.Context(), 0, 0)
		require.NoError(t, err)
		require.Empty(t, kept, row.because)
	}
}

// failing is a store that cannot be reached where line states are concerned.
type failing struct {
	*memory.Store
	err error
}

func (f failing) ReportLine(context.Context, line.State) (bool, error) { return false, f.err }

func (f failing) FlagLine(context.Context, string, recipients.Handle, time.Time) (line.State, bool, error) {
	return line.State{}, false, f.err
}

// When the store cannot keep it, this process acts on it all the same, and the
// caller learns that it has to report it again.
func TestReportThatIsNotKept(t *testing.T) {
	f, err := fleet.New(fleet.Options{})
	require.NoError(t, err)
	require.NoError(t, f.SetLines("acme", []line.Line{{Number: dc}}))
	chats := failing{memory.New(memory.Options{}), errLost}
	r, err := fromline.New(chats, f, fromline.Options{})
	require.NoError(t, err)
	err = r.LineFlagged(t.Context(), "acme", dc)
	require.ErrorIs(t, err, errLost)
	var unavailable *fromline.UnavailableError
	require.ErrorAs(t, err, &unavailable)
	require.True(t, unavailable.Retry)
	v, err := f.View(t.Context(), "acme", time.Now())
	require.NoError(t, err)
	l, _ := v.Line(dc)
	require.False(t, l.CanContinue())

	// What it will never keep is not to be tried again.
	chats.err = store.ErrInvalid
	r, err = fromline.New(chats, f, fromline.Options{})
	require.NoError(t, err)
	for _, err := range []error{
		r.LineFlagged(t.Context(), "acme", dc),
		func() error {
			_, err := r.ReportLine(t.Context(), fleet.Event{Type: fleet.StatusUpdated, Number: dc, Status: line.Active, ChangedAt: time.Now()})
			return err
		}(),
	} {
		require.ErrorIs(t, err, store.ErrInvalid)
		require.NotErrorAs(t, err, &unavailable)
	}
}
