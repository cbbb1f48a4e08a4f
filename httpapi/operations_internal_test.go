package httpapi

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"
)

// TestTheTableOfTheVendorsAPI holds the table at the end of docs/http.md, the
// operations of the handler and docs/openapi.json to each other.
func TestTheTableOfTheVendorsAPI(t *testing.T) {
	text, err := os.ReadFile("../docs/http.md")
	require.NoError(t, err)
	_, table, found := strings.Cut(string(text), "\n## What is served of the vendor's API\n")
	require.True(t, found)
	told := map[string]string{}
	for _, row := range regexp.MustCompile(`(?m)^\| (.+?) \| (yes|no) \| .*\|$`).FindAllStringSubmatch(table, -1) {
		for _, name := range regexp.MustCompile("`([A-Z]+ /[^`]*)`").FindAllStringSubmatch(row[1], -1) {
			require.NotContains(t, told, name[1], "it is there twice")
			told[name[1]] = row[2]
		}
	}
	ours := map[string]bool{"POST /v3/events": true, "GET /livez": true, "GET /readyz": true}
	is := map[string]string{}
	for _, o := range served {
		if !ours[o.method+" "+o.path] {
			is[o.method+" "+o.path] = "yes"
		}
	}
	for _, m := range unserved {
		require.NotContains(t, is, m.method+" "+m.path, "it is both")
		require.Regexp(t, `^[A-Z].*\.$`, m.instead, "%s %s", m.method, m.path)
		is[m.method+" "+m.path] = "no"
	}
	require.Equal(t, is, told)

	var doc struct {
		Paths map[string]map[string]any `json:"paths"`
	}
	text, err = os.ReadFile("../docs/openapi.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &doc))
	for _, o := range served {
		require.Contains(t, doc.Paths[o.path], strings.ToLower(o.method), "%s is served and not in the document", o.path)
	}
}

// TestMatch says which paths a pattern is for.
func TestMatch(t *testing.T) {
	for _, c := range []struct {
		pattern, path, id string
		is                bool
	}{
		{"/v3/chats", "/v3/chats", "", true},
		{"/v3/chats", "/v3/chats/", "", false},
		{"/v3/chats", "/v3", "", false},
		{"/v3/chats/{id}", "/v3/chats/a", "a", true},
		{"/v3/chats/{id}", "/v3/chats/", "", false},
		{"/v3/chats/{id}", "/v3/chats/a/b", "", false},
		{"/v3/chats/{id}/read", "/v3/chats/{id}/read", "", true},
		{"/v3/chats/{id}/read", "/v3/chats//read", "", false},
		{"/a/{id}/b/{id}", "/a/x/b/y", "x", true},
		{"/a/{id}/b/{id}", "/a/x/b/", "", false},
		{"/v3/chats", "", "", false},
	} {
		id, is := match(c.pattern, c.path)
		require.Equal(t, c.is, is, "%s %s", c.pattern, c.path)
		if is {
			require.Equal(t, c.id, id)
		}
	}
}
