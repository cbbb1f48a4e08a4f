//go:build unix

package etcd_test

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/etcd"
	"github.com/fromline/fromline/store/etcd/internal/etcdtest"
	"github.com/fromline/fromline/store/storetest"
)

// spoiler returns a function that makes values under the prefix of a store
// unreadable. The keys are those of keys.go, and the values begin as in
// codec.go.
func spoiler(tb testing.TB, name string) func(kind, tenant, id string, how storetest.Spoiled) {
	prefix := name[strings.LastIndex(name, "/")+1:] + "\x00"
	client := etcdtest.Shared(tb).Connect(tb)
	get := func(key string) []byte {
		tb.Helper()
		answer, err := client.Get(tb.Context(), key)
		require.NoError(tb, err)
		if len(answer.Kvs) == 0 {
			return nil
		}
		return answer.Kvs[0].Value
	}
	put := func(key string, b []byte) {
		tb.Helper()
		require.NotNil(tb, get(key), "there is no key %q", key)
		_, err := client.Put(tb.Context(), key, string(b))
		require.NoError(tb, err)
	}
	return func(kind, tenant, id string, how storetest.Spoiled) {
		tb.Helper()
		at := func(kind, rest string) string { return prefix + kind + tenant + "\x00" + rest }
		bytes := func(id string) string { u := uuid.MustParse(id); return string(u[:]) }
		switch kind {
		case store.UnreadableChat: // with all other chats of those people: they are one value
			place := get(at("i", bytes(id)))
			require.NotEmpty(tb, place)
			require.EqualValues(tb, 1, place[1], "the chat is in a set")
			key := at("c", string(place[2:]))
			put(key, how.Bytes(get(key)))
		case store.UnreadableRecord:
			key := at("r", bytes(id))
			if b := get(key); len(b) > 1 && b[1] == 2 { // the record is under its idempotency key
				key = at("k", string(b[3:]))
			}
			put(key, how.Bytes(get(key)))
		case store.UnreadableDelivery: // the chat comes before the delivery
			key := at("d", bytes(id))
			b := get(key)
			put(key, append(b[:17:17], how.Bytes(b[17:])...))
		case store.UnreadableLine:
			for _, kind := range []string{"s", "u"} {
				key := at(kind, id)
				if b := get(key); b != nil {
					put(key, how.Bytes(b))
				}
			}
		case store.UnreadableConsent:
			b, err := hex.DecodeString(id)
			require.NoError(tb, err)
			key := at("n", string(b))
			put(key, how.Bytes(get(key)))
		default:
			require.FailNow(tb, "no such kind", kind)
		}
	}
}

// Unreadable values that no clause of the contract reaches harm nothing else
// either: the queue of a chat, the place of a chat, and the list of parked
// deliveries.
func TestUnreadableValues(t *testing.T) {
	for _, kind := range []string{"q", "i", "p"} {
		for _, value := range []string{"\x01\xff", "\x01", "", "\x63\x01"} {
			t.Run(kind+hex.EncodeToString([]byte(value)), func(t *testing.T) { unreadableValue(t, kind, value) })
		}
	}
}

func unreadableValue(t *testing.T, kind, value string) {
	name := fresh(t, "values")
	s := open(t, name, etcd.Options{})
	bad, good := first(t, "+12025550123", []byte("bad")), first(t, "+12025550124", []byte("good"))
	require.NoError(t, s.Commit(t.Context(), bad))
	require.NoError(t, s.Commit(t.Context(), good))
	id := bad.ChatID
	if kind == "p" {
		for range 2 {
			claimed, err := s.Claim(t.Context(), time.Minute, 1)
			require.NoError(t, err)
			require.Len(t, claimed, 1)
			require.NoError(t, s.Park(t.Context(), claimed[0].Lease, 1, store.ParkedRefused))
		}
		id = bad.MessageID
	}
	prefix := name[strings.LastIndex(name, "/")+1:] + "\x00"
	_, err := etcdtest.Shared(t).Connect(t).Put(t.Context(), prefix+kind+"acme\x00"+string(id[:]), value)
	require.NoError(t, err)

	if kind == "p" {
		parked, _, err := s.Parked(t.Context(), "acme", uuid.Nil, 0)
		require.NoError(t, err)
		require.Len(t, parked, 2)
	} else {
		for range 3 {
			claimed, err := s.Claim(t.Context(), time.Minute, 10)
			require.NoError(t, err)
			for _, c := range claimed {
				if c.Lease.MessageID == good.MessageID {
					require.NoError(t, s.Ack(t.Context(), c.Lease))
				}
			}
		}
		_, err = s.Delivery(t.Context(), "acme", good.MessageID)
		require.ErrorIs(t, err, store.ErrNoRecord, "it was claimed and handed over")
	}
	items := 0
	for item, err := range s.Export(t.Context()) {
		if err != nil {
			require.ErrorIs(t, err, store.ErrUnreadable)
		} else if item.Chat != nil {
			items++
		}
	}
	require.NotZero(t, items)
	chats, _, err := s.ChatsOfTenant(t.Context(), "acme", uuid.Nil, 0)
	require.NoError(t, err)
	require.NotEmpty(t, chats)
	_, total := s.Unreadable()
	require.NotZero(t, total)
}

// What is left of a removed tenant stops no purge: the expiry keys of its
// records that could not be read, more of them than one transaction of a purge
// removes.
func TestPurgePassesLeftovers(t *testing.T) {
	name := fresh(t, "leftovers")
	s := open(t, name, etcd.Options{})
	spoil, now := spoiler(t, name), time.Now()
	for i := range 45 {
		p := first(t, fmt.Sprintf("+1202555%04d", 100+i), []byte("bad"))
		p.KeepUntil = now.Add(-24 * time.Hour)
		require.NoError(t, s.Commit(t.Context(), p))
		spoil(store.UnreadableRecord, "acme", p.MessageID.String(), storetest.Garbled)
	}
	require.NoError(t, s.RemoveTenant(t.Context(), "acme"))
	other := first(t, "+12025550124", []byte("good"))
	other.Tenant, other.KeepUntil = "beta", now.Add(-time.Hour)
	require.NoError(t, s.Commit(t.Context(), other))
	removed, err := s.Purge(t.Context(), now, 0)
	require.NoError(t, err)
	require.Equal(t, 1, removed)
	answer, err := etcdtest.Shared(t).Connect(t).Get(t.Context(), name[strings.LastIndex(name, "/")+1:]+"\x00x", clientv3.WithPrefix(), clientv3.WithCountOnly())
	require.NoError(t, err)
	require.Zero(t, answer.Count, "expiry keys")
}
