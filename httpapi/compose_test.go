package httpapi_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline"
	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

const hello = `"message":{"parts":[{"type":"text","value":"hello"}]}`

// Sends that name their line, and those that name their chat, are answered in
// the vendor's form, and keep keys.
func TestNamedLineAndChat(t *testing.T) {
	r := newRig(t)
	create := func(from string) string { return `{"from":"` + from + `","to":["` + person + `"],` + hello + `}` }
	first := r.do(t, "POST", "/v3/chats", create(lines[2]), "Idempotency-Key", "k")
	require.Equal(t, 201, first.status, first.text)
	chat := first.body["chat"].(map[string]any)
	id := chat["id"].(string)
	require.Equal(t, person, chat["display_name"])
	handles := chat["handles"].([]any)
	require.Equal(t, lines[2], handles[len(handles)-1].(map[string]any)["handle"])

	again := r.do(t, "POST", "/v3/chats", create(lines[2]), "Idempotency-Key", "k")
	require.Equal(t, []any{201, first.text, "true"}, []any{again.status, again.text, again.header.Get("Idempotent-Replayed")})
	other := r.do(t, "POST", "/v3/chats", create(lines[1]), "Idempotency-Key", "k")
	require.Equal(t, []any{400, 1005}, []any{other.status, other.code()})
	same := r.do(t, "POST", "/v3/chats", create(lines[2]))
	require.Equal(t, id, same.body["chat"].(map[string]any)["id"])

	into := "/v3/chats/" + id + "/messages"
	sent := r.do(t, "POST", into, `{`+hello+`}`, "Idempotency-Key", "m")
	require.Equal(t, []any{202, id}, []any{sent.status, sent.body["chat_id"]}, sent.text)
	replay := r.do(t, "POST", into, `{`+hello+`}`, "Idempotency-Key", "m")
	require.Equal(t, []any{sent.text, "true"}, []any{replay.text, replay.header.Get("Idempotent-Replayed")})
	link := r.do(t, "POST", into, `{"message":{"parts":[{"type":"link","value":"https://example.com/"}]}}`)
	require.Equal(t, 202, link.status, "a chat that exists takes links")

	for _, path := range []string{"typing", "read", "share_contact_card"} {
		require.Equal(t, 204, r.do(t, "POST", "/v3/chats/"+id+"/"+path, "").status, path)
		require.Equal(t, 404, r.do(t, "POST", "/v3/chats/"+uuid.NewString()+"/"+path, "").status, path)
	}
	require.Equal(t, 204, r.do(t, "DELETE", "/v3/chats/"+id+"/typing", "").status)

	require.NoError(t, r.store.Apply(t.Context(), tenant, []store.Event{store.LineLeft{Chat: uuid.MustParse(id)}}))
	for _, path := range []string{"messages", "typing"} {
		left := r.do(t, "POST", "/v3/chats/"+id+"/"+path, `{`+hello+`}`)
		require.Equal(t, []any{409, 2013, "false"}, []any{left.status, left.code(), left.header.Get("X-Should-Retry")}, path)
	}
}

// What is wrong with such a send is told by its own code.
func TestNamedLineRefused(t *testing.T) {
	r := newRig(t)
	require.NoError(t, r.fleet.PutLine(tenant, line.Line{ID: "a", Number: recipients.MustParse(lines[0]), Status: line.Flagged}))
	for name, c := range map[string]struct {
		path, body string
		status     int
		code       int
	}{
		"another tenant's line": {"/v3/chats", `{"from":"+442071838750","to":["` + person + `"],` + hello + `}`, 403, 2006},
		"a flagged line":        {"/v3/chats", `{"from":"` + lines[0] + `","to":["` + person + `"],` + hello + `}`, 403, 2027},
		"no line":               {"/v3/chats", `{"to":["` + person + `"],` + hello + `}`, 400, 1001},
		"null for a line":       {"/v3/chats", `{"from":null,"to":["` + person + `"],` + hello + `}`, 400, 1001},
		"no number":             {"/v3/chats", `{"from":"x","to":["` + person + `"],` + hello + `}`, 400, 1002},
		"no text":               {"/v3/chats", `{"from":1,"to":["` + person + `"],` + hello + `}`, 400, 1003},
		"excluded lines":        {"/v3/chats", `{"from":"` + lines[1] + `","exclude_from":[],"to":["` + person + `"],` + hello + `}`, 400, 1005},
		"a link first":          {"/v3/chats", `{"from":"` + lines[1] + `","to":["` + person + `"],"message":{"parts":[{"type":"text","value":"see https://example.com/"}]}}`, 400, 1005},
		"people for a chat":     {"/v3/chats/" + uuid.NewString() + "/messages", `{"to":["` + person + `"],` + hello + `}`, 400, 1005},
		"an unknown chat":       {"/v3/chats/" + uuid.NewString() + "/messages", `{` + hello + `}`, 404, 2001},
		"no id":                 {"/v3/chats/x/messages", `{` + hello + `}`, 404, 2001},
	} {
		t.Run(name, func(t *testing.T) {
			a := r.do(t, "POST", c.path, c.body)
			require.Equal(t, []any{c.status, c.code}, []any{a.status, a.code()}, a.text)
		})
	}
}

