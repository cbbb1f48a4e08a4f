package httpapi_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/internal/corpus"
)

// rawRequest is a request as it goes over the wire: no client library sees to
// it that it makes sense.
type rawRequest struct {
	Method, Path, Authorization, ContentType, Key, Body string
}

// post is a request of a tenant that makes sense as far as its body does.
func post(token, path, body, key string) rawRequest {
	return rawRequest{"POST", path, "Bearer " + token, "application/json", key, body}
}

// appendTo appends the bytes of the request. What would end a line early is
// left out: where a request ends is the business of TestHostileConnections.
func (r *rawRequest) appendTo(out []byte) []byte {
	line := func(text string) string {
		return strings.Map(func(c rune) rune {
			if c == '\r' || c == '\n' {
				return -1
			}
			return c
		}, text)
	}
	out = fmt.Appendf(out, "%s %s HTTP/1.1\r\nHost: x\r\n", line(r.Method), strings.ReplaceAll(line(r.Path), " ", "%20"))
	for _, header := range [][2]string{{"Authorization", r.Authorization}, {"Content-Type", r.ContentType}, {"Idempotency-Key", r.Key}} {
		if header[1] != "" {
			out = fmt.Appendf(out, "%s: %s\r\n", header[0], line(header[1]))
		}
	}
	return fmt.Appendf(out, "Content-Length: %d\r\n\r\n%s", len(r.Body), r.Body)
}

// malformer makes malformed requests out of the seeds of the fuzz targets.
type malformer struct {
	Seeds []rawRequest
	Found int // of these, what the fuzzer found on this machine
}

// newMalformer collects the seeds of all fuzz targets that read requests, and
// where it is told so what the fuzzer found besides.
func newMalformer(t testing.TB, alsoFound bool) *malformer {
	t.Helper()
	m := &malformer{}
	send := func(body, key string) { m.Seeds = append(m.Seeds, post(token2, "/v3/messages", body, key)) }
	report := func(body string) { m.Seeds = append(m.Seeds, post(token2, "/v3/events", body, "")) }
	visit := func(method, path string) {
		m.Seeds = append(m.Seeds, rawRequest{Method: method, Path: path, Authorization: "Bearer " + token2})
	}
	for _, row := range corpus.AllMalformed() {
		body, _ := row.Body()
		send(body, "")
	}
	for _, body := range corpus.Requests() {
		send(body, "")
	}
	for _, seed := range sendSeeds(t, loadContract(t)) {
		send(seed[0], seed[1])
	}
	for _, body := range eventSeeds(time.Now()) {
		report(body)
	}
	for _, path := range pathSeeds() {
		visit("GET", path)
	}
	if !alsoFound {
		return m
	}
	begun := len(m.Seeds)
	for _, target := range [][2]string{{"message", "FuzzDecode"}, {"validate", "FuzzRequest"}, {"httpapi", "FuzzMessages"}, {"httpapi", "FuzzEvents"}, {"httpapi", "FuzzPaths"}} {
		entries, err := corpus.Found("..", target[0], target[1])
		require.NoError(t, err)
		for _, entry := range entries {
			entry = append(entry, "", "")
			switch target[1] {
			case "FuzzEvents":
				report(entry[0])
			case "FuzzPaths":
				visit(entry[0], entry[1])
			default:
				send(entry[0], entry[1])
			}
		}
	}
	m.Found = len(m.Seeds) - begun
	return m
}

// large is the length of a body from which on it is sent seldom, about once in
// a thousand requests: what is measured is the work on requests and not the
// speed of the network.
const large = 16 << 10

// next returns a seed, as it is or spoilt further.
func (m *malformer) next(r *rand.Rand) rawRequest {
	request := m.Seeds[r.IntN(len(m.Seeds))]
	for len(request.Body) > large && r.IntN(50) > 0 {
		request = m.Seeds[r.IntN(len(m.Seeds))]
	}
	for range r.IntN(4) {
		request.Body = m.spoil(r, request.Body)
	}
	switch r.IntN(40) {
	case 0:
		request.ContentType = []string{"", "text/plain", "application/jsonx", "application/json; charset=utf-16", ";;;"}[r.IntN(5)]
	case 1:
		request.Authorization = []string{"", "Bearer", "Bearer x", "Basic " + token2, strings.Repeat("Bearer ", 100)}[r.IntN(5)]
	case 2:
		request.Key = strings.Repeat("k", 256+r.IntN(1000))
	case 3:
		request.Path = m.spoil(r, request.Path)
	case 4:
		request.Method = []string{"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "post", "P\x00ST", ""}[r.IntN(8)]
	}
	return request
}

// spoil changes a text in one place.
func (m *malformer) spoil(r *rand.Rand, text string) string {
	if text == "" {
		return "\x00"
	}
	from := r.IntN(len(text))
	to := from + r.IntN(min(64, len(text)-from)+1)
	switch r.IntN(7) {
	case 0:
		return text[:from]
	case 1:
		return text[:from] + text[to:]
	case 2:
		return text[:to] + text[from:]
	case 3:
		return text[:from] + string([]byte{byte(r.Uint32())}) + text[min(from+1, len(text)):]
	case 4:
		return text[:from] + string([]byte{text[from] ^ 1<<r.IntN(8)}) + text[from+1:]
	case 5:
		words := []string{"\x00", "\xff", "null", "-1", "[[[[", `"\ud800"`, "1e999", `,"a":1,"a":2`, `{"to":[`, "é", "💥", `"`, ","}
		return text[:from] + words[r.IntN(len(words))] + text[to:]
	}
	other := m.Seeds[r.IntN(len(m.Seeds))].Body
	if len(other) > large {
		return text
	}
	return text[:from] + other[r.IntN(len(other)+1):]
}
