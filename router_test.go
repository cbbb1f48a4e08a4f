package fromline_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
)

func TestNewRefusesOptionsThatCannotBeUsed(t *testing.T) {
	chats, lines := &script{}, lineTable{&table{}}
	filled, err := fleet.New(fleet.Options{})
	require.NoError(t, err)
	for name, try := range map[string]func() (*fromline.Router, error){
		"options of a fleet beside one": func() (*fromline.Router, error) {
			return fromline.New(chats, filled, fromline.Options{Fleet: fleet.Options{RefreshEvery: time.Minute}})
		},
		"no store":         func() (*fromline.Router, error) { return fromline.New(nil, lines, fromline.Options{}) },
		"no lines":         func() (*fromline.Router, error) { return fromline.New(chats, nil, fromline.Options{}) },
		"negative records": func() (*fromline.Router, error) { return fromline.New(chats, lines, fromline.Options{KeepRecords: -1}) },
		"negative unkeyed": func() (*fromline.Router, error) { return fromline.New(chats, lines, fromline.Options{KeepUnkeyed: -1}) },
		"negative retries": func() (*fromline.Router, error) { return fromline.New(chats, lines, fromline.Options{Retries: -1}) },
		"nobody to deliver": func() (*fromline.Router, error) {
			return fromline.New(bare{chats}, lines, fromline.Options{Deliver: true})
		},
	} {
		t.Run(name, func(t *testing.T) {
			router, err := try()
			require.Error(t, err)
			require.Nil(t, router)
		})
	}
}

// bare is a store without any optional power.
type bare struct{ store.ChatStore }

func TestRouteRefusesSendsThatAreNone(t *testing.T) {
	r := newRig(t, fromline.Options{}, line.Line{Number: dc})
	for name, s := range map[string]struct {
		fromline.Outgoing
		names string // the field to set
	}{
		"no tenant":        {fromline.Outgoing{Request: request(t, nil, ann)}, "Outgoing.Tenant"},
		"an endless one":   {fromline.Outgoing{Tenant: string(make([]byte, store.MaxTenant+1)), Request: request(t, nil, ann)}, "Outgoing.Tenant"},
		"no text":          {fromline.Outgoing{Tenant: "\xff", Request: request(t, nil, ann)}, "Outgoing.Tenant"},
		"an unchecked one": {fromline.Outgoing{Tenant: "acme"}, "Outgoing.Request"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := r.Route(t.Context(), s.Outgoing)
			require.ErrorIs(t, err, routing.ErrInput)
			require.Equal(t, s.names != "Outgoing.Request", errors.Is(err, store.ErrInvalid))
			require.ErrorContains(t, err, s.names)
			for _, inner := range []error{routing.ErrInput, store.ErrInvalid} {
				require.NotContains(t, err.Error(), inner.Error(), "words for the packages below")
			}
			require.Equal(t, fault.CodeInternal, fromline.CodeOf(err))
			require.Empty(t, r.notes.take())
		})
	}
}

// everyHook is a set of hooks that note that they were asked.
type everyHook struct{ notes *notes }

func (h everyHook) Admit(context.Context, string, recipients.Set) (fromline.Admission, error) {
	h.notes.add("gate")
	return fromline.Admitted, nil
}

func (h everyHook) Service(context.Context, string, recipients.Set) (message.Service, error) {
	h.notes.add("capability")
	return message.RCS, nil
}

func (h everyHook) CheckImage(context.Context, string, string) error {
	h.notes.add("image")
	return nil
}

func (h everyHook) Resolve(_ context.Context, _ string, parts []*message.MediaPart) ([]message.Media, error) {
	h.notes.add("media")
	return make([]message.Media, len(parts)), nil
}

// withHooks is a rig that has every hook.
func withHooks(t *testing.T, lines ...line.Line) *rig {
	return build(t, lines, func(r *rig) (fromline.LineHealth, fromline.Options) {
		h := everyHook{r.notes}
		return r.lines, fromline.Options{Gate: h, Capability: h, Images: h, Media: h}
	})
}

func media(r *message.Request) {
	r.Message.Parts = append(r.Message.Parts, message.MediaURL("https://example.com/a.png"))
}

