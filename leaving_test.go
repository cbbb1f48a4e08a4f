package fromline_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// leaving is a message in the outbox, whose line is dc, and what goes on around
// it.
type leaving struct {
	*rig
	gate   gate
	tenant string
	taken  store.Claimed
}

// Admit lets a test change the answer of the gate.
func (l *leaving) Admit(ctx context.Context, tenant string, to recipients.Set) (fromline.Admission, error) {
	return l.gate.Admit(ctx, tenant, to)
}

// newLeaving sends a message from dc and claims it.
func newLeaving(t *testing.T, tenant string, o fromline.Options, change func(*message.Request)) *leaving {
	l := &leaving{gate: gate{answer: fromline.Admitted}, tenant: tenant}
	l.rig = build(t, []line.Line{{Number: dc}}, func(r *rig) (fromline.LineHealth, fromline.Options) {
		o.Gate, o.Deliver = l, true
		return r.lines, o
	})
	_, err := l.Route(t.Context(), fromline.Outgoing{Tenant: tenant, Request: request(t, change, ann)})
	require.NoError(t, err)
	l.claim()
	l.lines.lines = []line.Line{{Number: dc, Status: line.Flagged}, {Number: boston}}
	return l
}

func (l *leaving) claim() {
	claimed, err := l.chats.Claim(l.t.Context(), time.Hour, 1)
	require.NoError(l.t, err)
	require.Len(l.t, claimed, 1)
	l.taken = claimed[0]
}

