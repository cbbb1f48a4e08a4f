package fromline_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/inbound"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

// One bad row of the host's own table of lines harms that line alone: other
// people are written to as before, its own people are not moved to another
// line, and are answered in their chat once the row is mended.
func TestOneBadRowOfTheHostsTable(t *testing.T) {
	for name, row := range map[string]line.Line{
		"a status that there is not": {Number: dc, Status: 77},
		"a limit below zero":         {Number: dc, Limits: line.Limits{NewChatsPerDay: -1}},
		"no number":                  {},
		"a row that cannot be read":  {Number: dc, Err: errHook},
		"a number that cannot be":    {Err: errHook},
	} {
		t.Run(name, func(t *testing.T) {
			now := noon
			clock := func() time.Time { now = now.Add(time.Millisecond); return now }
			lines := &table{notes: &notes{}, lines: []line.Line{{Number: dc}}}
			r, err := fromline.New(memory.New(memory.Options{Clock: clock}), lineTable{lines}, fromline.Options{
				Clock: clock, Fleet: fleet.Options{RefreshEvery: 1},
			})
			require.NoError(t, err)
			send := func(from recipients.Handle, to ...recipients.Handle) (d store.Reason, l recipients.Handle, chat string, err error) {
				decided, err := r.Route(t.Context(), fromline.Outgoing{Tenant: "acme", Request: request(t, nil, to...), From: from})
				return decided.Reason, decided.Line, decided.ChatID.String(), err
			}
			_, _, chat, err := send(recipients.Handle{}, ann)
			require.NoError(t, err)

			lines.lines = []line.Line{{Number: boston}, row}
			reason, _, same, err := send(recipients.Handle{}, ann)
			require.NoError(t, err, "it stays as it was for a while")
			require.Equal(t, []any{store.ReusedActiveChat, chat}, []any{reason, same})
			now = now.Add(time.Minute)
			_, _, _, err = send(recipients.Handle{}, ann)
			require.Equal(t, fault.CodeStore, fromline.CodeOf(err), "her chat is neither continued nor given up")
			require.ErrorIs(t, err, fleet.ErrStale)
			var away *fromline.UnavailableError
			require.ErrorAs(t, err, &away)
			require.True(t, away.Retry)
			_, err = r.Preview(t.Context(), fromline.Outgoing{Tenant: "acme", Request: request(t, nil, ann)})
			require.Equal(t, fault.CodeStore, fromline.CodeOf(err))
			_, _, _, err = send(dc, bob)
			require.Equal(t, fault.CodeStore, fromline.CodeOf(err), "a line that is named and not told is not one that is not ours")
			for range 2 {
				_, picked, _, err := send(recipients.Handle{}, bob)
				require.NoError(t, err, "other people are written to")
				require.Equal(t, boston, picked)
			}
			receipt, err := r.Receive(context.Background(), "acme", inbound.Event{
				Type: inbound.MessageReceived, At: now, Line: dc, Chat: chat, Message: "m1", Sender: ann, Text: new(inbound.Text("hello?")),
			})
			require.NoError(t, err)
			require.NotEqual(t, fromline.UnknownLine, receipt.Reason, "what people write to it is heard")

			lines.lines = []line.Line{{Number: boston}, {Number: dc}}
			reason, _, same, err = send(recipients.Handle{}, ann)
			require.NoError(t, err)
			require.Equal(t, []any{store.ReusedActiveChat, chat}, []any{reason, same}, "once it is mended all is as before")

			lines.lines = []line.Line{{Number: boston}}
			now = now.Add(time.Minute)
			reason, _, _, err = send(recipients.Handle{}, ann)
			require.NoError(t, err)
			require.Equal(t, store.FailoverFlagged, reason, "a line that is left out is gone")
		})
	}
}
