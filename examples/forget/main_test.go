package main

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/store/open"
)

// TestForget: the chats of one person go, and only those of that tenant. A
// second call finds nothing. A store that is not there is not made.
func TestForget(t *testing.T) {
	const acme, globex, ann, ben = "acme", "globex", "+14155559876", "+14155559877"
	name := "sqlite:" + filepath.Join(t.TempDir(), "chats.db")
	_, err := forget(t.Context(), []string{name, acme, ann})
	require.Error(t, err)
	require.NoFileExists(t, name[len("sqlite:"):])

	store, err := open.Store(t.Context(), name, open.Options{})
	require.NoError(t, err)
	lines, err := fleet.New(fleet.Options{})
	require.NoError(t, err)
	for tenant, number := range map[string]string{acme: "+12055550101", globex: "+13125550103"} {
		_, err := lines.Load(tenant, []byte(`{"phone_numbers":[{"id":"one","phone_number":"`+number+`"}]}`))
		require.NoError(t, err)
	}
	router, err := fromline.New(store, lines, fromline.Options{})
	require.NoError(t, err)
	for _, tenant := range []string{acme, globex} {
		for _, to := range [][]string{{ann}, {ann, ben}, {ben}} {
			_, err := router.Send(t.Context(), tenant, &message.Request{To: to, Message: &message.Content{Parts: []message.Part{message.Text("hi")}}})
			require.NoError(t, err)
		}
	}
	require.NoError(t, store.Close())

	for _, want := range []struct {
		tenant, person string
		chats          int
	}{{acme, ann, 2}, {acme, ann, 0}, {acme, ben, 1}, {globex, ben, 2}, {globex, ann, 1}} {
		chats, err := forget(t.Context(), []string{name, want.tenant, want.person})
		require.NoError(t, err)
		require.Equal(t, want.chats, chats, want)
	}
	for _, args := range [][]string{nil, {name, acme}, {name, acme, "ann"}, {"nothing:", acme, ann}} {
		_, err := forget(t.Context(), args)
		require.Error(t, err, args)
	}
}
