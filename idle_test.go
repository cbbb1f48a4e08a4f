package fromline_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/store/memory"
)

// A host that gives a Sender and runs nothing learns from one line of the log
// that its messages wait; one whose messages are handed over, here or
// elsewhere, or that sends none, learns nothing of the kind.
func TestMessagesThatNothingHandsOverAreTold(t *testing.T) {
	runs := func(t *testing.T, r *fromline.Router) {
		ctx, stop := context.WithCancel(t.Context())
		ran := make(chan error, 1)
		go func() { ran <- r.Run(ctx) }()
		t.Cleanup(func() { stop(); require.NoError(t, <-ran) })
	}
	drains := func(t *testing.T, r *fromline.Router) { require.NoError(t, r.Drain(t.Context())) }
	for name, c := range map[string]struct {
		options fromline.Options
		sends   int
		after   time.Duration // until something hands over
		then    func(*testing.T, *fromline.Router)
		told    int
	}{
		"nothing runs":          {fromline.Options{Sender: &sender{}}, 3, time.Minute, nil, 1},
		"nothing was sent":      {fromline.Options{Sender: &sender{}}, 0, time.Minute, nil, 0},
		"it runs at once":       {fromline.Options{Sender: &sender{}}, 3, 0, runs, 0},
		"it runs soon":          {fromline.Options{Sender: &sender{}}, 3, time.Second, runs, 0},
		"it drains at its end":  {fromline.Options{Sender: &sender{}}, 3, time.Second, drains, 0},
		"it runs much later":    {fromline.Options{Sender: &sender{}}, 3, time.Hour, runs, 1},
		"another process sends": {fromline.Options{Deliver: true}, 3, time.Minute, nil, 0},
		"nothing is delivered":  {fromline.Options{}, 3, time.Minute, nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var out bytes.Buffer
				c.options.Logger = slog.New(slog.NewTextHandler(&out, nil))
				lines := lineTable{&table{notes: &notes{}, lines: []line.Line{{Number: dc}}}}
				r, err := fromline.New(memory.New(memory.Options{}), lines, c.options)
				require.NoError(t, err)
				for range c.sends {
					_, err = r.Route(t.Context(), fromline.Outgoing{Tenant: "acme", Request: request(t, nil, ann)})
					require.NoError(t, err)
				}
				time.Sleep(c.after)
				if c.then != nil {
					c.then(t, r)
				}
				time.Sleep(time.Minute)
				synctest.Wait()
				require.Equal(t, c.told, strings.Count(out.String(), "nothing hands them over"), out.String())
			})
		})
	}
}
