package httpapi_test

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

func listed(_ *rig, s *setup) { s.routing.Consents = fromline.ConsentRules{AllowList: true} }

// change keeps a word about the person.
func (r *rig) change(t testing.TB, change store.ConsentChange) {
	t.Helper()
	change.At = r.now
	_, _, err := r.store.ChangeConsent(t.Context(), tenant, recipients.MustParse(person), change)
	require.NoError(t, err)
}

// parameters are those of the query that the document has, by their path.
func (c *contract) parameters(t testing.TB) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	for path := range c.at(t, "paths") {
		for _, operation := range c.at(t, "paths", path) {
			list, _ := operation.(map[string]any)["parameters"].([]any)
			for _, p := range list {
				if p := p.(map[string]any); p["in"] == "query" {
					found[path] = append(found[path], p["name"].(string))
				}
			}
		}
	}
	return found
}

// Every parameter of every endpoint is refused where it is empty, garbage,
// there twice or too long, and the answer names the parameter and says how to
// mend it. What may be so, because it chooses nothing or is a list, is listed
// here.
func TestEveryParameterSaysWhatIsWrong(t *testing.T) {
	r := newRig(t)
	values := map[string][]string{
		"empty":           {""},
		"garbage":         {"abc?"},
		"no number":       {"12"},
		"a null":          {"null"},
		"a NUL":           {"\x00"},
		"no UTF-8":        {"\xff"},
		"many pluses":     {"++14155559876"},
		"twice":           {"12", "13"},
		"too long":        {strings.Repeat("9", 5000)},
		"too long a text": {strings.Repeat("é", 5000)},
		"too many":        slices.Repeat([]string{person}, 1001),
	}
	taken := map[string]bool{ // these have an answer
		"cursor empty": true, "limit empty": true, // as if not given: the first page, of 20
		"limit no number": true, // it is one
	}
	asked := 0
	for path, names := range r.contract.parameters(t) {
		for _, name := range names {
			for kind, list := range values {
				asked++
				a := r.do(t, "GET", path+"?"+url.Values{name: list}.Encode(), "")
				what := path + ": " + name + " " + kind
				if taken[name+" "+kind] && a.status == 200 {
					continue
				}
				require.Equal(t, 400, a.status, "%s: %s", what, a.text)
				require.Contains(t, []int{1002, 1005}, a.code(), what)
				violations := at(a.body, "error").(map[string]any)["violations"].([]any)
				for _, v := range violations {
					pointer, message := at(v, "pointer").(string), at(v, "message").(string)
					require.True(t, pointer == "/"+name || strings.HasPrefix(pointer, "/"+name+"/"), "%s: at %q", what, pointer)
					require.Greater(t, len(strings.Fields(message)), 3, "%s: it says how to mend it: %q", what, message)
					require.Less(t, len(message), 300, "%s: it does not repeat all of it", what)
				}
			}
		}
	}
	require.Equal(t, 7*len(values), asked, "the parameters of the document")
}

// A parameter that is like a known one is refused with what was meant: it would
// choose nothing, and all that there is would be the answer. Others are left
// alone, as the vendor adds to them.
func TestMisspeltParametersAreTold(t *testing.T) {
	r := newRig(t)
	for query, meant := range map[string]string{
		"/v3/chats?form=" + person: "from", "/v3/chats?From=1": "from", "/v3/chats?TO=1": "to", "/v3/chats?limits=2": "limit", "/v3/chats?curser=x": "cursor",
		"/v3/available_number?exclude_form=1": "exclude_from", "/v3/available_number?exclude-from=1": "exclude_from", "/v3/available_number?typ=RCS": "type",
	} {
		a := r.do(t, "GET", query, "")
		require.Equal(t, []int{400, 1005}, []int{a.status, a.code()}, "%s: %s", query, a.text)
		v := at(a.body, "error").(map[string]any)["violations"].([]any)[0]
		assert.Equal(t, []any{"member.unknown", meant}, []any{at(v, "rule"), at(v, "nearest")}, query)
	}
	for _, query := range []string{"/v3/chats?sort=asc", "/v3/chats?utm_source=x", "/v3/chats?t=1700000000", "/v3/chats?ts=1&_=2&page=3", "/v3/available_number?region=US", "/v3/available_number?limit=1"} {
		require.Equal(t, 200, r.do(t, "GET", query, "").status, query)
	}
}

