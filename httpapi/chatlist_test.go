package httpapi_test

import (
	"context"
	"encoding/base64"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fromline/fromline/line"
	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

// chats returns the ids of all chats that a query lists, page by page.
func (r *rig) chats(t testing.TB, query string) (ids []string) {
	t.Helper()
	for cursor := ""; ; {
		a := r.do(t, "GET", "/v3/chats?"+query+"&cursor="+url.QueryEscape(cursor), "")
		require.Equal(t, 200, a.status, a.text)
		page := a.body["chats"].([]any)
		for _, c := range page {
			ids = append(ids, c.(map[string]any)["id"].(string))
		}
		next, more := a.body["next_cursor"].(string)
		if !more {
			return ids
		}
		require.NotEmpty(t, page, "clients stop at an empty page")
		cursor = next
	}
}

// Every chat is listed once, whatever the size of the pages, by line, by
// person, by both; of a person those in which they take part.
func TestChatsAreListed(t *testing.T) {
	r := newRig(t)
	people := []string{person, "+14155550101", "ann@example.com"}
	type known struct {
		id, line string
		people   []string
	}
	var all []known
	for i := range 24 {
		to := people[:1+i%3]
		if i%4 == 3 {
			to = people[2:]
		}
		set, err := recipients.Canonicalize(to)
		require.NoError(t, err)
		c := known{uuid.NewString(), lines[i%2], to}
		require.NoError(t, r.store.Apply(t.Context(), tenant, []store.Event{store.ChatSeen{
			ID: uuid.MustParse(c.id), Line: recipients.MustParse(c.line), Participants: set, CreatedAt: r.now}}))
		if i == 20 { // a group that one of them leaves
			require.NoError(t, r.store.Apply(t.Context(), tenant, []store.Event{store.ParticipantRemoved{Chat: uuid.MustParse(c.id), Handle: recipients.MustParse(people[2])}}))
			c.people = people[:2]
		}
		all = append(all, c)
	}
	want := func(line, who string) (ids []string) {
		for _, c := range all {
			if (line == "" || c.line == line) && (who == "" || slices.Contains(c.people, who)) {
				ids = append(ids, c.id)
			}
		}
		slices.Sort(ids)
		return ids
	}
	for _, limit := range []string{"", "&limit=1", "&limit=5", "&limit=24", "&limit=100"} {
		assert.Equal(t, want("", ""), r.chats(t, limit))
		for _, from := range []string{lines[0][1:], url.QueryEscape(lines[0]), lines[0]} {
			assert.Equal(t, want(lines[0], ""), r.chats(t, "from="+from+limit))
		}
		for _, who := range people {
			assert.Equal(t, want("", who), r.chats(t, "to="+url.QueryEscape(who)+limit))
			assert.Equal(t, want(lines[1], who), r.chats(t, "to="+url.QueryEscape(who)+"&from="+url.QueryEscape(lines[1])+limit))
		}
	}
	assert.Empty(t, r.chats(t, "from="+url.QueryEscape(lines[2])))
	assert.Empty(t, r.chats(t, "to=nobody%40example.com"))
	assert.Equal(t, []any{}, r.do(t, "GET", "/v3/chats", "", "Authorization", "Bearer "+token2).body["chats"], "of another tenant")
	first := r.do(t, "GET", "/v3/chats?limit=1", "").body["chats"].([]any)[0]
	assert.Equal(t, r.do(t, "GET", "/v3/chats/"+want("", "")[0], "").body, first, "as it is shown alone")
}

// What a query says wrongly is told with its parameter.
func TestQueriesThatAreWrong(t *testing.T) {
	r := newRig(t)
	for query, want := range map[string]struct {
		code    int
		pointer string
	}{
		"/v3/chats?limit=0":                               {1005, "/limit"},
		"/v3/chats?limit=101":                             {1005, "/limit"},
		"/v3/chats?limit=x":                               {1005, "/limit"},
		"/v3/chats?limit=1&limit=2":                       {1005, "/limit"},
		"/v3/chats?cursor=x":                              {1005, "/cursor"},
		"/v3/chats?to=ann%40":                             {1005, "/to"},
		"/v3/chats?to=abc":                                {1002, "/to"},
		"/v3/chats?to=a%40example.com&to=b%40c.com":       {1005, "/to"},
		"/v3/chats?from=ann%40example.com":                {1002, "/from"},
		"/v3/chats?to=%zz":                                {1005, ""},
		"/v3/available_number?to=4155559876abc":           {1002, "/to/0"},
		"/v3/available_number?exclude_from=x":             {1002, "/exclude_from/0"},
		"/v3/available_number?exclude_from=a%40b.example": {1002, "/exclude_from/0"},
		"/v3/available_number?type=SMS":                   {1005, "/type"},
	} {
		a := r.do(t, "GET", query, "")
		require.Equal(t, []int{400, want.code}, []int{a.status, a.code()}, "%s: %s", query, a.text)
		assert.Equal(t, want.pointer, at(at(a.body, "error").(map[string]any)["violations"].([]any)[0], "pointer"), query)
	}
}

// available asks for a line, and returns it with all that the card lists.
func (r *rig) available(t testing.TB, query string) (line string, card []string) {
	t.Helper()
	a := r.do(t, "GET", "/v3/available_number?"+query, "")
	require.Equal(t, 200, a.status, a.text)
	text, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(a.body["vcf_url"].(string), "data:text/vcard;base64,"))
	require.NoError(t, err)
	for l := range strings.SplitSeq(string(text), "\r\n") {
		if number, is := strings.CutPrefix(l, "TEL;TYPE=CELL:"); is {
			card = append(card, number)
		}
	}
	line = a.body["phone_number"].(string)
	require.Equal(t, line, card[0])
	return line, card
}

