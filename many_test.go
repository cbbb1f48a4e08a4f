package fromline_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/store"
)

// Where more chats match than are considered the decision says so, in the
// record and in its replay too (docs/rules.md §9).
func TestMoreChatsThanAreConsidered(t *testing.T) {
	for n, more := range map[int]bool{store.MaxChats: false, store.MaxChats + 1: true} {
		r := newRig(t, fromline.Options{}, line.Line{Number: dc})
		for i := range n {
			r.seen(byte(i+1), dc, time.Duration(i+1)*time.Hour, ann)
		}
		for _, replay := range []bool{false, true} {
			d, err := r.send(request(t, withKey("first"), ann))
			require.NoError(t, err)
			require.Equal(t, replay, d.Replay)
			require.Equal(t, more, d.MoreChats)
		}
		require.Len(t, r.chats.plans, 1)
		require.Equal(t, more, r.chats.plans[0].MoreChats)
	}
}

// Named groups that are left out take no place among those that are considered.
func TestNamedGroupsTakeNoPlace(t *testing.T) {
	for _, skip := range []bool{false, true} {
		r := newRig(t, fromline.Options{SkipNamedGroups: skip}, line.Line{Number: dc})
		unnamed := r.seen(100, dc, 1000*time.Hour, ann, bob)
		for i := range byte(store.MaxChats) {
			named := r.seen(i+1, dc, time.Hour, ann, bob)
			require.NoError(t, r.chats.Apply(t.Context(), "acme", []store.Event{store.Renamed{Chat: named, Named: true}}))
		}
		d, err := r.send(request(t, nil, ann, bob))
		require.NoError(t, err)
		require.Equal(t, store.ReusedActiveChat, d.Reason)
		require.Equal(t, skip, d.ChatID == unnamed)
		require.Equal(t, !skip, d.MoreChats)
	}
}
