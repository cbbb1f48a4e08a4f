//go:build unix

package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/internal/needed"
	"github.com/fromline/fromline/internal/pgtest"
)

// TestWhichMessagesWait says that the query of the page for operators lists the
// messages that wait, also behind others of their chat, and no other, the
// oldest first, beside a server.
func TestWhichMessagesWait(t *testing.T) {
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		switch {
		case strings.Contains(string(body), "taken"):
		case strings.Contains(string(body), "refused"):
			w.WriteHeader(http.StatusBadRequest)
		default:
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	defer receiver.Close()
	for name, begins := range map[string]string{"sqlite": "sqlite3 -readonly", "postgres": `psql "$DATABASE" -c`} {
		t.Run(name, func(t *testing.T) {
			needed.Program(t, strings.Fields(begins)[0], map[string]string{"sqlite": "sqlite3", "postgres": "postgresql-client"}[name])
			query := blockOf(t, "operations.md", begins).text
			t.Chdir(t.TempDir())
			db := "sqlite:chats.db"
			if name == "postgres" {
				db = pgtest.Database(t)
			}
			const token = "0123456789abcdef"
			p := start(t, "-fleet", "acme="+write(t, "fleet.json", twoLines), "-token", "acme=@"+write(t, "token", token), "-store", db,
				"-deliver-url", receiver.URL, "-addr", "127.0.0.1:0", "-ops-addr", "127.0.0.1:0")
			var ids, lines []string
			for _, m := range [][2]string{{"1", "first"}, {"2", "taken"}, {"3", "refused"}, {"4", "second"}, {"1", "behind the first"}} {
				status, answer := p.send(t, "POST", "/v3/messages", sendTo("+1415555010"+m[0], m[1]), "Authorization", "Bearer "+token)
				require.Equal(t, http.StatusAccepted, status, answer)
				ids = append(ids, answer["message"].(map[string]any)["id"].(string))
				lines = append(lines, answer["from"].(string))
			}
			eventually(t, func() bool {
				metrics := get(t, p.ops+"/metrics")
				return strings.Contains(metrics, "\nfromline_outbox_waiting 3\n") && strings.Contains(metrics, "\nfromline_outbox_parked 1\n")
			})
			cmd := subprocess(t, "sh", "-euc", query)
			cmd.Env = append(os.Environ(), "DATABASE="+db, "PAGER=cat")
			out, err := cmd.CombinedOutput()
			require.NoError(t, err, "%s", out)
			assert.Regexp(t, `(?m)^ *tenant\W+line\W+message_id\W+decided\W+due\W+attempts *$`, string(out))
			at := -1
			for _, i := range []int{0, 3, 4} {
				next := strings.Index(string(out), ids[i])
				require.Greater(t, next, at, "the oldest come first: %s\n%s", ids[i], out)
				at = next
				row := `(?m)^ *acme\W+` + lines[i][1:] + `\W+` + ids[i] + `\W+20\d\d-\d\d-\d\d \d\d:\d\d:\d\d.*20\d\d-\d\d-\d\d \d\d:\d\d:\d\d.*\d+ *$`
				assert.Regexp(t, row, string(out))
			}
			assert.NotContains(t, string(out), ids[1], "it was handed over")
			assert.NotContains(t, string(out), ids[2], "it is parked")
			assert.Equal(t, exitOK, p.stop(t))
		})
	}
}
