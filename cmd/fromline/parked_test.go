//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/internal/pgtest"
)

// refusing is a receiver that refuses everything for good until it is told
// otherwise, and keeps what it took.
type refusing struct {
	*httptest.Server
	refuses atomic.Bool
	mu      sync.Mutex
	took    map[string]string // the line that a message came from
}

func newRefusing(t *testing.T) *refusing {
	r := &refusing{took: map[string]string{}}
	r.refuses.Store(true)
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		if r.refuses.Load() {
			w.WriteHeader(http.StatusUnprocessableEntity)
			return
		}
		var d delivered
		if json.NewDecoder(request.Body).Decode(&d) != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.took[d.MessageID] = d.From
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *refusing) all() map[string]string {
	r.mu.Lock()
	defer r.mu.Unlock()
	copied := map[string]string{}
	for id, from := range r.took {
		copied[id] = from
	}
	return copied
}

// post posts to the ops address, and returns the status and the answer.
func post(t *testing.T, url string, headers ...string) (int, string) {
	t.Helper()
	request, err := http.NewRequest(http.MethodPost, url, nil)
	require.NoError(t, err)
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	answer, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer answer.Body.Close()
	var text json.RawMessage
	if json.NewDecoder(answer.Body).Decode(&text) != nil {
		return answer.StatusCode, ""
	}
	return answer.StatusCode, string(text)
}

// TestParked has messages parked by a server, and does something about them
// from the command line and over HTTP while the server runs, on each store.
func TestParked(t *testing.T) {
	for kind, dsn := range map[string]string{"sqlite": "sqlite:" + filepath.Join(t.TempDir(), "chats.db"), "postgres": ""} {
		t.Run(kind, func(t *testing.T) {
			if dsn == "" {
				dsn = pgtest.Database(t)
			}
			receiver := newRefusing(t)
			p := start(t, "-fleet", write(t, "fleet.json", twoLines), "-store", dsn, "-deliver-url", receiver.URL,
				"-addr", "127.0.0.1:0", "-ops-addr", "127.0.0.1:0")
			const messages = 6
			ids, from := make([]string, messages), map[string]string{}
			for i := range ids {
				status, sent := p.send(t, "POST", "/v3/messages", sendTo(fmt.Sprintf("+1415555%04d", 7000+i), "hi"))
				require.Equal(t, http.StatusAccepted, status)
				ids[i] = sent["message"].(map[string]any)["id"].(string)
				from[ids[i]] = sent["from"].(string)
			}
			eventually(t, func() bool {
				return strings.Contains(get(t, p.ops+"/metrics"), fmt.Sprintf("\nfromline_outbox_parked %d\n", messages))
			})
			eventually(t, func() bool { // the store knows of it first
				return strings.Contains(get(t, p.ops+"/metrics"), fmt.Sprintf("fromline_parked_total{reason=\"refused\"} %d\n", messages))
			})
			eventually(t, func() bool {
				return strings.Contains(p.logged(), "a message is parked: the receiver refused it for good")
			})
			list := func(args ...string) map[string]parked {
				r := runWith("", append([]string{"parked", "list", "-json", "-store", dsn}, args...)...)
				require.Equal(t, exitOK, r.status, r.stderr)
				found := map[string]parked{}
				for text := range strings.Lines(r.stdout) {
					var row parked
					require.NoError(t, json.Unmarshal([]byte(text), &row))
					found[row.MessageID] = row
				}
				return found
			}
			all := list()
			require.Len(t, all, messages)
			for _, id := range ids {
				assert.Equal(t, []any{"refused", from[id], 1}, []any{all[id].Reason, all[id].From, all[id].Attempts})
			}
			assert.Len(t, list("-reason", "refused", "-tenant", defaultTenant), messages)
			assert.Empty(t, list("-reason", "no_line"))
			assert.Empty(t, list("-tenant", "other"))
			table := runWith("", "parked", "list", "-store", dsn)
			assert.Regexp(t, `^MESSAGE +REASON +LINE +ATTEMPTS +DECIDED +CHAT\n`, table.stdout)
			assert.Equal(t, 1+messages, strings.Count(table.stdout, "\n"))
			assert.NotContains(t, table.stdout, "4155557", "people are not shown")

			// The page of the server says the same.
			var page struct{ Parked []parked }
			require.NoError(t, json.Unmarshal([]byte(get(t, p.ops+"/parked?tenant="+defaultTenant+"&reason=refused")), &page))
			assert.Len(t, page.Parked, messages)
			assert.Equal(t, `{"parked":[]}`, get(t, p.ops+"/parked?reason=attempts"))

			receiver.refuses.Store(false)
			did := func(status int, said string, args ...string) {
				t.Helper()
				r := runWith("", append([]string{"parked"}, args...)...)
				assert.Equal(t, status, r.status, r.stderr)
				assert.Equal(t, said, r.stdout)
			}
			did(exitOK, "1 dropped\n", "drop", "-store", dsn, ids[0])
			did(exitRefused, "0 dropped\n", "drop", "-store", dsn, ids[0])
			did(exitOK, "1 to be rerouted\n", "reroute", "-store", dsn, ids[1])
			did(exitOK, "1 released\n", "release", "-store", dsn, ids[2])
			eventually(t, func() bool { return len(receiver.all()) == 2 })
			assert.NotEqual(t, from[ids[1]], receiver.all()[ids[1]], "it left its line")
			assert.Equal(t, from[ids[2]], receiver.all()[ids[2]], "it did not")
			eventually(t, func() bool { return strings.Contains(p.logged(), "a message leaves "+from[ids[1]]+" for ") })
			eventually(t, func() bool {
				return strings.Contains(get(t, p.ops+"/metrics"), "fromline_deliveries_total{result=\"rerouted\"} 1\n")
			})

			status, said := post(t, p.ops+"/parked/"+ids[3]+"/reroute?tenant="+defaultTenant)
			assert.Equal(t, 200, status)
			assert.Equal(t, `{"rerouted":"`+ids[3]+`"}`, said)
			eventually(t, func() bool { return len(receiver.all()) == 3 })
			assert.NotEqual(t, from[ids[3]], receiver.all()[ids[3]])
			status, _ = post(t, p.ops+"/parked/drop")
			assert.Equal(t, 400, status, "say which")
			status, _ = post(t, p.ops+"/parked/drop?reason=refuse")
			assert.Equal(t, 400, status)
			status, _ = post(t, p.ops+"/parked/drop?reasons=refused&line=%2B12052535597")
			assert.Equal(t, 400, status, "a word misspelt means nothing else")
			status, _ = post(t, p.ops+"/parked/release?reason=refused", "Sec-Fetch-Site", "cross-site")
			assert.Equal(t, 403, status, "a page of another site may not")
			status, said = post(t, p.ops+"/parked/release?reason=refused")
			assert.Equal(t, 200, status)
			assert.Equal(t, `{"released":2}`, said)
			eventually(t, func() bool { return len(receiver.all()) == 5 })
			did(exitOK, "0 released\n", "release", "-store", dsn, "-line", "+12052535597")
			assert.Equal(t, 0, p.stop(t))
			assert.NotContains(t, receiver.all(), ids[0])
		})
	}
}

