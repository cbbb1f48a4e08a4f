package main

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

// Without tokens a request to a name that is not of this machine is refused, however
// it is written; a page of another site can choose the name, and nothing else.
func TestOnlyLocalHostsWithoutTokens(t *testing.T) {
	served := localHosts(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	for host, want := range map[string]int{
		"localhost": 204, "LOCALHOST:80": 204, "127.0.0.1:8080": 204, "127.9.9.9": 204, "[::1]:8080": 204, "[::1]": 204,
		"evil.example": 403, "evil.example:8080": 403, "localhost.evil.example": 403, "127.0.0.1.evil.example:8080": 403,
		"10.0.0.1": 403, "": 403, "localhost:80:80": 403, "0.0.0.0": 403,
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Host = host
		w := httptest.NewRecorder()
		served.ServeHTTP(w, r)
		require.Equal(t, want, w.Code, host)
	}
}

// With a token everything but /livez and /readyz needs it; the console has a door of
// its own.
func TestOpsTokenGuardsWhatHoldsData(t *testing.T) {
	served := withToken(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }), "abc", "/console")
	for _, row := range []struct {
		path, authorization string
		want                int
	}{
		{"/metrics", "", 401}, {"/metrics", "Bearer abd", 401}, {"/metrics", "abc", 401}, {"/metrics", "Bearer abc", 204},
		{"/parked", "", 401}, {"/parked", "Bearer abc", 204}, {"/consoles", "", 401}, {"/livezz", "", 401},
		{"/livez", "", 204}, {"/readyz", "", 204}, {"/console", "", 204}, {"/console/enter", "", 204},
	} {
		r := httptest.NewRequest(http.MethodGet, row.path, nil)
		if row.authorization != "" {
			r.Header.Set("Authorization", row.authorization)
		}
		w := httptest.NewRecorder()
		served.ServeHTTP(w, r)
		require.Equal(t, row.want, w.Code, "%v", row)
	}
}
