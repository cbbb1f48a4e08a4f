package fromline_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

// unhurried is an AliasResolver that takes its time.
type unhurried time.Duration

func (u unhurried) Aliases(ctx context.Context, _ string, to recipients.Set) ([][]recipients.Handle, error) {
	select {
	case <-time.After(time.Duration(u)):
		return make([][]recipients.Handle, to.Len()), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// A resolver of aliases has a quarter of a second; a send waits no longer for
// it.
func TestHowLongAResolverMayTake(t *testing.T) {
	for takes, known := range map[time.Duration]bool{0: true, 249 * time.Millisecond: true, 251 * time.Millisecond: false, time.Hour: false} {
		synctest.Test(t, func(t *testing.T) {
			r, err := fromline.New(memory.New(memory.Options{}), lineTable{&table{notes: &notes{}, lines: []line.Line{{Number: dc}}}},
				fromline.Options{Fleet: knownFirst, Aliases: unhurried(takes)})
			require.NoError(t, err)
			began := time.Now()
			d, err := r.Route(t.Context(), fromline.Outgoing{Tenant: "acme", Request: request(t, nil, ann)})
			require.NoError(t, err)
			require.Equal(t, known, len(d.Advisories) == 0)
			require.Equal(t, min(takes, 250*time.Millisecond), time.Since(began))
		})
	}
}

// A commit whose outcome is unknown is looked for during five seconds, also if
// the caller has gone.
func TestHowLongACommitIsLookedFor(t *testing.T) {
	for _, takes := range []time.Duration{0, 4 * time.Second, 6 * time.Second} {
		for _, gone := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				ctx, leave := context.WithCancel(t.Context())
				defer leave()
				chats := &unhurriedStore{script: &script{Store: memory.New(memory.Options{}), notes: &notes{}}}
				chats.aroundCommit = func(_ *store.Plan, commit func() error) error {
					require.NoError(t, commit())
					chats.takes = takes
					if gone {
						leave()
					}
					return errLost
				}
				r, err := fromline.New(chats, lineTable{&table{notes: &notes{}, lines: []line.Line{{Number: dc}}}}, fromline.Options{})
				require.NoError(t, err)
				began := time.Now()
				_, err = r.Route(ctx, fromline.Outgoing{Tenant: "acme", Request: request(t, withKey("k"), ann)})
				require.Equal(t, min(takes, 5*time.Second), time.Since(began))
				if takes < 5*time.Second {
					require.NoError(t, err)
					return
				}
				var away *fromline.UnavailableError
				require.ErrorAs(t, err, &away)
				require.True(t, away.Unknown)
				require.True(t, away.Retry)
				require.ErrorIs(t, err, errLost)
				require.ErrorIs(t, err, context.DeadlineExceeded)
			})
		}
	}
}

// unhurriedStore is a store whose look-ups take their time.
type unhurriedStore struct {
	*script
	takes time.Duration
}

func (s *unhurriedStore) Lookup(ctx context.Context, q store.Query) (store.Snapshot, error) {
	if err := ctx.Err(); err != nil {
		return store.Snapshot{}, err
	}
	if s.takes > 0 {
		select {
		case <-time.After(s.takes):
		case <-ctx.Done():
			return store.Snapshot{}, ctx.Err()
		}
	}
	return s.script.Lookup(ctx, q)
}
