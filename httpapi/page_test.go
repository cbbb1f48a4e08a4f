package httpapi_test

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/httpapi"
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
	requireStrict(t, recorder.Header(), recorder.Body.String())
	require.Contains(t, recorder.Body.String(), `id="`[:4*min(1, len(anchor))]+anchor, link)
	return recorder.Body.String()
}

// requireStrict holds a page to its policy: it may use the one style that it
// has, and nothing else.
func requireStrict(t *testing.T, header http.Header, page string) {
	t.Helper()
	_, style, _ := strings.Cut(page, "<style>")
	style, _, found := strings.Cut(style, "</style>")
	require.True(t, found)
	sum := sha256.Sum256([]byte(style))
	require.Equal(t, "default-src 'none'; style-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+
		"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'", header.Get("Content-Security-Policy"))
	require.Equal(t, "nosniff", header.Get("X-Content-Type-Options"))
	require.Equal(t, "no-referrer", header.Get("Referrer-Policy"))
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
		require.Contains(t, page, string(fault.RuleMissing))

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
		for code := range fault.Codes() {
			for _, base := range []string{"http://example.com", "http://example.com" + prefix} {
				require.Contains(t, r.follow(t, base+code.DocPath()), code.Message())
			}
		}
		for _, path := range []string{"/error/codes/1xxx/2001/", "/error/codes/9xxx/9999/", "/error/codes/", "/error/codes/1xxx/01001/", "/error/codes/1xxx/1001/x"} {
			require.Equal(t, http.StatusNotFound, r.get(t, prefix+path).status, path)
		}
		require.Equal(t, http.StatusMethodNotAllowed, r.get(t, prefix+fault.CodeBody.DocPath(), "{}").status)
	}
}

// A page is served with and without the slash at its end, and as its head
// alone.
func TestPagesByAnySlash(t *testing.T) {
	r := newRig(t)
	for _, path := range []string{"/error/codes/1xxx/1002", "/guides/chats/chat-health", "/guides/phone-numbers/reputation"} {
		plain, slash := r.do(t, "GET", path, "", "Authorization", ""), r.do(t, "GET", path+"/", "", "Authorization", "")
		require.Equal(t, []int{200, 200}, []int{plain.status, slash.status})
		require.Equal(t, plain.text, slash.text)
		head := httptest.NewRecorder()
		r.ServeHTTP(head, httptest.NewRequest(http.MethodHead, path, nil))
		require.Equal(t, 200, head.Code)
		require.Equal(t, 404, r.do(t, "GET", path+"//", "").status)
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
		require.Equal(t, "https://example.com"+fault.CodeMissing.DocPath(), at(a.body, "error", "doc_url"), name)
	}
}

// A chat that nobody named is called after its people.
func TestDefaultDisplayName(t *testing.T) {
	r := newRig(t)
	sent := r.send(t, `{"to":["ann@example.com","`+person+`"],"message":{"parts":[{"type":"text","value":"hi"}]}}`)
	chat := r.do(t, "GET", "/v3/chats/"+sent.body["chat_id"].(string), "")
	require.Equal(t, person+", ann@example.com", chat.body["display_name"])
}

// Whatever the Host header says, the link is an absolute URL of that host and
// nothing more, or leads to the address of the connection.
func TestLinksFromAnyHost(t *testing.T) {
	r := newRig(t, own)
	known := map[string]bool{
		"example.com": true, "EXAMPLE.com:8080": true, "a_b.internal": true, "127.0.0.1:1": true, "[::1]": true, "[2001:db8::1]:443": true,
		"": false, "example.com/evil": false, "user@example.com": false, "example.com:0": false, "example.com:080": false, "example.com:65536": false,
		"example.com:": false, "a b": false, "a\"b": false, "[::1": false, "[fe80::1%25eth0]": false, "::1": false, "[127.0.0.1]": false, "a?b": false, "a#b": false,
		"exämple.com": false, "<script>": false, "a\\b": false, "[]": false, "[]:1": false, strings.Repeat("a", 254): false,
	}
	link := func(host string) string {
		request := newRequest("POST", "/v3/messages", "{}")
		request.Host = host
		local := &net.TCPAddr{IP: net.IPv4(192, 0, 2, 7), Port: 8080}
		a := r.serve(t, request.WithContext(context.WithValue(request.Context(), http.LocalAddrContextKey, net.Addr(local))))
		return at(a.body, "error", "doc_url").(string)
	}
	path := fault.CodeMissing.DocPath()
	for host, good := range known {
		want := "http://192.0.2.7:8080" + path
		if good {
			want = "http://" + host + path
		}
		require.Equal(t, want, link(host), host)
	}
	rapid.Check(t, func(t *rapid.T) {
		host := rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-z0-9.:/@?#%\[\]_-]{0,12}`)).Draw(t, "host")
		u, err := url.Parse(link(host))
		require.NoError(t, err)
		require.Equal(t, path, u.EscapedPath())
		require.True(t, u.Host == host || u.Host == "192.0.2.7:8080", "%q", u.Host)
		require.True(t, u.User == nil && u.RawQuery == "" && u.Fragment == "")
	})
}

// What a base of links may be.
func TestCheckDocBase(t *testing.T) {
	for base, good := range map[string]bool{
		"https://docs.example.com": true, "http://127.0.0.1:8080/api/partner": true, "https://[::1]:8443": true,
		"": false, "/docs": false, "docs.example.com": false, "ftp://docs.example.com": false, "https://": false, "https:///docs": false, "https:docs": false,
		"https://u:p@docs.example.com": false, "https://docs.example.com?": false, "https://docs.example.com?a=b": false, "https://docs.example.com#": false,
		"https://docs.example.com/": false, "https://docs example.com": false, "https://docs.example.com:99999": false,
	} {
		require.Equal(t, good, httpapi.CheckDocBase(base) == nil, base)
	}
}
