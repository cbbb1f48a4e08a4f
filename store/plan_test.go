package store_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/fromline/fromline/message"
	"github.com/fromline/fromline/recipients"
	"github.com/fromline/fromline/store"
)

var reasons = []store.Reason{store.ReusedActiveChat, store.NewBestNumber, store.FailoverFlagged}

// anyPlan draws a plan that does not contradict itself, with a delivery.
func anyPlan(t *rapid.T) store.Plan {
	set := people(rapid.SampledFrom([][]recipients.Handle{{ann}, {ann, mail}, {mail}}).Draw(t, "people")...)
	p := store.Plan{
		Tenant: "acme", Set: set, Reason: rapid.SampledFrom(reasons).Draw(t, "reason"), Chat: uuid.UUID{1}, Line: number,
		NewChatLimit: rapid.IntRange(0, 2).Draw(t, "limit"), At: noon,
	}
	if p.Reason == store.FailoverFlagged {
		p.Abandoned = uuid.UUID{2}
	}
	p.Record = store.Record{
		Key: rapid.SampledFrom([]string{"", "k", strings.Repeat("é", store.MaxKey)}).Draw(t, "key"), MessageID: uuid.UUID{3},
		ChatID: p.Chat, PreviousChatID: p.Abandoned, Line: p.Line, Reason: p.Reason,
		At:        p.At.In(time.FixedZone("east", 3600)), // the same time
		KeepUntil: p.At.Add(rapid.SampledFrom([]time.Duration{0, 1, time.Hour}).Draw(t, "kept for")),
		Notes:     []string{"a.note"}, Attachments: []message.Media{{Filename: "a.png", MimeType: "image/png", URL: "https://example.com/a.png"}},
	}
	p.Delivery = &store.Delivery{MessageID: p.Record.MessageID, ChatID: p.Chat, From: p.Line, To: set, Reason: p.Reason}
	return p
}

