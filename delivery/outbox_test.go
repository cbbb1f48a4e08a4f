package delivery_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

const tenant = "acme"

// outbox is a store with commits by which deliveries get into its outbox.
type outbox interface {
	store.ChatStore
	store.Outbox
}

func newOutbox() outbox { return memory.New(memory.Options{}) }

// chatID and messageID name the things of a test: chat c, message m of it.
func chatID(c int) uuid.UUID       { return number(1, c, 0) }
func messageID(c, m int) uuid.UUID { return number(2, c, m) }

func number(kind byte, c, m int) uuid.UUID {
	var id uuid.UUID
	id[0] = kind
	binary.BigEndian.PutUint32(id[4:], uint32(c))
	binary.BigEndian.PutUint32(id[12:], uint32(m)+1)
	return id
}

// placeOf is the inverse of messageID.
func placeOf(id uuid.UUID) (c, m int) {
	return int(binary.BigEndian.Uint32(id[4:])), int(binary.BigEndian.Uint32(id[12:])) - 1
}

var ourLine = recipients.MustParse("+12025550100")

func people(c int) recipients.Set {
	h, err := recipients.FromDigits(uint64(13015550000 + c))
	if err != nil {
		panic(err)
	}
	set, err := recipients.NewSet(h)
	if err != nil {
		panic(err)
	}
	return set
}

// commit decides message m of chat c, as a Router would.
func commit(t require.TestingT, s outbox, c, m int) { commitFor(t, s, tenant, c, m) }

func commitFor(t require.TestingT, s outbox, tenant string, c, m int) {
	require.NoError(t, s.Commit(context.Background(), planFor(t, s, tenant, c, m)))
}

func planFor(t require.TestingT, s outbox, tenant string, c, m int) *store.Plan {
	ctx := context.Background()
	content, err := message.EncodeContent(&message.Content{Parts: []message.Part{message.Text(fmt.Sprintf("%d of %d", m, c))}})
	require.NoError(t, err)
	set := people(c)
	seen, err := s.Lookup(ctx, store.Query{Tenant: tenant, Set: set.Key()})
	require.NoError(t, err)
	reason := store.ReusedActiveChat
	if len(seen.Chats) == 0 {
		reason = store.NewBestNumber
	}
	now := time.Now()
	return &store.Plan{
		Tenant: tenant, Set: set, Revision: seen.Revision,
		Record: store.Record{
			MessageID: messageID(c, m), ChatID: chatID(c), Line: ourLine, Reason: reason, At: now,
			Roster: store.NewRoster(set, now), KeepUntil: now.Add(time.Hour),
		},
		Content: content,
	}
}

// backlog returns what the outbox says of itself.
func backlog(t testing.TB, s store.Outbox) store.Backlog {
	t.Helper()
	b, err := s.Backlog(context.Background())
	require.NoError(t, err)
	return b
}
