//go:build unix

package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/open"
)

// manyOfOne is the number one before a word for many.
var manyOfOne = regexp.MustCompile(`(?m)(?:^|[^0-9.:-])1 [a-z-]*[^su\W]s\b`)

// TestOneOfAThing says that if there is one of everything no command speaks of
// it as of many.
func TestOneOfAThing(t *testing.T) {
	t.Chdir(t.TempDir())
	require.Regexp(t, manyOfOne, "ok 1 deliveries wait")
	require.NotRegexp(t, manyOfOne, "ok 1 delivery waits, 1 line: 11 chats")
	require.NoError(t, os.WriteFile("fleet.json", []byte(`{"phone_numbers":[`+lineOf("+12055550101", "")+`]}`), 0o600))
	const db = "sqlite:chats.db"
	down := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }))
	defer down.Close()
	p := start(t, "-fleet", "fleet.json", "-store", db, "-deliver-url", down.URL, "-addr", "127.0.0.1:0")
	status, _ := p.send(t, http.MethodPost, "/v3/messages", sendTo("+14155559876", "hi"), "Idempotency-Key", "k")
	require.Equal(t, http.StatusAccepted, status)
	require.Equal(t, exitOK, p.stop(t))
	look := func() {
		t.Helper()
		for _, args := range [][]string{
			{"doctor", "-store", db, "-fleet", "fleet.json"}, {"lines", "-store", db, "-fleet", "fleet.json"}, {"explain", "-store", db, "-key", "k"},
			{"copy", "-from", db, "-to", "sqlite:" + filepath.Join(t.TempDir(), "copy.db")}, {"parked", "list", "-store", db},
		} {
			r := runWith("", args...)
			assert.NotEqual(t, exitUsage, r.status, r.stderr)
			assert.NotRegexp(t, manyOfOne, r.stdout+r.stderr, args)
		}
	}
	look()
	s, err := open.Store(t.Context(), db, open.Options{})
	require.NoError(t, err)
	var claimed []store.Claimed
	eventually(t, func() bool { // it is due when its wait is over
		claimed, err = s.Claim(t.Context(), time.Minute, 1)
		return err != nil || len(claimed) == 1
	})
	require.NoError(t, err)
	require.Len(t, claimed, 1)
	require.NoError(t, s.Park(t.Context(), claimed[0].Lease, 1, store.ParkedAttempts))
	require.NoError(t, s.Close())
	look()
	for _, args := range [][]string{{"release", "-reason", "attempts"}, {"drop", "0198c0de-0000-7000-8000-000000000001"}} {
		r := runWith("", append([]string{"parked", args[0], "-store", db}, args[1:]...)...)
		assert.NotRegexp(t, manyOfOne, r.stdout+r.stderr)
	}
}