// The line that is told is the one from which the next message goes out;
// nothing is written by asking.
func TestTheAvailableNumberIsTheNextOne(t *testing.T) {
	r := newRig(t)
	for i := range 12 {
		to := []string{person, "+442079460123", "ann@example.com", "+12055550" + string(rune('0'+i%10)) + "11"}[i%4]
		ask := "to=" + url.QueryEscape(to)
		line, card := r.available(t, ask)
		assert.Len(t, card, len(lines))
		for range 3 {
			again, _ := r.available(t, ask)
			require.Equal(t, line, again)
		}
		require.Equal(t, line, r.send(t, text(to, "hi")).body["from"])
	}
	sticky, _ := r.available(t, "to="+url.QueryEscape(person))
	other, _ := r.available(t, "to="+url.QueryEscape(person)+"&exclude_from="+sticky[1:])
	assert.NotEqual(t, sticky, other, "of a chat too")
	_, card := r.available(t, "exclude_from="+url.QueryEscape(lines[0]+","+lines[1])+"&exclude_from=%2B441632960000")
	assert.Equal(t, lines[2:], card)
	a := r.do(t, "GET", "/v3/available_number?exclude_from="+url.QueryEscape(strings.Join(lines, ",")), "")
	assert.Equal(t, []int{400, 1005}, []int{a.status, a.code()}, a.text)
	assert.Len(t, r.do(t, "GET", "/v3/chats?limit=100", "").body["chats"], 3+3, "asking opened no chat")
}

// Of a kind are iMessage lines, and those that serve RCS and not iMessage.
func TestTheAvailableNumberOfAKind(t *testing.T) {
	r := newRig(t)
	best, _ := r.available(t, "type=imessage")
	assert.Contains(t, lines, best)
	none := r.do(t, "GET", "/v3/available_number?type=RCS", "")
	assert.Equal(t, []int{503, 4004}, []int{none.status, none.code()}, none.text)
	assert.Contains(t, none.text, "leave type out")
	assert.Empty(t, none.header.Get("Retry-After"))
	assert.Equal(t, "false", none.header.Get("X-Should-Retry"), "a kind that there is not does not come by waiting")
	r.send(t, text(person, "hi"))
	var fleet []line.Line
	for i, n := range lines {
		l := line.Line{ID: string(rune('a' + i)), Number: recipients.MustParse(n)}
		if i == 2 {
			l.Services = line.Services(message.RCS, message.SMS)
		}
		fleet = append(fleet, l)
	}
	require.NoError(t, r.fleet.SetLines(tenant, fleet))
	for _, query := range []string{"type=rcs", "type=RCS&to=" + url.QueryEscape(person)} {
		_, card := r.available(t, query)
		assert.Equal(t, lines[2:], card)
	}
	_, card := r.available(t, "type=iMessage")
	assert.ElementsMatch(t, lines[:2], card)
}

func (a away) Chats(context.Context, string, recipients.Handle, recipients.Handle, uuid.UUID, int) ([]store.Chat, uuid.UUID, error) {
	return nil, uuid.Nil, a.err()
}

func (a away) Available(context.Context, string, recipients.Set, []recipients.Handle, message.Service) ([]recipients.Handle, error) {
	return nil, a.err()
}
