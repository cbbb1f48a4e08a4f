package fromline_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
)

var errLost = errors.New("the connection was lost")

// both runs a test with sends that carry an idempotency key, and without.
func both(t *testing.T, test func(t *testing.T, change func(*message.Request), keyed bool)) {
	t.Run("with a key", func(t *testing.T) { test(t, withKey("k"), true) })
	t.Run("without a key", func(t *testing.T) { test(t, nil, false) })
}

// A commit that landed although its reply was lost is found, and answered as
// what it is: the decision.
func TestUnknownOutcomeThatLanded(t *testing.T) {
	both(t, func(t *testing.T, change func(*message.Request), _ bool) {
		r, _ := newReserving(t, fromline.Options{}, line.Line{Number: dc})
		r.chats.aroundCommit = func(_ *store.Plan, commit func() error) error {
			require.NoError(t, commit())
			return errLost
		}
		d, err := r.send(request(t, change, ann))
		require.NoError(t, err)
		require.False(t, d.Replay)
		require.NoError(t, r.committed(d))
		require.Equal(t, []string{
			"lines", "lookup", "reserve +12025550161", "commit", "lookup", "confirm +12025550161",
		}, r.notes.take())
	})
}

// A commit that landed, and whose message was rerouted before it was looked
// for, is found as what it is now, and is no replay.
func TestUnknownOutcomeThatWasRerouted(t *testing.T) {
	both(t, func(t *testing.T, change func(*message.Request), keyed bool) {
		r := build(t, []line.Line{{Number: dc}, {Number: boston}}, func(r *rig) (fromline.LineHealth, fromline.Options) {
			return r.lines, fromline.Options{Sender: newNetwork(), Reroute: true}
		})
		var first store.Plan
		r.chats.aroundCommit = func(p *store.Plan, commit func() error) error {
			first = *p
			require.NoError(t, commit())
			claimed, err := r.chats.Claim(t.Context(), time.Minute, 1)
			require.NoError(t, err)
			r.setStatus(first.Line, line.Flagged)
			require.True(t, r.Reroute(t.Context(), claimed[0], delivery.IfNeeded).Moved)
			return errLost
		}
		d, err := r.send(request(t, change, ann))
		require.NoError(t, err)
		require.False(t, d.Replay, "with a key: %v", keyed)
		require.Equal(t, first.MessageID, d.MessageID)
		require.NotEqual(t, first.Line, d.Line)
		require.Equal(t, first.ChatID, d.PreviousChatID)
	})
}

// A commit that did not land is tried again under the same message id.
func TestUnknownOutcomeThatDidNotLand(t *testing.T) {
	both(t, func(t *testing.T, change func(*message.Request), _ bool) {
		r := newRig(t, fromline.Options{}, line.Line{Number: dc})
		var first store.Plan
		r.chats.aroundCommit = func(p *store.Plan, _ func() error) error {
			first = *p
			r.chats.aroundCommit = nil
			return errLost
		}
		d, err := r.send(request(t, change, ann))
		require.NoError(t, err)
		require.False(t, d.Replay)
		require.NoError(t, r.committed(d))
		require.Equal(t, first.MessageID, d.MessageID)
		require.Equal(t, first.ChatID, d.ChatID)
		require.Equal(t, []string{"lines", "lookup", "commit", "lookup", "wait 1", "lines", "lookup", "commit"}, r.notes.take())
	})
}

// A commit that lands late, after it was looked for, is found by the second
// attempt, which the store refuses: there is still one message.
func TestUnknownOutcomeThatLandsLate(t *testing.T) {
	for name, reuse := range map[string]bool{"new": false, "reuse": true} {
		t.Run(name, func(t *testing.T) {
			both(t, func(t *testing.T, change func(*message.Request), _ bool) {
				r := newRig(t, fromline.Options{}, line.Line{Number: dc})
				if reuse {
					r.seen(1, dc, time.Hour, ann)
				}
				var late func() error
				r.chats.aroundCommit = func(_ *store.Plan, commit func() error) error {
					if late == nil {
						late = commit
						return errLost
					}
					require.NoError(t, late())
					err := commit()
					require.ErrorIs(t, err, store.ErrNotWritten)
					return err
				}
				d, err := r.send(request(t, change, ann))
				require.NoError(t, err)
				require.False(t, d.Replay, "it is this send's own decision")
				require.NoError(t, r.committed(d))
			})
		})
	}
}

// The second attempt may pick another line than the first, which then lands
// late: what is there is the answer, and not what was tried last.
func TestUnknownOutcomeOfASecondAttempt(t *testing.T) {
	for name, clientLeaves := range map[string]bool{"lost": false, "client gone": true} {
		t.Run(name, func(t *testing.T) {
			both(t, func(t *testing.T, change func(*message.Request), _ bool) {
				r, _ := newReserving(t, fromline.Options{}, line.Line{Number: dc}, line.Line{Number: boston})
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				var late func() error
				var second store.Plan
				r.chats.aroundCommit = func(p *store.Plan, commit func() error) error {
					if late == nil {
						late = commit
						r.setStatus(p.Line, line.Flagged)
						return errLost
					}
					second = *p
					require.NoError(t, late())
					if clientLeaves {
						cancel()
					}
					return errLost
				}
				d, err := r.Route(ctx, fromline.Outgoing{Tenant: "acme", Request: request(t, change, ann)})
				require.NoError(t, err)
				require.NoError(t, r.committed(d))
				require.Equal(t, dc, r.chats.plans[0].Line)
				require.Equal(t, dc, d.Line)
				require.Equal(t, boston, second.Line)
				require.False(t, d.Replay, "it is this send's own decision")

				// The first pick stays counted, the second is given back.
				notes := r.notes.take()
				require.Contains(t, notes, "confirm "+dc.String())
				require.Contains(t, notes, "release "+boston.String())
				require.NotContains(t, notes, "confirm "+boston.String())
			})
		})
	}
}

