package httpapi_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A path that is almost one says which was meant: with what the base URL of
// another server has before it, or with a slash behind. A method that is none
// says the right ones.
func TestAlmostAPath(t *testing.T) {
	r := newRig(t)
	below := newRig(t, func(_ *rig, s *setup) { s.api.Prefix = "/api/partner" })
	for path, meant := range map[string]string{
		"/api/partner/v3/chats": "/v3/chats", "/v3/chats/": "/v3/chats", "/v3/v3/messages": "/v3/messages", "/x/v3/chats/1/typing/": "/v3/chats/1/typing",
		"/x/livez": "/livez", "/readyz/": "/readyz", "/api/v3/readyz": "/readyz",
		"/v3/nothing": "", "/nothing": "", "/healthz": "", "/xlivez": "", "/v4/chats": "", "/": "", "/x/v3/": "",
	} {
		a := r.get(t, path)
		require.Equal(t, 404, a.status, path)
		if meant == "" {
			assert.NotContains(t, a.text, "did you mean", path)
		} else {
			assert.Contains(t, a.text, "did you mean "+meant+"?", path)
		}
		assert.Contains(t, a.text, "begin with /v3/ here, but for /livez and /readyz ", path)
	}
	for _, path := range []string{"/v3/chats", "/api/v3/chats", "/api/partner/v3/chats/"} {
		a := below.get(t, path)
		require.Equal(t, 404, a.status, path)
		assert.Contains(t, a.text, "did you mean /api/partner/v3/chats?", path)
		assert.Contains(t, a.text, "begin with /api/partner/v3/ here, but for /api/partner/livez and ", path)
	}
	for _, path := range []string{"/livez", "/livez/", "/api/livez", "/api/partner/v3/livez"} {
		assert.Contains(t, below.get(t, path).text, "did you mean /api/partner/livez?", path)
	}
	assert.Contains(t, r.get(t, "/v3/messages").text, "Method not allowed: use POST")
	assert.Contains(t, r.get(t, "/v3/phone_numbers", "{}").text, "Method not allowed: use GET, HEAD")
}

// A request to take a block back that has no body says that the handle stands
// there.
func TestAHandleStandsInTheBody(t *testing.T) {
	r := newRig(t, blocks)
	for _, method := range []string{"DELETE", "POST"} {
		a := r.do(t, method, "/v3/blocked_handles?handle=%2B14155559876", "", "Content-Type", "")
		require.Equal(t, []int{400, 1001}, []int{a.status, a.code()}, a.text)
		assert.Contains(t, a.text, "/handle")
	}
}
