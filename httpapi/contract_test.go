package httpapi_test

import (
	"bytes"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/fault"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// contract is docs/openapi.json: what is served, and the schemas of every body,
// written from the page of the endpoint.
type contract struct {
	doc      map[string]any
	compiler *jsonschema.Compiler
}

const openAPI = "../docs/openapi.json"

func loadContract(t testing.TB) *contract {
	t.Helper()
	f, err := os.Open(openAPI)
	require.NoError(t, err)
	defer f.Close()
	doc, err := jsonschema.UnmarshalJSON(f)
	require.NoError(t, err)
	c := &contract{doc: doc.(map[string]any), compiler: jsonschema.NewCompiler()}
	c.compiler.AssertFormat()
	require.NoError(t, c.compiler.AddResource("openapi.json", doc))
	return c
}

// at follows keys into the document, through references.
func (c *contract) at(t testing.TB, keys ...string) map[string]any {
	t.Helper()
	place := c.doc
	for _, key := range keys {
		next, ok := place[key].(map[string]any)
		require.True(t, ok, "%s has no %v", openAPI, keys)
		if to, is := next["$ref"].(string); is {
			next = c.at(t, strings.Split(strings.TrimPrefix(to, "#/"), "/")...)
		}
		place = next
	}
	return place
}

func (c *contract) schema(t testing.TB, name string) *jsonschema.Schema {
	t.Helper()
	s, err := c.compiler.Compile("openapi.json#/components/schemas/" + name)
	require.NoError(t, err)
	return s
}

// path returns the templated path that a request is for, "" if there is none.
func (c *contract) path(url string) string {
	path, _, _ := strings.Cut(url, "?")
	if id, is := strings.CutPrefix(path, "/v3/chats/"); is && id != "" && !strings.Contains(id, "/") {
		return "/v3/chats/{id}"
	}
	if rest, is := strings.CutPrefix(path, "/v3/chats/"); is {
		if _, action, cut := strings.Cut(rest, "/"); cut && c.doc["paths"].(map[string]any)["/v3/chats/{id}/"+action] != nil {
			return "/v3/chats/{id}/" + action
		}
	}
	if id, is := strings.CutPrefix(path, "/v3/messages/"); is && id != "" && !strings.Contains(id, "/") {
		return "/v3/messages/{id}"
	}
	for code := range fault.Codes() {
		if strings.TrimSuffix(path, "/")+"/" == code.DocPath() {
			return "/error/codes/{kind}/{code}/"
		}
	}
	if strings.HasPrefix(path, "/guides/") {
		path = strings.TrimSuffix(path, "/") // pages are served with and without a slash at their end
	}
	if paths := c.doc["paths"].(map[string]any); paths[path] != nil {
		return path
	}
	return ""
}

// check holds an answer to the document: the status is one of the operation,
// the body fits the schema of the status, and the headers are there.
func (c *contract) check(t testing.TB, method, url string, status int, header http.Header, body []byte) {
	t.Helper()
	require.Regexp(t, "^[0-9a-f]{32}$", header.Get("X-Trace-ID"))
	media, _, _ := strings.Cut(header.Get("Content-Type"), ";")
	path := c.path(url)
	if refused := isUnserved(body); path == "" || refused {
		if !refused {
			require.Equal(t, http.StatusNotFound, status, "%s is not in the document", url)
		}
		require.Equal(t, "application/json", media)
		c.validate(t, "Error", body)
		return
	}
	var response map[string]any
	if operation, has := c.at(t, "paths", path)[strings.ToLower(method)].(map[string]any); has {
		responses := operation["responses"].(map[string]any)
		require.Contains(t, responses, strconv.Itoa(status), "%s %s never answers this by the document", method, url)
		response = c.at(t, "paths", path, strings.ToLower(method), "responses", strconv.Itoa(status))
	} else {
		require.Equal(t, http.StatusMethodNotAllowed, status, "%s %s is not in the document", method, url)
		response = c.at(t, "components", "responses", "MethodNotAllowed")
	}
	for name, h := range response["headers"].(map[string]any) {
		c.checkHeader(t, name, h.(map[string]any)["$ref"].(string), header)
	}
	for name := range header {
		switch name {
		case "X-Trace-Id", "Content-Type", "Content-Length", "Cache-Control", "X-Content-Type-Options", "Date", "Connection", "Accept":
		default:
			documented := false
			for other := range response["headers"].(map[string]any) {
				documented = documented || http.CanonicalHeaderKey(other) == name
			}
			require.True(t, documented, "%s %s %d has an undocumented header %s", method, url, status, name)
		}
	}
	if response["content"] == nil {
		require.Empty(t, body, "%s %s %d has no body by the document", method, url, status)
		return
	}
	require.Contains(t, response["content"], media, "%s %s %d has another type by the document", method, url, status)
	if media == "text/html" {
		return
	}
	content := response["content"].(map[string]any)[media].(map[string]any)["schema"].(map[string]any)["$ref"].(string)
	c.validate(t, content[strings.LastIndexByte(content, '/')+1:], body)
}

// isUnserved says whether an answer is the one to what the vendor serves and we
// do not: no document of ours has it.
func isUnserved(body []byte) bool {
	return bytes.Contains(body, []byte("Feature not available: fromline does not serve "))
}

func (c *contract) checkHeader(t testing.TB, name, to string, header http.Header) {
	t.Helper()
	h := c.at(t, strings.Split(strings.TrimPrefix(to, "#/"), "/")...)
	if header.Get(name) == "" {
		require.NotEqual(t, true, h["required"], "the header %s is missing", name)
		return
	}
	s, err := c.compiler.Compile("openapi.json" + to + "/schema")
	require.NoError(t, err)
	require.NoError(t, s.Validate(header.Get(name)), name)
}

func (c *contract) validate(t testing.TB, schema string, body []byte) {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	require.NoError(t, err, "%s", body)
	require.NoError(t, c.schema(t, schema).Validate(value), "%s", body)
}

func valueOf(t testing.TB, text string) any {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	require.NoError(t, err)
	return v
}

// TestDocumentIsWhatIsServed says that every operation of the document is
// served, every other method is refused, and every example is accepted.
func TestDocumentIsWhatIsServed(t *testing.T) {
	r := newRig(t, blocks)
	known, err := recipients.Canonicalize([]string{person})
	require.NoError(t, err)
	require.NoError(t, r.store.Apply(t.Context(), tenant, []store.Event{store.ChatSeen{
		ID: uuid.MustParse("550e8400-e29b-41d4-a716-446655440000"), Line: recipients.MustParse(lines[2]), Participants: known, CreatedAt: r.now,
	}}))
	for path, item := range r.contract.doc["paths"].(map[string]any) {
		url := strings.NewReplacer("{id}", "550e8400-e29b-41d4-a716-446655440000", "{kind}", "1xxx", "{code}", "1001").Replace(path)
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"} {
			operation, has := item.(map[string]any)[strings.ToLower(method)].(map[string]any)
			body := ""
			if has && operation["requestBody"] != nil {
				body = "{}"
			}
			a := r.do(t, method, url, body)
			require.Equal(t, !has, a.status == http.StatusMethodNotAllowed || isUnserved([]byte(a.text)), "%s %s", method, path)
			require.False(t, a.status == http.StatusNotFound && a.code() == 1003, "%s %s is not served", method, path)
			if !has {
				continue
			}
			if body == "" {
				continue
			}
			examples := r.contract.at(t, "paths", path, strings.ToLower(method), "requestBody", "content", "application/json", "examples")
			schema := strings.TrimPrefix(operation["requestBody"].(map[string]any)["content"].(map[string]any)["application/json"].(map[string]any)["schema"].(map[string]any)["$ref"].(string), "#/components/schemas/")
			require.NotEmpty(t, examples)
			for name, e := range examples {
				text := jsonOf(t, e.(map[string]any)["value"])
				r.contract.validate(t, schema, []byte(text))
				require.Less(t, r.do(t, method, url, text).status, 300, name)
			}
		}
	}
}
