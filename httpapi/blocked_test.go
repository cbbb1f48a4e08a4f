package httpapi_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

func blocks(_ *rig, s *setup) {
	s.routing.Consents = fromline.ConsentRules{OptOuts: true, Blocks: true}
}

// blockedHandles are those that are shown, in their order.
func (r *rig) blockedHandles(t testing.TB, headers ...string) (handles []string) {
	t.Helper()
	a := r.do(t, "GET", "/v3/blocked_handles", "", headers...)
	require.Equal(t, 200, a.status, a.text)
	for _, b := range a.body["blocked_handles"].([]any) {
		handles = append(handles, b.(map[string]any)["handle"].(string))
	}
	return handles
}

// A block stops the person's messages until it is taken back, however the
// handle is written and however often either is said, and only for the tenant
// that said it.
func TestBlockedHandles(t *testing.T) {
	r := newRig(t, blocks)
	block := func(body string) answered { return r.do(t, "POST", "/v3/blocked_handles", body) }
	first := block(`{"handle":"Ann@Example.COM","reason":"asked us"}`)
	require.Equal(t, 201, first.status, first.text)
	assert.Equal(t, map[string]any{"handle": "ann@example.com", "reason": "asked us", "blocked_at": r.now.UTC().Format("2006-01-02T15:04:05.000Z")}, first.body["blocked_handle"])
	r.now = r.now.Add(time.Second)
	again := block(`{"handle":"ann@example.com","reason":"another"}`)
	assert.Equal(t, []any{200, first.text}, []any{again.status, again.text}, "the first block stands")
	require.Equal(t, 201, block(`{"handle":"`+person+`","reason":null}`).status)
	assert.Equal(t, []string{person, "ann@example.com"}, r.blockedHandles(t), "the latest first")
	assert.Empty(t, r.blockedHandles(t, "Authorization", "Bearer "+token2))

	stopped := r.do(t, "POST", "/v3/messages", text("ann@example.com", "hi"))
	assert.Equal(t, []int{403, 2026}, []int{stopped.status, stopped.code()})
	r.send(t, strings.Replace(text(person, "hi"), `"`+person+`"`, `"`+person+`","+14155550100"`, 1)) // not all of the group are blocked

	for range 2 {
		require.Equal(t, 204, r.do(t, "DELETE", "/v3/blocked_handles", `{"handle":"ANN@example.com"}`).status)
		assert.Equal(t, []string{person}, r.blockedHandles(t))
	}
	r.send(t, text("ann@example.com", "hi"))
	require.Equal(t, 204, r.do(t, "DELETE", "/v3/blocked_handles", `{"handle":"12345"}`).status, "who can never be blocked is not blocked")

	_, err := r.store.Forget(t.Context(), tenant, recipients.MustParse(person))
	require.NoError(t, err)
	assert.Empty(t, r.blockedHandles(t), "who was forgotten has no handle")
	assert.Equal(t, 2026, r.do(t, "POST", "/v3/messages", text(person, "hi")).code(), "and stays blocked")
}

// All are shown, of however many pages of the store.
func TestAllBlockedHandlesAreShown(t *testing.T) {
	r := newRig(t, blocks)
	yes := true
	for i := range store.MaxPage + 7 {
		h, err := recipients.FromDigits(uint64(14155550000 + i))
		require.NoError(t, err)
		_, _, err = r.store.ChangeConsent(t.Context(), tenant, h, store.ConsentChange{Blocked: &yes, At: r.now.Add(time.Duration(i%90) * time.Second)})
		require.NoError(t, err)
	}
	assert.Len(t, r.blockedHandles(t), store.MaxPage+7)
}

