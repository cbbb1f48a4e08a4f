package httpapi_test

import (
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What the vendor serves and we do not is refused with what it is, to tenants
// alone, and what nobody serves is not there.
func TestNamedRefusals(t *testing.T) {
	text, err := os.ReadFile("../docs/http.md")
	require.NoError(t, err)
	rows := regexp.MustCompile(`(?m)^\| (.+?) \| no \|`).FindAllStringSubmatch(string(text), -1)
	require.NotEmpty(t, rows)
	r, limited := newRig(t), newRig(t, func(_ *rig, s *setup) { s.api.Rate, s.api.Burst = 0.001, 1 })
	require.Equal(t, 200, limited.do(t, "GET", "/v3/phone_numbers", "").status)
	for _, row := range rows {
		for _, name := range regexp.MustCompile("`([A-Z]+) (/[^`]*)`").FindAllStringSubmatch(row[1], -1) {
			method, path := name[1], name[2]
			url := strings.ReplaceAll(path, "{id}", "550e8400-e29b-41d4-a716-446655440000")
			a := r.do(t, method, url, "")
			assert.Equal(t, []int{403, 2011}, []int{a.status, a.code()}, "%s %s", method, path)
			message, _ := at(a.body, "error", "message").(string)
			assert.Contains(t, message, method+" "+path+". ")
			assert.Empty(t, a.header.Get("X-Should-Retry"), "a 403 is not repeated anyway")
			status := func(r *rig, token string) int { // the document has no such operation
				request, recorder := newRequest(method, url, ""), httptest.NewRecorder()
				request.Header.Set("Authorization", token)
				r.ServeHTTP(recorder, request)
				return recorder.Code
			}
			assert.Equal(t, []int{401, 429}, []int{status(r, "Bearer x"), status(limited, "Bearer "+token)}, "%s %s", method, path)
		}
	}
	for _, nowhere := range []string{"POST /v3/chats/a/b/c", "GET /v3/polls", "PUT /v3/contact_card", "GET /v4/chats"} {
		method, path, _ := strings.Cut(nowhere, " ")
		a := r.do(t, method, path, "")
		assert.Equal(t, []int{404, 1003}, []int{a.status, a.code()}, nowhere)
	}
}