// TestParkedStatus says which command lines cannot be used.
func TestParkedStatus(t *testing.T) {
	db := "sqlite:" + filepath.Join(t.TempDir(), "chats.db")
	require.Zero(t, runWith(sendTo("+12055559871", "hi"), "route", "-fleet", write(t, "fleet.json", twoLines), "-store", db).status)
	const id = "550e8400-e29b-41d4-a716-446655440000"
	for name, args := range map[string][]string{
		"no action":        {"-store", db},
		"another action":   {"relase", "-store", db},
		"no store":         {"list"},
		"memory":           {"list", "-store", "memory:"},
		"nothing there":    {"list", "-store", "sqlite:" + filepath.Join(t.TempDir(), "none.db")},
		"nothing to treat": {"drop", "-store", "sqlite:" + filepath.Join(t.TempDir(), "none.db"), id},
		"no message":       {"drop", "-store", db},
		"both":             {"drop", "-store", db, "-reason", "refused", id},
		"list of messages": {"list", "-store", db, id},
		"no id":            {"drop", "-store", db, "first"},
		"another reason":   {"drop", "-store", db, "-reason", "refuse"},
		"no line":          {"drop", "-store", db, "-line", "ann@example.com"},
		"json":             {"drop", "-store", db, "-json", id},
	} {
		r := runWith("", append([]string{"parked"}, args...)...)
		assert.Equal(t, exitUsage, r.status, name)
		assert.NotEmpty(t, r.stderr, name)
	}
	assert.Contains(t, runWith("", "parked", "relase", "-store", db).stderr, "did you mean release?")
	assert.Equal(t, exitRefused, runWith("", "parked", "drop", "-store", db, id).status)

	require.Zero(t, runWith(sendTo("+12055559871", "hi"), "route", "-fleet", write(t, "fleet.json", twoLines), "-store", db, "-tenant", "other").status)
	several := runWith("", "parked", "list", "-store", db)
	assert.Equal(t, exitUsage, several.status)
	assert.Contains(t, several.stderr, "-tenant")
}