// The order of work is that of docs/rules.md §2: idempotency look-up, gate,
// decide, hooks for the content decided, commit.
func TestOrderOfWork(t *testing.T) {
	r := withHooks(t, line.Line{Number: dc})
	_, err := r.send(request(t, media, ann))
	require.NoError(t, err)
	require.Equal(t, []string{"lines", "lookup", "gate", "media", "capability", "commit"}, r.notes.take())
	require.Equal(t, 2, r.ids.n, "a message id and a chat id")

	// What a hook would be asked about, and is not: no attachment.
	_, err = r.send(request(t, nil, ann))
	require.NoError(t, err)
	require.Equal(t, []string{"lines", "lookup", "gate", "capability", "commit"}, r.notes.take())

	// The preferred service is an answer.
	service := "SMS"
	_, err = r.send(request(t, func(r *message.Request) { r.Message.PreferredService = &service }, ann))
	require.NoError(t, err)
	require.Equal(t, []string{"lines", "lookup", "gate", "commit"}, r.notes.take())
}

// A conflict repeats look-up, decide and commit; hooks are asked once, ids are
// drawn once.
func TestConflictRepeatsTheRound(t *testing.T) {
	r := withHooks(t, line.Line{Number: dc})
	conflicts := 3
	r.chats.aroundCommit = func(_ *store.Plan, commit func() error) error {
		if conflicts--; conflicts >= 0 {
			return &store.Conflict{Kind: store.RevisionMoved}
		}
		return commit()
	}
	d, err := r.send(request(t, media, ann))
	require.NoError(t, err)
	require.NoError(t, r.committed(d))
	require.Equal(t, []string{
		"lines", "lookup", "gate", "media", "capability", "commit", "wait 1",
		"lines", "lookup", "commit", "wait 2",
		"lines", "lookup", "commit", "wait 3",
		"lines", "lookup", "commit",
	}, r.notes.take())
	require.Equal(t, 2, r.ids.n)
}

// committed requires that the decision is the only thing that was committed.
func (r *rig) committed(d routing.Decision) error {
	switch {
	case len(r.chats.plans) != 1:
		return fmt.Errorf("%d commits", len(r.chats.plans))
	case r.chats.plans[0].MessageID != d.MessageID || r.chats.plans[0].ChatID != d.ChatID:
		return errors.New("another decision was committed")
	}
	return nil
}

// After a conflict the decision is made anew: what another send opened is
// reused, and the hooks have been asked already.
func TestConflictLeadsToAnotherDecision(t *testing.T) {
	r := newRig(t, fromline.Options{}, line.Line{Number: dc})
	r.chats.aroundCommit = func(_ *store.Plan, commit func() error) error {
		r.seen(1, dc, time.Hour, ann)
		r.chats.aroundCommit = nil
		return commit()
	}
	d, err := r.send(request(t, nil, ann))
	require.NoError(t, err)
	require.Equal(t, store.ReusedActiveChat, d.Reason)
	require.NoError(t, r.committed(d))
	require.Equal(t, []string{"lines", "lookup", "commit", "wait 1", "lines", "lookup", "commit"}, r.notes.take())
}

// Conflicts without end are given up after the number of retries asked for.
func TestConflictsAreGivenUp(t *testing.T) {
	r := newRig(t, fromline.Options{Retries: 2}, line.Line{Number: dc})
	r.chats.aroundCommit = func(*store.Plan, func() error) error { return &store.Conflict{Kind: store.RevisionMoved} }
	_, err := r.send(request(t, nil, ann))
	u := r.unavailable(err)
	require.True(t, u.Retry)
	require.False(t, u.Unknown)
	require.ErrorIs(t, err, store.ErrNotWritten)
	require.Equal(t, []string{
		"lines", "lookup", "commit", "wait 1",
		"lines", "lookup", "commit", "wait 2",
		"lines", "lookup", "commit",
	}, r.notes.take())
}

// A context that ends while a send waits for its turn ends the send.
func TestContextEndsTheWait(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	r := newRig(t, fromline.Options{}, line.Line{Number: dc})
	r.chats.aroundCommit = func(*store.Plan, func() error) error {
		cancel()
		return &store.Conflict{Kind: store.RevisionMoved}
	}
	_, err := r.Route(ctx, fromline.Outgoing{Tenant: "acme", Request: request(t, nil, ann)})
	u := r.unavailable(err)
	require.True(t, u.Retry)
	require.False(t, u.Unknown)
	require.ErrorIs(t, err, context.Canceled)
}

