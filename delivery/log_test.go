package delivery_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/delivery"
)

// TestLogNamesNobody says what is logged: each attempt once, by ids, with
// neither handles nor text.
func TestLogNamesNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newOutbox()
		for c := range 4 {
			commit(t, s, c, 0)
		}
		var out bytes.Buffer
		var l log
		d := dispatcher(t, s, func(_ context.Context, d delivery.Delivery) error {
			switch c, _ := placeOf(d.MessageID); c {
			case 0:
				return nil
			case 1:
				return &delivery.Failure{Err: errFault, Permanent: true, LineFlagged: true}
			case 2:
				panic(string(d.Content))
			}
			return errFault
		}, delivery.Options{
			Settled: l.add, Backoff: time.Hour, MaxBackoff: time.Hour, Concurrency: 1,
			Logger: slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug})),
		})
		require.NoError(t, d.Drain(context.Background()))
		want := []delivery.Result{delivery.Sent, delivery.Parked, delivery.Retrying, delivery.Retrying}
		assert.ElementsMatch(t, want, l.results())
		assert.Equal(t, 4, strings.Count(out.String(), "\n"))
		for c := range 4 {
			assert.Equal(t, 1, strings.Count(out.String(), messageID(c, 0).String()))
			assert.NotContains(t, out.String(), people(c).String()[1:])
		}
		assert.Equal(t, 4, strings.Count(out.String(), `"took_ms":0`), "the time with its unit in the name; none passes here")
		assert.Equal(t, 2, strings.Count(out.String(), `"wait_ms":`), "of the two that are tried again")
		assert.Contains(t, out.String(), ourLine.String()+" cannot continue", "our own numbers are masked nowhere")
		assert.NotContains(t, out.String(), "of ", "the text of the messages")
	})
}

// TestLongSettlingIsLogged says that a message that was handed over, while the
// outbox cannot be told for longer than a moment, is no secret.
func TestLongSettlingIsLogged(t *testing.T) {
	for acks, logged := range map[int]bool{3: false, 12: true} {
		synctest.Test(t, func(t *testing.T) {
			s := newOutbox()
			commit(t, s, 0, 0)
			var out bytes.Buffer
			var l log
			d := dispatcher(t, &failing{Outbox: s, err: errAway, acks: acks}, func(context.Context, delivery.Delivery) error { return nil },
				delivery.Options{Settled: l.add, Logger: slog.New(slog.NewJSONHandler(&out, nil))})
			require.NoError(t, d.Drain(context.Background()))
			assert.Equal(t, []delivery.Result{delivery.Sent}, l.results())
			assert.Equal(t, logged, strings.Contains(out.String(), errAway.Error()))
			for failures := range acks + 1 { // from when the waits grow no further
				assert.Equal(t, failures >= 8, strings.Contains(out.String(), fmt.Sprintf(`"failures":%d}`, failures)), failures)
			}
		})
	}
}