// When the look-up fails as well nobody knows: only a send with a key may be
// tried again.
func TestUnknownOutcomeThatCannotBeLookedUp(t *testing.T) {
	both(t, func(t *testing.T, change func(*message.Request), keyed bool) {
		r, _ := newReserving(t, fromline.Options{}, line.Line{Number: dc})
		r.chats.aroundCommit = func(_ *store.Plan, commit func() error) error {
			r.chats.beforeLookup = func(store.Query) error { return errHook }
			return errLost
		}
		_, err := r.send(request(t, change, ann))
		u := r.unavailable(err)
		require.True(t, u.Unknown)
		require.Equal(t, keyed, u.Retry)
		require.ErrorIs(t, err, errLost)
		require.ErrorIs(t, err, errHook)
		notes := r.notes.take()
		require.Equal(t, "confirm +12025550161", notes[len(notes)-1], "use is over-counted rather than under-counted")
	})
}

// While a commit is in doubt no answer says that nothing was written, whatever
// the next attempt ends in.
func TestNothingIsSaidWhileInDoubt(t *testing.T) {
	for name, then := range map[string]func(*rig) error{
		"refused":            func(r *rig) error { r.setStatus(dc, line.Flagged); return nil },
		"no lines":           func(r *rig) error { r.lines.err = fleet.ErrStale; r.clock.looks.Add(int64(time.Minute)); return nil },
		"no tenant":          func(r *rig) error { r.lines.err = fleet.ErrUnknownTenant; return nil },
		"conflicts":          func(*rig) error { return &store.Conflict{Kind: store.RevisionMoved} },
		"a full store":       func(*rig) error { return store.ErrFull },
		"a store that fails": func(*rig) error { return store.ErrInvalid },
	} {
		t.Run(name, func(t *testing.T) {
			both(t, func(t *testing.T, change func(*message.Request), keyed bool) {
				r := newRig(t, fromline.Options{Retries: 3}, line.Line{Number: dc})
				var late func() error
				r.chats.aroundCommit = func(_ *store.Plan, commit func() error) error {
					if late != nil {
						return then(r)
					}
					late = commit
					_ = then(r)
					return errLost
				}
				send := request(t, change, ann)
				_, err := r.send(send)
				u := r.unavailable(err)
				require.True(t, u.Unknown)
				require.Equal(t, keyed, u.Retry)
				require.ErrorIs(t, err, errLost)

				// And rightly so: it may still land. With the key that is found out.
				require.NoError(t, late())
				if keyed {
					d, err := r.send(send)
					require.NoError(t, err)
					require.True(t, d.Replay)
					require.NoError(t, r.committed(d))
				}
			})
		})
	}
}

// The context that ended the commit does not end the look-up for it.
func TestContextEndsTheCommit(t *testing.T) {
	for name, landed := range map[string]bool{"landed": true, "not there": false} {
		t.Run(name, func(t *testing.T) {
			both(t, func(t *testing.T, change func(*message.Request), keyed bool) {
				r := newRig(t, fromline.Options{}, line.Line{Number: dc})
				ctx, cancel := context.WithCancel(t.Context())
				r.chats.aroundCommit = func(_ *store.Plan, commit func() error) error {
					if landed {
						require.NoError(t, commit())
					}
					cancel()
					return ctx.Err()
				}
				d, err := r.Route(ctx, fromline.Outgoing{Tenant: "acme", Request: request(t, change, ann)})
				if landed {
					require.NoError(t, err)
					require.NoError(t, r.committed(d))
					return
				}
				u := r.unavailable(err)
				require.True(t, u.Unknown)
				require.Equal(t, keyed, u.Retry)
				require.ErrorIs(t, err, context.Canceled)
			})
		})
	}
}

// A record of the key that another send made, at any moment, is replayed: ours
// cannot land any more.
func TestAnotherSendTakesTheKey(t *testing.T) {
	r, _ := newReserving(t, fromline.Options{}, line.Line{Number: dc})
	send := request(t, withKey("k"), ann)
	var other routing.Decision
	r.chats.aroundCommit = func(*store.Plan, func() error) error {
		r.chats.aroundCommit = nil
		var err error
		other, err = r.Route(t.Context(), fromline.Outgoing{Tenant: "acme", Request: send, At: noon.Add(time.Second)})
		require.NoError(t, err)
		r.notes.take()
		return errLost
	}
	d, err := r.send(send)
	require.NoError(t, err)
	require.True(t, d.Replay)
	d.Replay = false
	require.Equal(t, other, d)
	require.NoError(t, r.committed(d))
	require.Equal(t, []string{"lookup", "release +12025550161"}, r.notes.take())

	// The same where the other send asked for something else.
	r = newRig(t, fromline.Options{}, line.Line{Number: dc})
	r.chats.aroundCommit = func(*store.Plan, func() error) error {
		r.chats.aroundCommit = nil
		_, err := r.send(request(t, withKey("k"), bob))
		require.NoError(t, err)
		return errLost
	}
	_, err = r.send(send)
	var wrong *fault.Error
	require.ErrorAs(t, err, &wrong)
	require.Equal(t, fault.RuleKeyReused, wrong.Primary().Rule)
}
