//go:build unix

package main

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Links of errors lead to the server itself, or to where -doc-base says.
func TestDocBase(t *testing.T) {
	fleet := "private-tenant=" + write(t, "fleet.json", twoLines)
	p := start(t, "-fleet", fleet, "-addr", "127.0.0.1:0", "-prefix", "/api/partner", "-deliveries", write(t, "deliveries", ""))
	_, refused := p.send(t, "POST", "/api/partner/v3/messages", "{}")
	link := refused["error"].(map[string]any)["doc_url"].(string)
	answer, err := http.Get(link) // nobody needs a token for a page
	require.NoError(t, err)
	page, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	require.Equal(t, 200, answer.StatusCode)
	require.Contains(t, string(page), "Missing required field")
	require.True(t, strings.HasSuffix(link, "/api/partner/error/codes/1xxx/1001/"), link)

	p = start(t, "-fleet", fleet, "-addr", "127.0.0.1:0", "-doc-base", "https://docs.example.com/api/", "-deliveries", write(t, "more", ""))
	_, refused = p.send(t, "POST", "/v3/messages", "{}")
	require.Equal(t, "https://docs.example.com/api/error/codes/1xxx/1001/", refused["error"].(map[string]any)["doc_url"])
}

// An app card without a url is taken where the flag says so.
func TestCardURLOptional(t *testing.T) {
	card := `{"to":["+14155559876"],"message":{"parts":[{"type":"imessage_app","app":{"name":"A","bundle_id":"com.example","team_id":"A1B2C3D4E5"},"layout":{"caption":"x"}}]}}`
	for flag, want := range map[string]int{"-card-url-optional=false": 400, "-card-url-optional": 202} {
		p := start(t, flag, "-fleet", "private-tenant="+write(t, "fleet.json", twoLines), "-addr", "127.0.0.1:0", "-deliveries", write(t, "deliveries", ""))
		status, answer := p.send(t, "POST", "/v3/messages", card)
		require.Equal(t, want, status, answer)
	}
}
