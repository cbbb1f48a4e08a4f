package fromline_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

// A slot is an instant by the clock of the process that promises it. Where that
// is further than MaxSkew from the store's, nothing is deferred, no pace moves,
// and what others deferred goes out when it was to. Else the slot lies by no
// more than that after what the store's clock would allow, and the message goes
// out at its slot by the clock of the store, however wrong those of the
// processes are.
func TestDeferralsByAWrongClock(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		synctest.Test(t, func(t *testing.T) {
			const gap, upTo, allowed = 10 * time.Minute, 30 * time.Minute, 5 * time.Minute
			by := rapid.OneOf(
				rapid.SampledFrom([]time.Duration{26 * time.Hour, 366 * 24 * time.Hour, 8 * 24 * time.Hour, -time.Hour, allowed, -allowed}),
				rapid.Custom(func(rt *rapid.T) time.Duration {
					return time.Duration(rapid.IntRange(-8*60, 8*60).Draw(rt, "seconds")) * time.Second
				}),
			).Draw(rt, "ahead")
			chats, net := memory.New(memory.Options{}), &gathering{}
			process := func(ahead time.Duration, o fromline.Options) *fromline.Router {
				clock := func() time.Time { return time.Now().Add(ahead) }
				lines, err := fleet.New(fleet.Options{Clock: clock, Guard: line.Guard{Gap: gap, Burst: 1}})
				require.NoError(t, err)
				require.NoError(t, lines.SetLines("acme", []line.Line{{Number: dc}}))
				o.Clock, o.MaxSkew, o.DeferUpTo, o.Deliver = clock, allowed, upTo, true
				r, err := fromline.New(chats, lines, o)
				require.NoError(t, err)
				return r
			}
			right, wrong := process(0, fromline.Options{Sender: net}), process(by, fromline.Options{})
			defer running(t, right)()
			opens := func(r *fromline.Router, i int) (slot time.Time, id [16]byte, err error) {
				d, err := r.Route(t.Context(), fromline.Outgoing{Tenant: "acme", Request: request(t, nil, person(i))})
				if slot = d.DeliverAt; slot.IsZero() {
					slot = d.At
				}
				return slot, d.MessageID, err
			}
			_, _, err := opens(right, 0)
			require.NoError(t, err)
			promised, other, err := opens(right, 1)
			require.NoError(t, err)
			require.True(t, promised.After(time.Now()))
			uses := func() []line.Use {
				uses, _, err := chats.LineUse(t.Context(), 0, 0)
				require.NoError(t, err)
				return uses
			}
			before, began := uses(), time.Now()
			time.Sleep(gap)
			slot, id, err := opens(wrong, 2)
			if by.Abs() > allowed {
				require.ErrorIs(t, err, store.ErrClock)
				require.Equal(t, before, uses())
			} else {
				require.NoError(t, err)
				require.False(t, slot.After(began.Add(gap+upTo+max(by, 0))))
			}
			time.Sleep(time.Hour)
			require.NotNil(t, net.of(other))
			require.WithinRange(t, net.of(other).at, promised, promised.Add(time.Minute))
			if by.Abs() > allowed {
				require.Len(t, net.got(), 2)
				return
			}
			require.NotNil(t, net.of(id))
			require.False(t, net.of(id).at.Before(promised.Add(gap)), "the pace is that of the line, whatever the clock")
			require.False(t, net.of(id).at.Before(slot))
		})
	})
}
