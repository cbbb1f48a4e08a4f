package httpapi_test

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/validate"
)

// own takes away the base of the documentation, so that links lead to the
// handler itself.
func own(_ *rig, s *setup) { s.api.DocBase = "" }

func below(prefix string) func(*rig, *setup) {
	return func(_ *rig, s *setup) { s.api.Prefix = prefix }
}

// follow asks for a link without a token, and returns the page.
func (r *rig) follow(t *testing.T, link string) string {
	t.Helper()
	path, is := strings.CutPrefix(link, "http://example.com") // the host of httptest
	require.True(t, is, link)
	path, anchor, _ := strings.Cut(path, "#")
	recorder := httptest.NewRecorder()
	r.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, path, nil))
	require.Equal(t, http.StatusOK, recorder.Code, link)
	require.Equal(t, "text/html; charset=utf-8", recorder.Header().Get("Content-Type"))
	require.Contains(t, recorder.Body.String(), `id="`[:4*min(1, len(anchor))]+anchor, link)
	return recorder.Body.String()
}

// Every link that the handler answers leads to a page of its own, with and
// without a prefix.
func TestLinksLeadToPages(t *testing.T) {
	for _, prefix := range []string{"", "/api/partner"} {
		r := newRig(t, own, below(prefix))
		get := func(method, url, body string) answered {
			t.Helper()
			recorder := httptest.NewRecorder()
			r.ServeHTTP(recorder, newRequest(method, prefix+url, body))
			a := answered{status: recorder.Code, text: recorder.Body.String()}
			a.body, _ = valueOf(t, a.text).(map[string]any)
			return a
		}
		refused := get("POST", "/v3/messages", `{"to":[]}`)
		page := r.follow(t, at(refused.body, "error", "doc_url").(string))
		require.Contains(t, page, "1001")
		require.Contains(t, page, string(validate.RuleMissing))

		sent := get("POST", "/v3/messages", text(person, "hi"))
		chat := get("GET", "/v3/chats/"+sent.body["chat_id"].(string), "")
		require.Equal(t, "HEALTHY", at(chat.body, "health_status", "status"))
		require.Equal(t, chat.body["created_at"], at(chat.body, "health_status", "updated_at"))
		require.Contains(t, r.follow(t, at(chat.body, "health_status", "doc_url").(string)), "HEALTHY")

		for _, name := range []string{"/v3/phone_numbers", "/v3/phonenumbers"} {
			numbers := get("GET", name, "").body["phone_numbers"].([]any)
			require.Len(t, numbers, len(lines))
			for _, n := range numbers {
				require.Contains(t, r.follow(t, at(n, "reputation", "doc_url").(string)), "HEALTHY")
			}
		}

		// Each code has its page, below the prefix and at the root.
		for code := range validate.Codes() {
			for _, base := range []string{"http://example.com", "http://example.com" + prefix} {
				require.Contains(t, r.follow(t, base+code.DocPath()), code.Message())
			}
		}
		for _, path := range []string{"/error/codes/1xxx/2001/", "/error/codes/9xxx/9999/", "/error/codes/", "/error/codes/1xxx/01001/", "/error/codes/1xxx/1001/x"} {
			require.Equal(t, http.StatusNotFound, r.get(t, prefix+path).status, path)
		}
		require.Equal(t, http.StatusMethodNotAllowed, r.get(t, prefix+validate.CodeBody.DocPath(), "{}").status)
	}
}

// Behind https a link is one of https.
func TestLinksKeepTheScheme(t *testing.T) {
	r := newRig(t, own)
	for name, change := range map[string]func(*http.Request){
		"a connection":      func(r *http.Request) { r.TLS = &tls.ConnectionState{} },
		"a proxy before us": func(r *http.Request) { r.Header.Set("X-Forwarded-Proto", "https") },
	} {
		request := newRequest("POST", "/v3/messages", "{}")
		change(request)
		a := r.serve(t, request)
		require.Equal(t, "https://example.com"+validate.CodeMissing.DocPath(), at(a.body, "error", "doc_url"), name)
	}
}

// A chat that nobody named is called after its people.
func TestDefaultDisplayName(t *testing.T) {
	r := newRig(t)
	sent := r.send(t, `{"to":["ann@example.com","`+person+`"],"message":{"parts":[{"type":"text","value":"hi"}]}}`)
	chat := r.do(t, "GET", "/v3/chats/"+sent.body["chat_id"].(string), "")
	require.Equal(t, person+", ann@example.com", chat.body["display_name"])
}
