package routing_test

import (
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/routing"
)

// Derived ids are the UUIDs of version 5 that the library makes of the same
// names.
func TestDerivedIDs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		chat := uuid.UUID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "chat"))
		require.Equal(t, uuid.NewSHA1(chat, []byte(ann.String())), routing.HandleID(chat, ann))

		tenant, key := rapid.String().Draw(t, "tenant"), rapid.String().Draw(t, "key")
		f := message.Fingerprint{Version: rapid.Byte().Draw(t, "version"), Sum: [32]byte(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "sum"))}
		space := uuid.MustParse("6f1c2f5e-8f0b-5d0c-9a52-3c1c2a1d7b10")
		name := slices.Concat([]byte(tenant), []byte{0}, []byte(key), []byte{0, f.Version}, f.Sum[:])
		require.Equal(t, uuid.NewSHA1(space, name), routing.MessageID(tenant, key, f))
	})
}