// A message whose line cannot continue goes out from another one, waits, or can
// never go: only what stays, whatever becomes of our lines, parks it.
func TestHowAMessageLeavesItsLine(t *testing.T) {
	aFault := fmt.Errorf("the file of the lines: %w", &fault.Error{Faults: []fault.Fault{{Rule: fault.RuleKeyReused, Code: fault.CodeValue}}})
	reroutes, opts := fromline.Options{Reroute: true}, func(o fromline.Options) fromline.Options { o.Reroute = true; return o }
	const (
		stays = iota
		moves
		waits
		never
	)
	for name, c := range map[string]struct {
		options fromline.Options
		tenant  string
		why     delivery.Leaving
		change  func(*leaving)
		want    int
		wait    time.Duration
	}{
		"the line is flagged": {options: reroutes, want: moves},
		"the line is gone":    {options: reroutes, change: func(l *leaving) { l.lines.lines = []line.Line{{Number: boston}} }, want: moves},
		"the line continues":  {options: reroutes, change: func(l *leaving) { l.setStatus(dc, line.Active) }, want: stays},
		"the line continues, and the network says that it does not": {
			options: reroutes, why: delivery.FoundFlagged, change: func(l *leaving) { l.setStatus(dc, line.Active) }, want: moves,
		},
		"what is told of the line cannot be used": {options: reroutes, change: func(l *leaving) {
			l.lines.lines = []line.Line{{Number: boston}, {Number: dc, Err: errHook}}
			_ = second(l.Lines(l.t.Context(), "acme"))
			l.clock.looks.Add(int64(time.Minute))
		}, want: stays},
		"what is told of the line cannot be used, and the network says that it is flagged": {options: reroutes, why: delivery.FoundFlagged, change: func(l *leaving) {
			l.lines.lines = []line.Line{{Number: boston}, {Number: dc, Err: errHook}}
			_ = second(l.Lines(l.t.Context(), "acme"))
			l.clock.looks.Add(int64(time.Minute))
		}, want: moves},
		"the lines cannot be told": {options: reroutes, change: func(l *leaving) {
			l.lines.err = errHook
			l.clock.looks.Add(int64(time.Minute))
		}, want: stays},
		"the lines cannot be told, and the network says that it is flagged": {options: reroutes, why: delivery.FoundFlagged, change: func(l *leaving) {
			l.lines.err = errHook
			l.clock.looks.Add(int64(time.Minute))
		}, want: waits},
		"the lines cannot be told, by a fault in their file": {options: reroutes, why: delivery.FoundFlagged, change: func(l *leaving) {
			l.lines.err = aFault
			l.clock.looks.Add(int64(time.Minute))
		}, want: waits},
		"without the option":                         {want: stays},
		"without the option, flagged":                {why: delivery.FoundFlagged, want: stays},
		"without the option, released":               {why: delivery.Released, want: moves},
		"a tenant with a name like that of webhooks": {options: reroutes, tenant: "acme/webhooks", want: moves},
		"where webhooks are told":                    {options: opts(fromline.Options{Sender: &sender{}, Webhooks: &sender{}}), want: moves},
		"a webhook":                                  {options: opts(fromline.Options{Sender: &sender{}, Webhooks: &sender{}}), tenant: "acme/webhooks", want: stays},
		"a webhook, flagged": {
			options: opts(fromline.Options{Sender: &sender{}, Webhooks: &sender{}}), tenant: "acme/webhooks", why: delivery.FoundFlagged, want: stays,
		},
		"no line can take it": {options: reroutes, change: func(l *leaving) { l.setStatus(boston, line.Flagged) }, want: waits},
		"no line can take it before a time": {options: reroutes, change: func(l *leaving) {
			l.lines.lines[1].Limits.NewChatsPerDay = 1
			require.NoError(l.t, second(l.Route(l.t.Context(), fromline.Outgoing{Tenant: "acme", Request: request(l.t, nil, bob), From: boston})))
		}, want: waits, wait: 25 * time.Hour},
		"a commit that fails":       {options: reroutes, change: func(l *leaving) { l.taken.Lease.Token = uuid.New() }, want: waits},
		"a look-up that fails":      {options: reroutes, change: func(l *leaving) { l.chats.beforeLookup = func(store.Query) error { return errLost } }, want: waits},
		"the gate stops it":         {options: reroutes, change: func(l *leaving) { l.gate.answer = fromline.Blocked }, want: never},
		"the gate fails":            {options: reroutes, change: func(l *leaving) { l.gate.err = errHook }, want: waits},
		"the gate fails by a fault": {options: reroutes, change: func(l *leaving) { l.gate.err = aFault }, want: waits},
		"content that cannot be read": {
			options: reroutes, change: func(l *leaving) { l.taken.Delivery.Content = []byte("{") }, want: never,
		},
		"terms that cannot be read": {options: reroutes, change: func(l *leaving) { l.taken.Delivery.Terms = []byte("{") }, want: never},
		"the person opted out since": {options: opts(fromline.Options{Consents: fromline.ConsentRules{OptOuts: true}}), change: func(l *leaving) {
			yes := true
			_, _, err := l.ChangeConsent(l.t.Context(), "acme", ann, store.ConsentChange{OptedOut: &yes, At: noon})
			require.NoError(l.t, err)
			_, err = l.Route(l.t.Context(), fromline.Outgoing{Tenant: "acme", Request: request(l.t, nil, ann)})
			require.ErrorAs(l.t, err, new(*fromline.GateError))
		}, want: moves},
	} {
		t.Run(name, func(t *testing.T) {
			if c.tenant == "" {
				c.tenant = "acme"
			}
			if c.why == 0 {
				c.why = delivery.IfNeeded
			}
			l := newLeaving(t, c.tenant, c.options, nil)
			if c.change != nil {
				c.change(l)
			}
			way := l.Reroute(t.Context(), l.taken, c.why)
			got := stays
			switch {
			case way.Moved:
				got = moves
				require.NoError(t, way.Err)
			case way.Never:
				got = never
			case way.Err != nil:
				got = waits
			}
			require.Equal(t, c.want, got, "%+v", way)
			require.Equal(t, c.wait, way.Wait)
			rec, err := l.chats.Decision(t.Context(), c.tenant, l.taken.Delivery.MessageID)
			require.NoError(t, err)
			if c.want == moves {
				require.Equal(t, boston, rec.Line)
				require.Len(t, rec.Moves, 1)
			} else {
				require.Equal(t, dc, rec.Line)
				require.Empty(t, rec.Moves)
			}
		})
	}
}

