package cookbook

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/store/memory"
)

// Outbound is a network for tests of your own: it keeps what it is given.
type Outbound struct {
	mu   sync.Mutex
	sent []delivery.Delivery
}

// Send implements delivery.Sender.
func (o *Outbound) Send(_ context.Context, d delivery.Delivery) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sent = append(o.sent, d)
	return nil
}

// TestWelcome is a test of a program that embeds fromline: a store in memory, two
// lines, and a network that keeps what it is given. No clock is waited for.
func TestWelcome(t *testing.T) {
	network := &Outbound{}
	router, err := fromline.New(memory.New(memory.Options{}), ourLines(), fromline.Options{Sender: network})
	require.NoError(t, err)
	_, err = router.Send(t.Context(), "acme", text("Welcome!", "+14155559876"))
	require.NoError(t, err)
	require.NoError(t, router.Drain(t.Context()))
	require.Len(t, network.sent, 1)
	require.Equal(t, second, network.sent[0].From)
}