// The members of the body that blocks a person are told likewise.
func TestMisspeltMembersOfABlockAreTold(t *testing.T) {
	r := newRig(t, blocks)
	for body, meant := range map[string]string{`{"handel":"` + person + `"}`: "handle", `{"handle":"` + person + `","reasons":""}`: "reason"} {
		a := r.do(t, "POST", "/v3/blocked_handles", body)
		require.Equal(t, []int{400, 1005}, []int{a.status, a.code()}, a.text)
		assert.Equal(t, meant, at(at(a.body, "error").(map[string]any)["violations"].([]any)[0], "nearest"), body)
	}
}

// A value that is none of the known names is answered with these, each of them
// or, where they are many, with where they are listed.
func TestUnknownNamesAreAnsweredWithTheKnownOnes(t *testing.T) {
	r := newRig(t)
	part := func(more string) string {
		return `{"to":["` + person + `"],"message":{"parts":[{"type":"text","value":"Hello!"` + more + `}]}}`
	}
	message := func(more string) string {
		return `{"to":["` + person + `"],"message":{"parts":[{"type":"text","value":"Hello!"}],` + more + `}}`
	}
	bodies := map[string]string{
		"preferred_service": message(`"preferred_service":"zzz"`),
		"type of effect":    message(`"effect":{"type":"zzz"}`),
		"screen effects":    message(`"effect":{"type":"screen","name":"zzz"}`),
		"bubble effects":    message(`"effect":{"type":"bubble","name":"zzz"}`),
		"effects":           message(`"effect":{"name":"zzz"}`),
		"style":             part(`,"text_decorations":[{"range":[0,1],"style":"zzz"}]`),
		"animation":         part(`,"text_decorations":[{"range":[0,1],"animation":"zzz"}]`),
		"part":              `{"to":["` + person + `"],"message":{"parts":[{"type":"zzz"}]}}`,
	}
	known := map[string]string{
		"preferred_service": "iMessage, RCS, SMS", "type of effect": "screen, bubble", "bubble effects": "slam, loud, gentle, invisible",
		"screen effects": "confetti, fireworks, lasers, sparkles, celebration, hearts, love, balloons, happy_birthday, echo, spotlight",
		"effects":        "the 15 known names, which the page behind doc_url lists",
		"style":          "bold, italic, strikethrough, underline", "animation": "big, small, shake, nod, explode, ripple, bloom, jitter",
		"part": "text, media, link, imessage_app, app_clip",
	}
	require.ElementsMatch(t, slices.Collect(maps.Keys(bodies)), slices.Collect(maps.Keys(known)))
	for name, body := range bodies {
		a := r.do(t, "POST", "/v3/messages", body)
		require.Equal(t, []int{400, 1005}, []int{a.status, a.code()}, "%s: %s", name, a.text)
		assert.Contains(t, at(a.body, "error", "message"), "'zzz' is not one of "+known[name], name)
	}
	page := r.get(t, "/error/codes/1xxx/1005/").text
	for _, name := range strings.Split(known["screen effects"]+", "+known["bubble effects"], ", ") {
		assert.Contains(t, page, name)
	}
	a := r.do(t, "GET", "/v3/available_number?type=zzz", "")
	assert.Contains(t, at(a.body, "error", "message"), "'zzz' is not one of iMessage, RCS")
}

// A send that is stopped for its people says what lifts that: whether the
// server keeps it, or the program around the server.
func TestWhoIsNotWrittenToSaysWhatLiftsIt(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*rig, *setup)
		before func(*rig)
		code   int
		says   string
	}{
		"opted out, kept":     {blocks, func(r *rig) { r.change(t, store.ConsentChange{OptedOut: new(true)}) }, 2024, "override_optout"},
		"blocked, kept":       {blocks, func(r *rig) { r.change(t, store.ConsentChange{Blocked: new(true)}) }, 2026, "DELETE /v3/blocked_handles"},
		"not on the list":     {listed, nil, 2008, "Router.ChangeConsent"},
		"opted out, the gate": {gated(fromline.OptedOut), nil, 2024, "override_optout"},
		"blocked, the gate":   {gated(fromline.Blocked), nil, 2026, "those who run the server"},
		"not allowed, a gate": {gated(fromline.NotAllowed), nil, 2008, "those who run the server"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, c.change)
			if c.before != nil {
				c.before(r)
			}
			a := r.do(t, "POST", "/v3/messages", text(person, "hi"))
			require.Equal(t, []int{403, c.code}, []int{a.status, a.code()}, a.text)
			assert.Contains(t, at(a.body, "error", "message"), c.says)
			v := at(a.body, "error").(map[string]any)["violations"].([]any)[0]
			assert.Equal(t, "/to", at(v, "pointer"))
			assert.NotContains(t, a.text, person, "it names nobody")
		})
	}
}
