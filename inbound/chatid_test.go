package inbound_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/inbound"
)

// A UUID in its usual form is its own id; two other texts have two ids, which
// are no UUIDs of theirs; and an event has the id of its chat.
func TestChatID(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := uuid.UUID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))
		id[0] |= 1 // not the zero one
		require.Equal(t, id, inbound.ChatID(id.String()))
		require.Equal(t, id, inbound.ChatID(strings.ToUpper(id.String())))
		require.NotEqual(t, id, inbound.ChatID("urn:uuid:"+id.String()))

		texts := rapid.SliceOfNDistinct(rapid.StringN(1, 20, 20), 2, 2, rapid.ID).Draw(t, "texts")
		one, other := inbound.ChatID(texts[0]), inbound.ChatID(texts[1])
		require.NotEqual(t, one, other)
		require.Equal(t, one, inbound.ChatID(texts[0]))
		require.Equal(t, one, (&inbound.Event{Chat: texts[0], Line: ours, Sender: ann}).ChatID())
	})
	require.NotEqual(t, uuid.Nil, inbound.ChatID(uuid.Nil.String()), "a chat has an id")
}

// Without an id of the network the line and its people have one.
func TestChatIDOfPeople(t *testing.T) {
	e := inbound.Event{Type: inbound.MessageReceived, Line: ours, Sender: ann}
	other := e
	other.Sender = bob
	require.Equal(t, e.ChatID(), e.ChatID())
	require.NotEqual(t, e.ChatID(), other.ChatID())
}
