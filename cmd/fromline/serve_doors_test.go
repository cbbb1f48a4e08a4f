package main

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"
)

// Without tokens a request to a name that is not of this machine is refused,
// however it is written; a page of another site can choose the name, and
// nothing else.
func TestOnlyLocalHostsWithoutTokens(t *testing.T) {
	served := localHosts(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }),
		func(w http.ResponseWriter, says string) { http.Error(w, says, http.StatusForbidden) })
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

// A request to another host name is refused in the form of every other error of
// the same address, with words that say what to do.
func TestAnotherHostIsRefusedInTheFormOfErrors(t *testing.T) {
	p := start(t, "-fleet", write(t, "fleet.json", twoLines), "-addr", "127.0.0.1:0", "-ops-addr", "127.0.0.1:0", "-deliveries", os.DevNull)
	ask := func(url string) (*http.Response, map[string]any) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		require.NoError(t, err)
		r.Host = "evil.example"
		answer, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		defer answer.Body.Close()
		var body map[string]any
		require.NoError(t, json.UnmarshalRead(answer.Body, &body))
		require.Equal(t, http.StatusForbidden, answer.StatusCode)
		require.Equal(t, "application/json", answer.Header.Get("Content-Type"))
		return answer, body
	}
	answer, body := ask(p.url + "/v3/phone_numbers")
	wrong := body["error"].(map[string]any)
	require.Equal(t, []any{false, 403.0, 2005.0}, []any{body["success"], wrong["status"], wrong["code"]})
	require.Contains(t, wrong["message"], "localhost")
	require.Equal(t, p.url+"/error/codes/2xxx/2005/", wrong["doc_url"])
	require.Regexp(t, "^[0-9a-f]{32}$", body["trace_id"])
	require.Equal(t, body["trace_id"], answer.Header.Get("X-Trace-ID"))
	_, body = ask(p.ops + "/parked")
	require.Contains(t, body["why"], "localhost")
	require.Equal(t, exitOK, p.stop(t))
}

// With a token everything but /livez and /readyz needs it; the console has a
// door of its own.
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
		require.Equal(t, row.want == 401, strings.Contains(w.Body.String(), `{"why":"send the header Authorization`), w.Body.String())
	}
}

// A server whose -ops-addr other machines can reach asks for the token on the
// addresses that hold data, whichever host name the request gives.
func TestAServerThatOthersCanReachAsksForTheToken(t *testing.T) {
	const token = "0123456789abcdef"
	args := []string{"serve", "-fleet", write(t, "fleet.json", twoLines), "-addr", "127.0.0.1:0", "-ops-addr", "0.0.0.0:0", "-deliveries", os.DevNull}
	refused := runWith("", args...)
	require.Equal(t, exitUsage, refused.status)
	require.Contains(t, refused.stderr, "give a token with -ops-token")

	p := start(t, append(args[1:], "-ops-token", "@"+write(t, "token", token))...)
	_, port, err := net.SplitHostPort(strings.TrimPrefix(p.ops, "http://"))
	require.NoError(t, err)
	for _, host := range []string{"localhost", "127.0.0.1", "ops.example"} {
		for path, open := range map[string]bool{"/metrics": false, "/parked": false, "/livez": true, "/readyz": true} {
			for authorization, right := range map[string]bool{"": false, "Bearer 0123456789abcdee": false, "Bearer " + token: true} {
				r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://127.0.0.1:"+port+path, nil)
				require.NoError(t, err)
				r.Host = host
				if authorization != "" {
					r.Header.Set("Authorization", authorization)
				}
				answer, err := http.DefaultClient.Do(r)
				require.NoError(t, err)
				require.NoError(t, answer.Body.Close())
				want := http.StatusUnauthorized
				if open || right {
					want = http.StatusOK
				}
				require.Equal(t, want, answer.StatusCode, "%s %s %q", host, path, authorization)
			}
		}
	}
	require.Equal(t, exitOK, p.stop(t))
}

// A path or a method that -ops-addr does not have is refused in the form of its
// other errors, and the answer says what there is. The API says which paths it
// has.
func TestAWrongPathSaysWhatIsHere(t *testing.T) {
	p := start(t, "-fleet", write(t, "fleet.json", twoLines), "-addr", "127.0.0.1:0", "-ops-addr", "127.0.0.1:0", "-prefix", "/api", "-deliveries", os.DevNull)
	for _, row := range []struct {
		method, url string
		status      int
		says        string
	}{
		{"GET", p.ops + "/v3/messages", 404, `{"why":"this address serves /console, /metrics, /livez, /readyz and /parked; the API is at -addr"}`},
		{"GET", p.ops + "/livez/", 404, `{"why":"this address serves `},
		{"GET", p.ops + "/parked/x/release", 405, `{"why":"this path takes POST"}`},
		{"POST", p.ops + "/metrics", 405, `{"why":"this path takes GET, HEAD"}`},
		{"GET", p.url + "/livez", 404, "did you mean /api/livez?"},
		{"GET", p.url + "/metrics", 404, "begin with /api/v3/ here"},
	} {
		r, err := http.NewRequestWithContext(t.Context(), row.method, row.url, nil)
		require.NoError(t, err)
		answer, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		body, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		require.Equal(t, row.status, answer.StatusCode, row.url)
		require.Equal(t, "application/json", answer.Header.Get("Content-Type"), row.url)
		require.Contains(t, string(body), row.says, row.url)
		require.Equal(t, row.status == 405, answer.Header.Get("Allow") != "", row.url)
	}
	require.Equal(t, exitOK, p.stop(t))
}