// What cannot be blocked is refused with its place.
func TestWhatCannotBeBlocked(t *testing.T) {
	r := newRig(t, blocks)
	for body, want := range map[string]struct {
		code    int
		pointer string
	}{
		``:                           {1003, ""},
		`{`:                          {1003, ""},
		`[]`:                         {1003, ""},
		`{} {}`:                      {1003, ""},
		`{"handle":7}`:               {1003, "/handle"},
		`{"handle":"a","handle":""}`: {1003, ""},
		strings.Repeat(`[`, 200):     {1003, ""},
		`{}`:                         {1001, "/handle"},
		`{"handle":null}`:            {1001, "/handle"},
		`{"handle":""}`:              {1002, "/handle"},
		`{"handle":"4155559876"}`:    {1002, "/handle"},
		`{"handle":"12345"}`:         {1002, "/handle"},
		`{"handle":"ACME"}`:          {1002, "/handle"},
		`{"handle":"ann@"}`:          {1005, "/handle"},
		`{"handle":"` + person + `","reason":"` + strings.Repeat("é", 257) + `"}`: {1005, "/reason"},
		`{"handle":"` + person + `","reason":"a\u0000"}`:                          {1005, "/reason"},
		`{"handle":"` + person + `","resaon":"x"}`:                                {1005, "/resaon"},
	} {
		a := r.do(t, "POST", "/v3/blocked_handles", body, "Content-Type", "application/json")
		require.Equal(t, []int{400, want.code}, []int{a.status, a.code()}, "%s: %s", body, a.text)
		pointer := at(at(a.body, "error").(map[string]any)["violations"].([]any)[0], "pointer")
		if want.pointer != "" {
			assert.Equal(t, want.pointer, pointer, body)
		}
	}
	assert.Empty(t, r.blockedHandles(t))
	longest := `{"handle":"` + person + `","reason":"` + strings.Repeat("😀", 256) + `"}`
	assert.Equal(t, 201, r.do(t, "POST", "/v3/blocked_handles", longest).status)
}

// A block that would stop nothing is refused, and a list that a Router cannot
// read is answered as what is away.
func TestBlocksThatMeanNothing(t *testing.T) {
	r := newRig(t)
	a := r.do(t, "POST", "/v3/blocked_handles", `{"handle":"`+person+`"}`)
	assert.Equal(t, []int{403, 2011}, []int{a.status, a.code()}, a.text)
	assert.Equal(t, 200, r.do(t, "GET", "/v3/blocked_handles", "").status)

	r = newRig(t, blocks, func(_ *rig, s *setup) { s.away = true })
	for method, body := range map[string]string{"GET": "", "POST": `{"handle":"` + person + `"}`, "DELETE": `{"handle":"` + person + `"}`} {
		a := r.do(t, method, "/v3/blocked_handles", body)
		assert.Equal(t, []int{503, 4004}, []int{a.status, a.code()}, method)
	}
}

// The chat of a person who opted out says so where the send was allowed
// nevertheless, in a replay too.
func TestHealthOfAnOptOutThatWasOverridden(t *testing.T) {
	r := newRig(t, blocks)
	yes := true
	_, _, err := r.store.ChangeConsent(t.Context(), tenant, recipients.MustParse(person), store.ConsentChange{OptedOut: &yes, At: r.now})
	require.NoError(t, err)
	body := `{"from":"` + lines[0] + `",` + text(person, "hi")[1:]
	assert.Equal(t, 2024, r.do(t, "POST", "/v3/chats", body, "Idempotency-Key", "k").code())
	for range 2 {
		a := r.do(t, "POST", "/v3/chats", `{"override_optout":true,`+body[1:], "Idempotency-Key", "k")
		require.Equal(t, 201, a.status, a.text)
		assert.Equal(t, "OPTED_OUT", at(a.body, "chat", "health_status", "status"))
		assert.Contains(t, at(a.body, "chat", "health_status", "doc_url"), "#opted-out")
	}
}

func (away) ChangeConsent(context.Context, string, recipients.Handle, store.ConsentChange) (store.Consent, bool, error) {
	return store.Consent{}, false, errors.New("away")
}

func (away) Consents(context.Context, string, recipients.Key, int) ([]store.Consent, recipients.Key, error) {
	return nil, recipients.Key{}, errors.New("away")
}