// contradictions are what may be wrong in a plan, one at a time.
var contradictions = map[string]func(*store.Plan){
	"no tenant":                         func(p *store.Plan) { p.Tenant = "" },
	"no recipients":                     func(p *store.Plan) { p.Set, p.Delivery.To = recipients.Set{}, recipients.Set{} },
	"no reason":                         func(p *store.Plan) { p.Reason, p.Record.Reason, p.Delivery.Reason = 0, 0, 0 },
	"an unknown reason":                 func(p *store.Plan) { p.Reason, p.Record.Reason, p.Delivery.Reason = 4, 4, 4 },
	"no chat":                           func(p *store.Plan) { p.Chat, p.Record.ChatID, p.Delivery.ChatID = uuid.Nil, uuid.Nil, uuid.Nil },
	"no line":                           func(p *store.Plan) { onLine(p, recipients.Handle{}) },
	"an address for a line":             func(p *store.Plan) { onLine(p, recipients.MustParse("line@example.com")) },
	"a recipient for a line":            func(p *store.Plan) { p.Set = people(number); p.Delivery.To = p.Set },
	"a negative limit":                  func(p *store.Plan) { p.NewChatLimit = -1 },
	"no message":                        func(p *store.Plan) { p.Record.MessageID, p.Delivery.MessageID = uuid.Nil, uuid.Nil },
	"a record of another chat":          func(p *store.Plan) { p.Record.ChatID = uuid.UUID{9} },
	"a record of another line":          func(p *store.Plan) { p.Record.Line = recipients.MustParse("+12025550162") },
	"a record of another reason":        func(p *store.Plan) { p.Record.Reason = 1 + p.Record.Reason%3 },
	"a record of another previous chat": func(p *store.Plan) { p.Record.PreviousChatID = uuid.UUID{9} },
	"a record of another time":          func(p *store.Plan) { p.Record.At = p.At.Add(-1) },
	"a record that is over at once":     func(p *store.Plan) { p.Record.KeepUntil = p.At.Add(-1) },
	"a record that is kept too long":    func(p *store.Plan) { p.Record.KeepUntil = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) },
	"a time before messages":            func(p *store.Plan) { p.At = time.Unix(-1, 0); p.Record.At = p.At },
	"no time":                           func(p *store.Plan) { p.At, p.Record.At = time.Time{}, time.Time{} },
	"a delivery of another message":     func(p *store.Plan) { p.Delivery.MessageID = uuid.UUID{9} },
	"a delivery of another chat":        func(p *store.Plan) { p.Delivery.ChatID = uuid.UUID{9} },
	"a delivery from another line":      func(p *store.Plan) { p.Delivery.From = recipients.MustParse("+12025550162") },
	"a delivery to others":              func(p *store.Plan) { p.Delivery.To = people(recipients.MustParse("+442079460146")) },
	"a delivery for another reason":     func(p *store.Plan) { p.Delivery.Reason = 1 + p.Delivery.Reason%3 },
	"a key that is too long":            func(p *store.Plan) { p.Record.Key = strings.Repeat("k", store.MaxKey+1) },
	"a key that no engine keeps":        func(p *store.Plan) { p.Record.Key = "a\x00" },
	"a note that no engine keeps":       func(p *store.Plan) { p.Record.Notes = []string{"\xff", "fine"} },
	"a file name that no engine keeps":  func(p *store.Plan) { p.Record.Attachments[0].Filename = "\x00" },
	"a MIME type that no engine keeps":  func(p *store.Plan) { p.Record.Attachments[0].MimeType = "\x00" },
	"a URL that no engine keeps":        func(p *store.Plan) { p.Record.Attachments[0].URL = "\x00" },
	"a successor of itself": func(p *store.Plan) {
		p.Reason, p.Record.Reason, p.Delivery.Reason = store.FailoverFlagged, store.FailoverFlagged, store.FailoverFlagged
		p.Abandoned, p.Record.PreviousChatID = p.Chat, p.Chat
	},
	"an abandoned chat that does not go with the reason": func(p *store.Plan) {
		p.Abandoned = uuid.UUID{2}
		if p.Reason == store.FailoverFlagged {
			p.Abandoned = uuid.Nil
		}
		p.Record.PreviousChatID = p.Abandoned
	},
}

func onLine(p *store.Plan, h recipients.Handle) { p.Line, p.Record.Line, p.Delivery.From = h, h, h }

// A plan is fine with and without a delivery until one thing in it is wrong,
// whatever that is.
func TestPlans(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyPlan(t)
		require.NoError(t, p.Check())
		p.Delivery = nil
		require.NoError(t, p.Check())
	})
	for name, contradict := range contradictions {
		t.Run(name, rapid.MakeCheck(func(t *rapid.T) {
			p := anyPlan(t)
			contradict(&p)
			requireInvalid(t, p.Check(), name)
		}))
	}
}

// Reasons are the three texts of the API, and no others.
func TestReasons(t *testing.T) {
	for i, text := range []string{"reused_active_chat", "new_best_number", "failover_flagged"} {
		require.Equal(t, text, reasons[i].String())
		body, err := json.Marshal(reasons[i])
		require.NoError(t, err)
		require.Equal(t, `"`+text+`"`, string(body))
		var back store.Reason
		require.NoError(t, json.Unmarshal(body, &back))
		require.Equal(t, reasons[i], back)
	}
	known := map[string]bool{}
	for _, r := range reasons {
		known[r.String()] = true
	}
	for _, r := range []store.Reason{0, 4, 255} {
		require.False(t, known[r.String()])
		_, err := r.MarshalText()
		require.Error(t, err)
	}
	for _, text := range []string{"", "Reused_active_chat", "new", "reason(1)"} {
		back := store.NewBestNumber
		require.Error(t, back.UnmarshalText([]byte(text)))
		require.Equal(t, store.NewBestNumber, back, "an error changes nothing")
	}
}
