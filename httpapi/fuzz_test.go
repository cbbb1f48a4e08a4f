package httpapi_test

import (
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// sendSeeds are bodies of sends, each with a key: what FuzzMessages begins
// with.
func sendSeeds(t testing.TB, c *contract) (seeds [][2]string) {
	for _, example := range c.at(t, "paths", "/v3/messages", "post", "requestBody", "content", "application/json", "examples") {
		seeds = append(seeds, [2]string{jsonOf(t, example.(map[string]any)["value"])})
	}
	slices.SortFunc(seeds, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
	return append(seeds,
		[2]string{text(person, "hi"), "key"},
		[2]string{`{"to":["` + person + `"],"message":{"parts":[{"value":"x","type":"text","text_decorations":[{"range":[0,1,2]}]}]}}`, "\xff"},
		[2]string{"{\"to\":[\"\xff\"]}", strings.Repeat("k", 256)},
		[2]string{strings.Repeat("[", 20000)},
	)
}

// eventSeeds are bodies of events: what FuzzEvents begins with.
func eventSeeds(now time.Time) []string {
	return []string{
		event(lines[0], "FLAGGED", now),
		event(lines[1], "ACTIVE", now),
		`{"event_type":"x"}`,
		`{"event_type":"phone_number.status_updated","data":[]}`,
	}
}

// pathSeeds are what FuzzPaths begins with.
func pathSeeds() []string {
	return []string{"/", "/v3/messages", "/v3/chats/x", "//v3/messages", "/v3/../livez", "/v3/chats/%2e%2e", "/livez?x=1", "*", "/error/codes/1xxx/1001/", "/error/codes/1xxx//", "/guides/chats/chat-health/"}
}

// FuzzMessages is the law of the endpoint: whatever a tenant sends, the answer
// is one that the document has, never a fault of the server; and what the
// schema of the document refuses is refused.
func FuzzMessages(f *testing.F) {
	r := newRig(f)
	for _, seed := range sendSeeds(f, r.contract) {
		f.Add(seed[0], seed[1])
	}
	schema := r.contract.schema(f, "SendRequest")
	f.Fuzz(func(t *testing.T, body, key string) {
		request := newRequest("POST", "/v3/messages", body)
		if key != "" {
			request.Header["Idempotency-Key"] = []string{key}
		}
		recorder := httptest.NewRecorder()
		r.ServeHTTP(recorder, request)
		answer := recorder.Body.Bytes()
		r.contract.check(t, "POST", "/v3/messages", recorder.Code, recorder.Header(), answer)
		require.Less(t, recorder.Code, 500)
		require.True(t, utf8.Valid(answer))
		if recorder.Code == 202 {
			require.NoError(t, schema.Validate(valueOf(t, body)), "the document does not know what was accepted")
		}
	})
}

// FuzzEvents is the same law for events.
func FuzzEvents(f *testing.F) {
	r := newRig(f)
	for _, seed := range eventSeeds(r.now) {
		f.Add(seed)
	}
	schema := r.contract.schema(f, "LineEvent")
	f.Fuzz(func(t *testing.T, body string) {
		recorder := httptest.NewRecorder()
		r.ServeHTTP(recorder, newRequest("POST", "/v3/events", body))
		r.contract.check(t, "POST", "/v3/events", recorder.Code, recorder.Header(), recorder.Body.Bytes())
		require.Less(t, recorder.Code, 500)
		if recorder.Code == 200 {
			require.NoError(t, schema.Validate(valueOf(t, body)), "the document does not know what was accepted")
		}
	})
}

// FuzzPaths says that every path has an answer that the document has.
func FuzzPaths(f *testing.F) {
	r := newRig(f)
	for _, path := range pathSeeds() {
		f.Add("GET", path)
	}
	f.Fuzz(func(t *testing.T, method, path string) {
		request := newRequest("POST", "/", "{}")
		request.Method, request.URL.Path, request.RequestURI = method, path, path
		recorder := httptest.NewRecorder()
		r.ServeHTTP(recorder, request)
		if method != "HEAD" {
			r.contract.check(t, method, strings.ReplaceAll(path, "?", "%3F"), recorder.Code, recorder.Header(), recorder.Body.Bytes())
		}
		require.Less(t, recorder.Code, 500)
	})
}
