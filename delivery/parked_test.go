package delivery_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// parkAll parks what is in the outbox: the deliveries of chat c for reason 1 +
// c.
func parkAll(t *testing.T, s store.Outbox) {
	t.Helper()
	for {
		claimed, err := s.Claim(t.Context(), time.Minute, 0)
		require.NoError(t, err)
		if len(claimed) == 0 {
			return
		}
		for _, c := range claimed {
			chat, _ := placeOf(c.Delivery.MessageID)
			require.NoError(t, s.Park(t.Context(), c.Lease, 1, store.ParkReason(1+chat)))
		}
	}
}

func parkedIDs(t *testing.T, s store.Outbox, which delivery.Selection) map[uuid.UUID]bool {
	t.Helper()
	found := map[uuid.UUID]bool{}
	for p, err := range delivery.EachParked(t.Context(), s, "acme", which) {
		require.NoError(t, err)
		found[p.Delivery.MessageID] = true
	}
	return found
}

// TestRemedies says what each remedy does to the parked messages that are
// meant, and that it does nothing to others.
func TestRemedies(t *testing.T) {
	const chats, messages = 4, 3
	for remedy := delivery.Release; remedy.IsValid(); remedy++ {
		t.Run(remedy.String(), func(t *testing.T) {
			s := newOutbox()
			for c := range chats {
				for m := range messages {
					commit(t, s, c, m)
				}
			}
			parkAll(t, s)
			assert.Len(t, parkedIDs(t, s, delivery.Selection{}), chats*messages)
			assert.Len(t, parkedIDs(t, s, delivery.Selection{Line: ourLine}), chats*messages)
			assert.Empty(t, parkedIDs(t, s, delivery.Selection{Line: recipients.MustParse("+12055550199")}))
			which := delivery.Selection{Why: store.ParkedRefused, Line: ourLine}
			meant := parkedIDs(t, s, which)
			assert.Len(t, meant, messages)

			n, err := remedy.All(t.Context(), s, "acme", which)
			require.NoError(t, err)
			assert.Equal(t, messages, n)
			n, err = remedy.All(t.Context(), s, "acme", which)
			require.NoError(t, err)
			assert.Zero(t, n, "none is left")
			assert.Len(t, parkedIDs(t, s, delivery.Selection{}), (chats-1)*messages)
			if remedy == delivery.Drop {
				left, err := s.Claim(t.Context(), time.Minute, 0)
				require.NoError(t, err)
				assert.Empty(t, left)
			} else {
				for m := range messages { // in the order of their chat
					claimed, err := s.Claim(t.Context(), time.Minute, 0)
					require.NoError(t, err)
					require.Len(t, claimed, 1)
					assert.Equal(t, messageID(1, m), claimed[0].Delivery.MessageID)
					assert.Equal(t, remedy == delivery.Reroute, claimed[0].Leave)
					assert.Equal(t, 1, claimed[0].Attempts, "counted anew")
					require.NoError(t, s.Ack(t.Context(), claimed[0].Lease))
				}
			}

			require.NoError(t, remedy.One(t.Context(), s, "acme", messageID(0, 0)))
			require.ErrorIs(t, remedy.One(t.Context(), s, "acme", messageID(0, 0)), store.ErrNoRecord)
			require.ErrorIs(t, remedy.One(t.Context(), s, "other", messageID(0, 1)), store.ErrNoRecord)
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			_, err = remedy.All(ctx, s, "acme", delivery.Selection{})
			assert.ErrorIs(t, err, context.Canceled)
		})
	}
}

// TestRemedyNames says that a remedy is read by the name that it has, and no
// other.
func TestRemedyNames(t *testing.T) {
	for remedy := delivery.Release; remedy.IsValid(); remedy++ {
		read, err := delivery.ParseRemedy(remedy.String())
		require.NoError(t, err)
		assert.Equal(t, remedy, read)
	}
	for _, name := range []string{"", "RELEASE", "release ", "remedy(0)"} {
		_, err := delivery.ParseRemedy(name)
		assert.Error(t, err)
	}
	for _, none := range []delivery.Remedy{0, delivery.Drop + 1} {
		assert.False(t, none.IsValid())
		assert.ErrorIs(t, none.One(t.Context(), newOutbox(), "acme", uuid.New()), store.ErrInvalid)
		_, err := none.All(t.Context(), newOutbox(), "acme", delivery.Selection{})
		assert.ErrorIs(t, err, store.ErrInvalid)
	}
}
