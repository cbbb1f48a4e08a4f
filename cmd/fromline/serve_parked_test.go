package main

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/delivery"
	"github.com/fromline/fromline/fleet"
	"github.com/fromline/fromline/metrics"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
	"github.com/fromline/fromline/store/memory"
)

// What a request about parked messages does not say well selects nothing:
// neither a word that is misspelt nor a value that is empty, garbage or there
// twice means any.
func TestWhichParkedMessagesAreMeant(t *testing.T) {
	line := recipients.MustParse("+12052535597")
	for query, want := range map[string]delivery.Selection{
		"":                                 {},
		"tenant=acme":                      {},
		"reason=refused":                   {Why: store.ParkedRefused},
		"line=%2B12052535597":              {Line: line},
		"line=+12052535597":                {Line: line},
		"reason=refused&line=+12052535597": {Why: store.ParkedRefused, Line: line},
	} {
		got, err := selected(httptest.NewRequest("POST", "/parked/drop?"+query, nil))
		require.NoError(t, err, query)
		assert.Equal(t, want, got, query)
	}
	for _, query := range []string{
		"tenant=", "reason=", "line=", "reason=refused&line=", "reason=&line=%2B12052535597", "reasons=refused", "limit=1",
		"reason=x", "reason=refused&reason=attempts", "line=x", "line=12", "line=ann@example.com", "line=+12052535597&line=+12052535597", "reason=%zz",
	} {
		_, err := selected(httptest.NewRequest("POST", "/parked/drop?"+query, nil))
		assert.Error(t, err, query)
	}
	_, err := selected(httptest.NewRequest("GET", "/parked?limit=1", nil), "after")
	assert.ErrorContains(t, err, "reason, line and after")
}

// A request about parked messages of a server with several tenants is told to
// name one, and which there are: the words of the store are for callers in Go.
func TestParkedNeedsTheTenant(t *testing.T) {
	s := &server{tenants: []string{"acme", "globex"}, store: memory.New(memory.Options{})}
	for _, path := range []string{"/parked", "/parked?reason=refused"} {
		w := httptest.NewRecorder()
		s.ofTenant(s.listParked)(w, httptest.NewRequest("GET", path, nil))
		assert.Equal(t, http.StatusBadRequest, w.Code)
		assert.Contains(t, w.Body.String(), "tenant=acme", path)
	}
	w := httptest.NewRecorder()
	s.ofTenant(s.listParked)(w, httptest.NewRequest("GET", "/parked?tenant=globex", nil))
	assert.Equal(t, http.StatusOK, w.Code)
}

// Every request about parked messages of a tenant that is none, as a misspelt
// one, is refused and told which is probably meant: nothing is parked of it,
// and that must not look as if all were well. One that the store knows, as one
// that the fleet files had before, is none of these; nor are the webhooks of
// one.
func TestParkedOfAStrangeTenant(t *testing.T) {
	chats := memory.New(memory.Options{})
	set, err := recipients.NewSet(recipients.MustParse("+14155559876"))
	require.NoError(t, err)
	require.NoError(t, chats.Apply(t.Context(), "former", []store.Event{store.ChatSeen{
		ID: uuid.Max, Line: recipients.MustParse("+12052535597"), Participants: set, CreatedAt: time.Now(),
	}}))
	var log bytes.Buffer
	f, err := fleet.New(fleet.Options{})
	require.NoError(t, err)
	s := &server{tenants: []string{"acme", "globex"}, store: chats, fleet: f, metrics: metrics.New(), logger: slog.New(slog.NewTextHandler(&log, nil))}
	s.router, err = fromline.New(chats, f, fromline.Options{})
	require.NoError(t, err)
	ops := s.opsHandler(http.NotFoundHandler())
	ask := func(method, path string) (int, string) {
		w := httptest.NewRecorder()
		ops.ServeHTTP(w, httptest.NewRequest(method, path, nil))
		return w.Code, w.Body.String()
	}
	for tenant, says := range map[string]string{"acmee": `did you mean \"acme\"?`, "zzzzzzzz": `\"acme\"`} {
		for path, method := range map[string]string{
			"/parked": "GET", "/parked/drop": "POST", "/parked/release": "POST", "/parked/reroute": "POST",
			"/parked/" + uuid.Max.String() + "/drop": "POST",
		} {
			status, body := ask(method, path+"?reason=refused&tenant="+tenant)
			assert.Equal(t, http.StatusNotFound, status, path)
			assert.Contains(t, body, tenant, path)
			assert.Contains(t, body, says, path)
		}
	}
	for _, tenant := range []string{"acme", "globex", "former", "acme/webhooks"} {
		status, body := ask("GET", "/parked?tenant="+tenant)
		assert.Equal(t, http.StatusOK, status, tenant)
		assert.JSONEq(t, `{"parked":[]}`, body)
		status, _ = ask("POST", "/parked/release?reason=refused&tenant="+tenant)
		assert.Equal(t, http.StatusOK, status, tenant)
	}
}