// A message that leaves its line keeps its attachments; what is sent in its
// place has none; where its record was purged it has none any more.
func TestAttachmentsOfAMessageThatLeaves(t *testing.T) {
	text := "It is me."
	asked := 0
	files := []message.Media{{ID: uuid.UUID{15: 9}, Filename: "menu.png"}}
	for name, c := range map[string]struct {
		continues bool // a continuation was given
		known     bool // there is a chat on the other line
		purged    bool
		kept      bool
	}{
		"into a new chat":                {kept: true},
		"into a new chat, continued":     {continues: true},
		"into a known chat":              {known: true, kept: true},
		"into a known chat, unchanged":   {continues: true, known: true, kept: true},
		"of which no record is":          {purged: true},
		"continued, of which no record":  {purged: true, continues: true},
		"known, of which no record is":   {purged: true, known: true},
		"as it was, of which no records": {purged: true, known: true, continues: true},
	} {
		t.Run(name, func(t *testing.T) {
			asked = 0
			l := newLeaving(t, "acme", fromline.Options{Reroute: true, Media: resolver{files, &asked}}, func(r *message.Request) {
				media(r)
				if c.continues {
					r.ContinuationMessage = &message.Continuation{Text: &text}
				}
			})
			if c.known {
				l.seen(1, boston, time.Hour, ann)
			}
			if c.purged {
				_, err := l.chats.Purge(t.Context(), noon.Add(999*time.Hour), 0)
				require.NoError(t, err)
			}
			way := l.Reroute(t.Context(), l.taken, delivery.IfNeeded)
			require.NoError(t, way.Err)
			require.True(t, way.Moved)
			require.Equal(t, 1, asked, "when it was first decided")
			rec, err := l.chats.Decision(t.Context(), "acme", l.taken.Delivery.MessageID)
			require.NoError(t, err)
			require.Equal(t, c.continues && !c.known, rec.Continuation)
			if c.kept {
				require.Equal(t, files, rec.Attachments)
			} else {
				require.Empty(t, rec.Attachments)
			}
		})
	}
}

// However often a message leaves its line, its record says where it was to go
// before, the newest of these, and is kept for as long as it was to be kept.
func TestMovesAreKept(t *testing.T) {
	l := newLeaving(t, "acme", fromline.Options{Reroute: true, KeepRecords: time.Hour}, withKey("k"))
	var want []store.Move
	for i := range store.MaxMoves + 3 {
		l.lines.lines = []line.Line{{Number: dc}, {Number: boston}}
		l.setStatus(l.taken.Delivery.From, line.Flagged)
		want = append(want, store.Move{ChatID: l.taken.Delivery.ChatID, Line: l.taken.Delivery.From, At: l.taken.At})
		way := l.Reroute(t.Context(), l.taken, delivery.IfNeeded)
		require.NoError(t, way.Err)
		require.True(t, way.Moved)
		rec, err := l.chats.Decision(t.Context(), "acme", l.taken.Delivery.MessageID)
		require.NoError(t, err)
		require.Equal(t, want[max(0, len(want)-store.MaxMoves):], rec.Moves, "move %d", i+1)
		require.Equal(t, "k", rec.Key)
		require.Equal(t, noon.Add(time.Hour), rec.KeepUntil)
		before := l.taken.Delivery.From
		l.claim()
		require.NotEqual(t, before, l.taken.Delivery.From)
		d, err := l.Route(t.Context(), fromline.Outgoing{Tenant: "acme", Request: request(t, withKey("k"), ann)})
		require.NoError(t, err)
		require.True(t, d.Replay)
		require.Equal(t, l.taken.Delivery.From, d.Line)
	}
}
