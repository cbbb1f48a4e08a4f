package fromline_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/routing"
	"github.com/fromline/fromline/store"
)

// A commit that landed although its reply was lost is answered in every point
// as one whose reply came: with its trace, its slot, its attachments and its
// ids.
func TestALostReplyChangesNoAnswer(t *testing.T) {
	asked := 0
	guarded := fleet.Options{Guard: line.Guard{Gap: 10 * time.Minute, Burst: 1}}
	for name, before := range map[string]func(*rig){
		"new":      func(*rig) {},
		"reuse":    func(r *rig) { r.seen(1, dc, time.Hour, ann) },
		"failover": func(r *rig) { r.seen(1, boston, time.Hour, ann) },
		"deferred": func(r *rig) {
			_, err := r.send(request(t, nil, bob))
			require.NoError(t, err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			both(t, func(t *testing.T, change func(*message.Request), _ bool) {
				var answers []routing.Decision
				for _, lost := range []bool{false, true} {
					r := newRig(t, fromline.Options{
						Fleet: guarded, DeferUpTo: time.Hour, Deliver: true, KeepTraces: true, Media: resolver{[]message.Media{{Filename: "a"}}, &asked},
					}, line.Line{Number: dc}, line.Line{Number: boston, Status: line.Flagged})
					before(r)
					if lost {
						r.chats.aroundCommit = func(_ *store.Plan, commit func() error) error {
							require.NoError(t, commit())
							return errLost
						}
					}
					out := fromline.Outgoing{Tenant: "acme", Explain: true, Request: request(t, func(m *message.Request) {
						media(m)
						if change != nil {
							change(m)
						}
					}, ann)}
					d, err := r.Route(t.Context(), out)
					require.NoError(t, err)
					require.NotNil(t, d.Trace)
					require.Equal(t, name == "deferred", !d.DeliverAt.IsZero())
					answers = append(answers, d)
				}
				require.Equal(t, answers[0], answers[1])
			})
		})
	}
}

// A send that waits for its slot, and whose first commit lands after a second
// one with another slot was tried, is answered with the slot that it has.
func TestALateCommitKeepsItsSlot(t *testing.T) {
	both(t, func(t *testing.T, change func(*message.Request), _ bool) {
		const gap = 10 * time.Minute
		r := newRig(t, fromline.Options{
			Fleet: fleet.Options{Guard: line.Guard{Gap: gap, Burst: 1}}, DeferUpTo: time.Hour, Deliver: true,
		}, line.Line{Number: dc})
		_, err := r.send(request(t, nil, bob))
		require.NoError(t, err)
		var tried []time.Time
		var late func() error
		r.chats.aroundCommit = func(p *store.Plan, commit func() error) error {
			if tried = append(tried, p.NotBefore); late == nil {
				late = commit
				return errLost
			}
			require.NoError(t, late())
			return errLost
		}
		d, err := r.send(request(t, change, ann))
		require.NoError(t, err)
		require.Equal(t, []time.Time{noon.Add(gap), noon.Add(2 * gap)}, tried)
		require.Equal(t, noon.Add(gap), d.DeliverAt)
		require.False(t, d.Replay)
	})
}

// While a commit is in doubt, the record of another send with the same key is
// told from that of this one by its time and its chat: only what both have in
// common is taken for this one's.
func TestARecordInDoubtIsThatOfAnother(t *testing.T) {
	for name, c := range map[string]struct {
		known bool // there is a chat, which both sends reuse
		later time.Duration
		ours  bool
	}{
		"a chat of its own, at the same time": {later: 0},
		"a chat of its own, later":            {later: time.Second},
		"the same chat, later":                {known: true, later: time.Second},
		"the same chat, at the same time":     {known: true, ours: true},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, fromline.Options{}, line.Line{Number: dc}, line.Line{Number: boston})
			if c.known {
				r.seen(1, dc, time.Hour, ann)
			}
			send := request(t, withKey("k"), ann)
			var other routing.Decision
			r.chats.aroundCommit = func(*store.Plan, func() error) error {
				r.chats.aroundCommit = nil
				var err error
				other, err = r.Route(t.Context(), fromline.Outgoing{Tenant: "acme", Request: send, At: noon.Add(c.later)})
				require.NoError(t, err)
				return errLost
			}
			d, err := r.send(send)
			require.NoError(t, err)
			require.Equal(t, c.ours, !d.Replay)
			d.Replay = false
			require.Equal(t, other, d)
		})
	}
}
