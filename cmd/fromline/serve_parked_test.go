package main

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/delivery"
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