// Each fault of such a send says how to mend it, and a send that names its chat
// lists all of its faults, as every other does.
func TestNamedLineSaysHowToMend(t *testing.T) {
	r := newRig(t)
	sent := r.do(t, "POST", "/v3/chats", `{"from":"`+lines[2]+`","to":["`+person+`"],`+hello+`}`)
	id := at(sent.body, "chat", "id").(string)
	chats, into := "/v3/chats", "/v3/chats/"+id+"/messages"
	for name, c := range map[string]struct {
		path, body string
		want       []string // of each fault: pointer, rule, and words of its message
	}{
		"a line with blanks":    {chats, `{"from":"+1 205 253 5597","to":["` + person + `"],` + hello + `}`, []string{"/from phone.space +12052535597"}},
		"a line without plus":   {chats, `{"from":"2052535597","to":["` + person + `"],` + hello + `}`, []string{"/from phone.plus write +"}},
		"an address":            {chats, `{"from":"us@example.com","to":["` + person + `"],` + hello + `}`, []string{"/from exclude_from.phone the number of a line"}},
		"excluded lines":        {chats, `{"from":"` + lines[1] + `","exclude_from":[],"to":["` + person + `"],` + hello + `}`, []string{"/exclude_from member.unknown POST /v3/messages takes exclude_from"}},
		"a continuation":        {chats, `{"from":"` + lines[1] + `","continuation_message":{"text":"x"},"to":["` + person + `"],` + hello + `}`, []string{"/continuation_message member.unknown never fails over"}},
		"people for a chat":     {into, `{"to":["` + person + `"],` + hello + `}`, []string{"/to member.unknown the path names the chat"}},
		"people, and a mention": {into, `{"to":["` + person + `"],"message":{"parts":[{"type":"text","value":"hi","mention":"` + person + `"}]}}`, []string{"/to member.unknown"}},
		"a line for a chat":     {into, `{"from":"` + lines[1] + `",` + hello + `}`, []string{"/from member.from the line of the chat sends"}},
		"all that is no chat's": {into, `{"to":[],"from":"x","exclude_from":[],"continuation_message":{"text":"x"},"message":{"parts":[]}}`, []string{
			"/to member.unknown", "/from member.from", "/continuation_message member.unknown", "/exclude_from member.unknown", "/message/parts list.count"}},
	} {
		t.Run(name, func(t *testing.T) {
			a := r.do(t, "POST", c.path, c.body)
			require.Equal(t, 400, a.status, a.text)
			list, _ := at(a.body, "error", "violations").([]any)
			require.Len(t, list, len(c.want), a.text)
			for i, want := range c.want {
				pointer, rest, _ := strings.Cut(want, " ")
				rule, words, _ := strings.Cut(rest, " ")
				require.Equal(t, []any{pointer, rule}, []any{at(list[i], "pointer"), at(list[i], "rule")}, a.text)
				require.Contains(t, at(list[i], "message"), words)
			}
		})
	}
	require.NoError(t, r.store.Apply(t.Context(), tenant, []store.Event{store.LineLeft{Chat: uuid.MustParse(id)}}))
	left := r.do(t, "POST", "/v3/chats/"+id+"/read", "")
	require.Equal(t, []any{409, 2013, "false"}, []any{left.status, left.code(), left.header.Get("X-Should-Retry")})
	require.Contains(t, left.text, "our line has left this chat")
}

// A send into a chat is refused at the whole request for what its path says:
// its body names neither a line nor people.
func TestRefusalsIntoAChatPointAtNoMissingMember(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*rig, *setup)
		before func(*rig)
		code   int
	}{
		"a flagged line":       {nil, func(r *rig) { r.flag(t, lines[0]) }, 2027},
		"opted out, kept":      {blocks, func(r *rig) { r.change(t, store.ConsentChange{OptedOut: new(true)}) }, 2024},
		"blocked, kept":        {blocks, func(r *rig) { r.change(t, store.ConsentChange{Blocked: new(true)}) }, 2026},
		"not on the list":      {listed, nil, 2008},
		"opted out, by a gate": {gated(fromline.OptedOut), nil, 2024},
	} {
		t.Run(name, func(t *testing.T) {
			var changes []func(*rig, *setup)
			if c.change != nil {
				changes = append(changes, c.change)
			}
			r := newRig(t, changes...)
			set, err := recipients.NewSet(recipients.MustParse(person))
			require.NoError(t, err)
			seen := store.ChatSeen{ID: uuid.New(), Line: recipients.MustParse(lines[0]), Participants: set, CreatedAt: time.Now().Add(-time.Hour)}
			require.NoError(t, r.store.Apply(t.Context(), tenant, []store.Event{seen}))
			if c.before != nil {
				c.before(r)
			}
			a := r.do(t, "POST", "/v3/chats/"+seen.ID.String()+"/messages", `{`+hello+`}`)
			require.Equal(t, []int{403, c.code}, []int{a.status, a.code()}, a.text)
			v := at(a.body, "error").(map[string]any)["violations"].([]any)[0].(map[string]any)
			assert.Empty(t, v["pointer"])
			assert.NotEmpty(t, v["rule"])
			assert.NotContains(t, a.text, "(at /")
		})
	}
}
