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

// anyPlan draws a valid plan with a delivery.
func anyPlan(t *rapid.T) store.Plan {
	set := people(rapid.SampledFrom([][]recipients.Handle{{ann}, {ann, mail}, {mail}}).Draw(t, "people")...)
	p := store.Plan{
		Tenant: "acme", Set: set,
		NewChatLimit: rapid.IntRange(0, 2).Draw(t, "limit"),
		Record: store.Record{
			Key: rapid.SampledFrom([]string{"", "k", strings.Repeat("é", store.MaxKey)}).Draw(t, "key"), MessageID: uuid.UUID{3},
			ChatID: uuid.UUID{1}, Line: number, Reason: rapid.SampledFrom(reasons).Draw(t, "reason"),
			At:        noon.In(time.FixedZone("east", 3600)), // the same time
			KeepUntil: noon.Add(rapid.SampledFrom([]time.Duration{0, 1, time.Hour}).Draw(t, "kept for")),
			Notes:     []string{"a.note"}, Attachments: []message.Media{{Filename: "a.png", MimeType: "image/png", URL: "https://example.com/a.png"}},
		},
		Content: []byte("{}"),
	}
	if p.Reason == store.FailoverFlagged {
		p.PreviousChatID = uuid.UUID{2}
	}
	return p
}

// contradictions are the possible faults of a plan.
var contradictions = map[string]func(*store.Plan){
	"no tenant":                        func(p *store.Plan) { p.Tenant = "" },
	"no recipients":                    func(p *store.Plan) { p.Set = recipients.Set{} },
	"no reason":                        func(p *store.Plan) { p.Reason = 0 },
	"an unknown reason":                func(p *store.Plan) { p.Reason = 4 },
	"no chat":                          func(p *store.Plan) { p.ChatID = uuid.Nil },
	"no line":                          func(p *store.Plan) { p.Line = recipients.Handle{} },
	"an address for a line":            func(p *store.Plan) { p.Line = recipients.MustParse("line@example.com") },
	"a recipient for a line":           func(p *store.Plan) { p.Set = people(number) },
	"a negative limit":                 func(p *store.Plan) { p.NewChatLimit = -1 },
	"no message":                       func(p *store.Plan) { p.MessageID = uuid.Nil },
	"a record that is over at once":    func(p *store.Plan) { p.KeepUntil = p.At.Add(-1) },
	"a record that is kept too long":   func(p *store.Plan) { p.KeepUntil = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) },
	"a time before messages":           func(p *store.Plan) { p.At = time.Unix(-1, 0) },
	"no time":                          func(p *store.Plan) { p.At = time.Time{} },
	"a key that is too long":           func(p *store.Plan) { p.Key = strings.Repeat("k", store.MaxKey+1) },
	"a key that no engine keeps":       func(p *store.Plan) { p.Key = "a\x00" },
	"a note that no engine keeps":      func(p *store.Plan) { p.Notes = []string{"\xff", "fine"} },
	"a file name that no engine keeps": func(p *store.Plan) { p.Attachments[0].Filename = "\x00" },
	"a MIME type that no engine keeps": func(p *store.Plan) { p.Attachments[0].MimeType = "\x00" },
	"a URL that no engine keeps":       func(p *store.Plan) { p.Attachments[0].URL = "\x00" },
	"a successor of itself": func(p *store.Plan) {
		p.Reason, p.PreviousChatID = store.FailoverFlagged, p.ChatID
	},
	"an abandoned chat that does not go with the reason": func(p *store.Plan) {
		p.PreviousChatID = uuid.UUID{2}
		if p.Reason == store.FailoverFlagged {
			p.PreviousChatID = uuid.Nil
		}
	},
}

// A plan is valid with and without a delivery, and invalid with any one fault.
func TestPlans(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyPlan(t)
		require.NoError(t, p.Check())
		d, wanted := p.Delivery()
		require.True(t, wanted)
		require.Equal(t, store.Delivery{MessageID: p.MessageID, ChatID: p.ChatID, From: p.Line, To: p.Set, Reason: p.Reason, Content: p.Content}, d)
		p.Content = nil
		require.NoError(t, p.Check())
		_, wanted = p.Delivery()
		require.False(t, wanted)
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
