package fleet_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
)

// A Ref says what the line says.
func TestRefSaysWhatTheLineSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
		l := line.Line{
			Number:            recipients.MustParse("+12025550161"),
			Status:            rapid.SampledFrom([]line.Status{0, line.Active, line.Flagged}).Draw(t, "status"),
			Reputation:        rapid.SampledFrom([]line.Reputation{0, line.AtRisk, line.Critical}).Draw(t, "reputation"),
			Ineligible:        rapid.Bool().Draw(t, "ineligible"),
			Services:          rapid.SampledFrom([]line.ServiceSet{0, line.Services(message.SMS)}).Draw(t, "services"),
			Limits:            line.Limits{NewChatsPerDay: rapid.IntRange(0, 3).Draw(t, "limit")},
			MessagesFullUntil: rapid.SampledFrom([]time.Time{{}, at, at.Add(1)}).Draw(t, "full until"),
		}
		view, err := fleet.NewView([]line.Line{l}, fleet.ViewOptions{At: at})
		require.NoError(t, err)
		ref := view.Find(l.Number)
		want, ours := view.Line(l.Number)
		require.Equal(t, ours, ref.IsValid())
		require.Equal(t, want, ref.Line())
		require.Equal(t, want.Number, ref.Number())
		require.Equal(t, want.CanContinue(), ref.CanContinue())
		require.Equal(t, want.Status, ref.Status())
		require.Equal(t, want.Reputation, ref.Reputation())
		require.Equal(t, want.Limits.NewChatsPerDay, ref.NewChatLimit())
		for service := message.Service(0); service <= message.SMS; service++ {
			require.Equal(t, want.Services.Has(service), ref.Serves(service))
			require.False(t, fleet.Ref{}.Serves(service))
		}
		for _, now := range []time.Time{at.Add(-1), at, at.Add(1)} {
			require.Equal(t, want.MessagesFullUntil.After(now), ref.OverMessagesAt(now))
		}
		none := view.Find(recipients.MustParse("+12025550162"))
		require.False(t, none.IsValid())
		require.False(t, none.CanContinue())
		require.Equal(t, line.Line{}, none.Line())
		require.Equal(t, []any{recipients.Handle{}, line.Status(0), line.Reputation(0), 0, message.Service(0), false},
			[]any{none.Number(), none.Status(), none.Reputation(), none.NewChatLimit(), none.FirstService(), none.OverMessagesAt(at)})
		require.Equal(t, want.Services.First(), ref.FirstService())
		require.Zero(t, fleet.View{}.Find(l.Number))
		require.Zero(t, fleet.View{}.BestRef(fleet.Query{}))
	})
}