// The wait that is supplied respects the context at once.
func TestSuppliedWaitRespectsTheContext(t *testing.T) {
	chats := &script{Store: newRig(t, fromline.Options{}).chats.Store, notes: &notes{}}
	ctx, cancel := context.WithCancel(t.Context())
	commits := 0
	chats.aroundCommit = func(*store.Plan, func() error) error {
		if commits++; commits == 3 {
			cancel()
		}
		return &store.Conflict{Kind: store.RevisionMoved}
	}
	router, err := fromline.New(chats, lineTable{&table{notes: &notes{}, lines: []line.Line{{Number: dc}}}}, fromline.Options{})
	require.NoError(t, err)
	_, err = router.Route(ctx, fromline.Outgoing{Tenant: "acme", Request: request(t, nil, ann)})
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, 3, commits)
}

// What fails before anything is written is told as that.
func TestFailuresBeforeTheCommit(t *testing.T) {
	broken := errors.New("broken")
	t.Run("look-up", func(t *testing.T) {
		r := newRig(t, fromline.Options{}, line.Line{Number: dc})
		r.chats.beforeLookup = func(store.Query) error { return broken }
		_, err := r.send(request(t, nil, ann))
		require.ErrorIs(t, err, broken)
		require.Equal(t, fromline.UnavailableError{Err: broken, Retry: true}, *r.unavailable(err))
	})
	t.Run("lines", func(t *testing.T) {
		r := newRig(t, fromline.Options{})
		r.lines.err = fmt.Errorf("too old: %w", fleet.ErrStale)
		_, err := r.send(request(t, nil, ann))
		require.ErrorIs(t, err, fleet.ErrStale)
		require.True(t, r.unavailable(err).Retry)
	})
	t.Run("tenant", func(t *testing.T) {
		r := newRig(t, fromline.Options{})
		r.lines.err = fmt.Errorf("who? %w", fleet.ErrUnknownTenant)
		_, err := r.send(request(t, nil, ann))
		require.ErrorIs(t, err, fleet.ErrUnknownTenant)
		require.Equal(t, fault.CodeForbidden, fromline.CodeOf(err))
	})
	t.Run("full store", func(t *testing.T) {
		r := newRig(t, fromline.Options{}, line.Line{Number: dc})
		r.chats.aroundCommit = func(*store.Plan, func() error) error { return store.ErrFull }
		_, err := r.send(request(t, nil, ann))
		require.ErrorIs(t, err, store.ErrFull)
		require.Equal(t, fromline.UnavailableError{Err: store.ErrFull, Retry: true}, *r.unavailable(err))
	})
	t.Run("a plan that the store takes for nonsense", func(t *testing.T) {
		r := newRig(t, fromline.Options{}, line.Line{Number: dc})
		r.chats.aroundCommit = func(*store.Plan, func() error) error { return store.ErrInvalid }
		_, err := r.send(request(t, nil, ann))
		require.ErrorIs(t, err, store.ErrInvalid)
		require.Equal(t, fault.CodeInternal, fromline.CodeOf(err), "no retry can help")
	})
}

// The time of the send is that of the clock unless the send has its own; either
// is cut to microseconds.
func TestTimeOfASend(t *testing.T) {
	r := newRig(t, fromline.Options{}, line.Line{Number: dc})
	d, err := r.send(request(t, nil, ann))
	require.NoError(t, err)
	require.Equal(t, noon, d.At)
	at := noon.Add(time.Hour + 1234567*time.Nanosecond).In(time.FixedZone("", 3600))
	d, err = r.Route(t.Context(), fromline.Outgoing{Tenant: "acme", Request: request(t, nil, ann), At: at})
	require.NoError(t, err)
	require.Equal(t, noon.Add(time.Hour+1234*time.Microsecond), d.At)
}

// A trace is made when the send asks for it, and not otherwise.
func TestTraceOnDemand(t *testing.T) {
	r := newRig(t, fromline.Options{}, line.Line{Number: dc})
	d, err := r.send(request(t, nil, ann))
	require.NoError(t, err)
	require.Nil(t, d.Trace)
	d, err = r.Route(t.Context(), fromline.Outgoing{Tenant: "acme", Request: request(t, nil, bob), Explain: true})
	require.NoError(t, err)
	require.Equal(t, store.NewBestNumber, d.Trace.Branch)
	require.Equal(t, dc, d.Trace.Picked.Line)
}
