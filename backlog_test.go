package fromline_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store/memory"
)

// gated is a network that takes nothing until it is opened.
type gated chan struct{}

func (g gated) Send(ctx context.Context, _ delivery.Delivery) error {
	select {
	case <-g:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// TestMaxBacklog says that sends are refused while so many wait as the option
// says, that replays are answered all the while, and that the server is not
// ready; and that both end when the receiver has caught up.
func TestMaxBacklog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := make(gated)
		lines := lineTable{&table{notes: &notes{}, lines: []line.Line{{Number: dc}}}}
		r, err := fromline.New(memory.New(memory.Options{}), lines, fromline.Options{Sender: network, MaxBacklog: 3})
		require.NoError(t, err)
		ctx, stop := context.WithCancel(t.Context())
		ran := make(chan error, 1)
		go func() { ran <- r.Run(ctx) }()
		synctest.Wait()
		send := func(i int) error {
			key := fmt.Sprint("key ", i)
			person := recipients.MustParse(fmt.Sprintf("+1202555%04d", i))
			_, err := r.Route(ctx, fromline.Outgoing{Tenant: "acme", Request: request(t, func(m *message.Request) { m.HeaderKey = &key }, person)})
			return err
		}
		for i := range 3 {
			require.NoError(t, send(i))
		}
		require.ErrorContains(t, r.Ready(ctx), "3 of 3")
		for range 2 {
			err := send(3)
			require.Equal(t, fault.CodeStore, fromline.CodeOf(err))
			var unavailable *fromline.UnavailableError
			require.ErrorAs(t, err, &unavailable)
			require.True(t, unavailable.Retry)
			require.NoError(t, send(1), "a replay")
			time.Sleep(5 * time.Second) // counted by the store meanwhile
		}
		close(network)
		synctest.Wait()
		time.Sleep(time.Second)
		require.NoError(t, r.Ready(ctx))
		for i := range 10 {
			require.NoError(t, send(i))
			time.Sleep(time.Second)
		}
		stop()
		require.NoError(t, <-ran)

		_, err = fromline.New(memory.New(memory.Options{}), lines, fromline.Options{MaxBacklog: -1})
		require.Error(t, err)
	})
}
